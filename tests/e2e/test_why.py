"""`repartee why` as a person runs it, beside the product's own record of what was typed and spoken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import sound
from tests.e2e.cli import repartee

pytestmark = pytest.mark.real_time


def settings(folder: Path) -> None:
    (folder / "repartee.toml").write_text(f'[system]\ndata = "{folder / "data"}"\n')


def test_a_spoken_turn_is_told_word_by_word(tmp_path: Path) -> None:
    settings(tmp_path)
    sound.write(tmp_path / "said.wav", sound.utterance("turn on the kitchen lights")[0])
    heard = repartee("listen", "said.wav", "--json", "--pace", "realtime", folder=tmp_path).rows[0]
    done = repartee("why", folder=tmp_path)
    assert done.code == 0, done.err
    assert f"Turn {heard['turn']}" in done.out
    assert "of what this home can hear:" in done.out
    assert f'taken for: "{heard["transcript"]}"' in done.out
    assert f"so: {heard['intent']}" in done.out
    assert "confirmed by the home" in done.out
    assert "ms waiting in silence, for" in done.out or "ms the recogniser's last look" in done.out
    assert "Promises (moonshot)" in done.out
    told = repartee("why", heard["turn"][:8], "--json", "--profile", "luna", folder=tmp_path).rows[0]
    assert told["record"]["turn"] == heard["turn"]
    assert "Promises (luna)" in told["why"]


def test_what_was_not_understood_says_which_word(tmp_path: Path) -> None:
    settings(tmp_path)
    repartee("ask", "turn on the kitchen lights unless the frobnicator hums", folder=tmp_path)
    done = repartee("why", folder=tmp_path)
    assert done.code == 0, done.err
    assert "typed" in done.out
    assert "confirmed by the home" not in done.out, "a condition that nobody knows is not dropped"


@pytest.mark.parametrize(("turn", "said"), [((), "no turn was kept yet"), (("abc",), "no turn was kept yet")])
def test_nothing_kept_is_said(tmp_path: Path, turn: tuple[str, ...], said: str) -> None:
    settings(tmp_path)
    done = repartee("why", *turn, folder=tmp_path)
    assert done.code == 2
    assert said in done.err


def test_a_pin_is_told_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "repartee.toml").write_text(
        f'[system]\ndata = "{tmp_path / "data"}"\n[confirmation]\npin = "4711"\nask = ["lock.unlock"]\n'
    )
    repartee("ask", "unlock the front door with 4711", folder=tmp_path)
    done = repartee("why", "--json", folder=tmp_path)
    assert done.code == 0, done.err
    assert "4711" not in json.dumps(done.rows)
