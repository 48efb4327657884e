"""`repartee replay` as a person runs it: recorded turns decide the same with nothing changed, and otherwise with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import sound
from tests.e2e.cli import Result, repartee

pytestmark = pytest.mark.real_time
SPOKEN = ("turn on the kitchen lights", "set a timer for five minutes", "what time is it")
TYPED = ("turn off all the lights", "add milk to my shopping list", "frobnicate the gizmo", "set an alarm for seven")


def settings(folder: Path, more: str = "") -> None:
    (folder / "repartee.toml").write_text(
        f'[system]\ndata = "{folder / "data"}"\nrecord = true\n[home]\narea = "Kitchen"\n{more}'
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Turns by voice and by text, of several runs of the assistant."""
    folder = tmp_path_factory.mktemp("recorded")
    settings(folder)
    for number, text in enumerate(SPOKEN):
        sound.write(folder / f"{number}.wav", sound.utterance(text)[0])
    heard = repartee("listen", *(f"{n}.wav" for n in range(len(SPOKEN))), "--keep", "--json", folder=folder)
    assert [row["decision"] for row in heard.rows] == ["acted"] * len(SPOKEN), heard.out + heard.err
    for text in TYPED:
        repartee("ask", text, folder=folder)
    assert len(list((folder / "data" / "recorded").iterdir())) == len(SPOKEN) + len(TYPED)
    return folder


def replayed(folder: Path, *arguments: str) -> Result:
    return repartee("replay", "data/recorded", *arguments, folder=folder)


def test_with_nothing_changed_every_turn_decides_the_same(recorded: Path) -> None:
    done = replayed(recorded, "--compare")
    assert done.code == 0, done.out + done.err
    count = len(SPOKEN) + len(TYPED)
    assert done.out.strip() == f"{count} of {count} decide the same."


def test_other_settings_are_shown_in_what_they_change(recorded: Path) -> None:
    rows = {row["before"]["transcript"]: row for row in replayed(recorded, "--set", "home.area=Bedroom", "--json").rows}
    assert all(row["equal"] for row in rows.values()), "the place belongs to the conversation, not to the settings"
    done = replayed(recorded, "--set", "confirmation.ask=['light.turn_off']", "--json")
    assert done.code == 1
    other = [row for row in done.rows if not row["equal"]]
    assert [row["before"]["transcript"] for row in other] == ["turn off all the lights"]
    assert other[0]["differences"]["decision"] == ["acted", "asked"]


def test_another_recogniser_hears_the_sound_anew(recorded: Path) -> None:
    pytest.importorskip("pocketsphinx")
    done = replayed(recorded, "--stt", "pocketsphinx", "--json")
    anew = [row for row in done.rows if row["heard_anew"]]
    assert len(anew) == len(SPOKEN)
    assert all(row["times_ms"] for row in anew)


def test_one_turn_by_the_beginning_of_its_id(recorded: Path) -> None:
    (first, *_) = sorted((recorded / "data" / "recorded").iterdir())
    done = repartee("replay", first.name[:9], folder=recorded)
    assert done.code == 0, done.out + done.err
    assert f"{first.name} " in done.out
    assert "decides the same" in done.out
    assert "over then, ms" in done.out


def test_no_pin_is_recorded_and_nothing_where_nobody_asked(tmp_path: Path) -> None:
    settings(tmp_path, '[confirmation]\npin = "4711"\nask = ["lock.unlock"]\n')
    repartee("ask", "unlock the front door with 4711", folder=tmp_path)
    kept = [file.read_text("utf-8") for file in (tmp_path / "data").rglob("turn.json")]
    assert not any("4711" in text for text in kept)
    (tmp_path / "repartee.toml").write_text(f'[system]\ndata = "{tmp_path / "other"}"\n')
    repartee("ask", "turn on the kitchen lights", folder=tmp_path)
    assert not (tmp_path / "other" / "recorded").exists()


def test_they_are_shown_and_deleted_with_the_sound_that_is_kept(tmp_path: Path) -> None:
    settings(tmp_path)
    repartee("ask", "turn on the kitchen lights", folder=tmp_path)
    shown = repartee("data", "show", "--json", folder=tmp_path)
    assert "recorded" in shown.out or json.loads(shown.out), shown.err
    assert repartee("data", "delete", "--what", "sound", "--yes", folder=tmp_path).code == 0
    assert not list((tmp_path / "data" / "recorded").rglob("turn.json"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "no recorded turn begins with nothing"),
        (("empty",), "no recorded turn there"),
        (("odd", "--compare"), "not a recorded turn"),
        (("odd", "--set", "audio"), "give section.key=value"),
    ],
)
def test_bad_use_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    settings(tmp_path)
    (tmp_path / "odd").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd" / "turn.json").write_text("[1]")
    done = repartee("replay", *arguments, folder=tmp_path)
    assert done.code == 2, done.out
    assert said in done.err
