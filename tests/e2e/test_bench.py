"""`repartee bench` as a person runs it: bounded, honest about what it can't tell, and comparable with itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repartee.proof.gate import Answer
from repartee.proof.recordings import recorded
from tests import sound
from tests.e2e.cli import Result, repartee

pytestmark = pytest.mark.real_time
NOWHERE = {"REPARTEE_SHARED": "/nowhere"}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Twelve seconds, on speech that the product makes itself."""
    folder = tmp_path_factory.mktemp("bench")
    arguments = ("bench", "--profile", "luna", "--seconds", "12", "-o", "out", "--json")
    return folder, repartee(*arguments, folder=folder, env=NOWHERE)


def test_it_measures_judges_and_reports(measured: tuple[Path, Result]) -> None:
    folder, done = measured
    assert done.code in (1, 3), done.err
    result = done.rows[0]
    assert result["seconds"] < 40
    assert result["machine"]
    assert 0 <= result["others_cpu_percent"] <= 100
    figures = {row["metric"] for row in result["figures"]}
    assert {"understanding", "stt_five_seconds", "tts_first_audio", "turn_first_audio", "span_cost"} <= figures
    verdicts = {row["budget"]: row for row in result["verdicts"]}
    assert verdicts["gain_pattern_set.value"]["outcome"] == "not measured"
    assert verdicts["gain_pattern_set.value"]["reason"] == "repartee bench --gains"
    assert verdicts["memory_stt.max"]["figure"] > 10, "MB of a model, measured while it was loaded"
    assert json.loads((folder / "out" / "baseline-luna.json").read_text()) == result
    report = (folder / "out" / "baseline-luna.md").read_text()
    assert "is the bottleneck" in report
    page = (folder / "out" / "baseline-luna.html").read_text()
    assert page.count("Plotly.newPlot") == 2


def test_made_up_speech_keeps_no_budget(measured: tuple[Path, Result]) -> None:
    result = measured[1].rows[0]
    turns = [row for row in result["figures"] if row["metric"].startswith("turn_")]
    assert turns
    assert {row["origin"] for row in turns} == {"synthetic"}
    spoken = {"turn_answered", "acting", "understanding", "stt_five_seconds"}
    outcomes = {v["outcome"] for v in result["verdicts"] if v["metric"] in spoken}
    assert "kept" not in outcomes


def test_cold_and_warm_stand_apart(measured: tuple[Path, Result]) -> None:
    rows = [row for row in measured[1].rows[0]["figures"] if row["metric"] == "stt_five_seconds"]
    assert [row["warm"] for row in rows] == [False, True]
    assert rows[0]["n"] == 1


def compared(folder: Path, change: float) -> Result:
    """Against the earlier result, as if the stages had taken `change` times as long then."""
    old = json.loads((folder / "out" / "baseline-luna.json").read_text())
    for row in old["figures"]:
        row["cpu"] = [value * change for value in row["cpu"]]
    path = folder / f"old-{change}.json"
    path.write_text(json.dumps(old))
    arguments = ("bench", "--seconds", "5", "--no-turns", "--compare", path)
    return repartee(*arguments, folder=folder, env=NOWHERE)


def test_what_became_slower_fails(measured: tuple[Path, Result]) -> None:
    slower = compared(measured[0], 0.4)
    assert slower.code == 1, slower.out + slower.err
    assert Answer.SLOWER in slower.out
    assert "The machine itself takes" in slower.out


def test_what_became_faster_is_no_failure(measured: tuple[Path, Result]) -> None:
    faster = compared(measured[0], 4.0)
    assert faster.code in (0, 3), faster.out + faster.err
    assert f"{Answer.SLOWER}: " not in faster.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "sunshine"), "choose one of moonshot"),
        (("--compare", "absent.json"), "absent.json: No such file"),
        (("--compare", "odd.json"), "not a file that `repartee bench` wrote"),
        (("--compare", "old.json"), "its schema is 0"),
        (("--recordings", "."), "no recordings"),
        (("--seconds", "0"), "greater than or equal to 1"),
    ],
)
def test_bad_use_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "odd.json").write_text("[1, 2]")
    (tmp_path / "old.json").write_text('{"schema": 0}')
    done = repartee("bench", *arguments, folder=tmp_path)
    assert done.code == 2
    assert said in done.err


def test_a_manifest_says_what_recordings_are(tmp_path: Path) -> None:
    sound.write(tmp_path / "a.wav", sound.silence(0.1))
    assert recorded(tmp_path).origin == "real"
    row: dict[str, Any] = {"file": "a.wav", "kind": "synthetic"}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    assert recorded(tmp_path).origin == "synthetic"
