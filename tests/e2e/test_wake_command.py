"""`repartee wake` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from repartee.app.cli import app
from repartee.core.errors import BadInput, BadSettings
from tests import sound


def wake(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["wake", *map(str, arguments)])


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_a_file(shared: Path) -> None:
    folder = shared / "audio" / "wake_mixed"
    files = [folder / "alexa_pm_1.wav", folder / "okay_nabu_wo.wav", folder / "snowboy_wo.wav"]
    alexa, nabu, nothing = rows(wake(*files, "--json"))
    assert alexa["file"] == str(files[0])
    assert [hit["word"] for hit in alexa["detections"]] == ["alexa"]
    assert alexa["detections"][0]["confirmed"]
    assert 0.5 < alexa["detections"][0]["time_s"] < 2.0
    assert alexa["detections"][0]["score"] > 0.5
    assert [hit["word"] for hit in nabu["detections"]] == ["okay nabu"]
    assert nothing["detections"] == []


@pytest.mark.parametrize("words", ["okay nabu", "okay_nabu,hey jarvis"])
def test_only_the_words_asked_for(shared: Path, words: str) -> None:
    (row,) = rows(wake(shared / "audio" / "wake_mixed" / "alexa_pm_1.wav", "--json", "--words", words))
    assert row["detections"] == []


def test_what_is_wrong_is_said_and_the_others_are_heard(shared: Path, tmp_path: Path) -> None:
    empty, good = tmp_path / "empty.wav", shared / "audio" / "wake_mixed" / "alexa_pm_1.wav"
    empty.write_bytes(b"")
    result = wake(empty, good, "--json")
    assert result.exit_code == 1
    bad, fine = rows(result)
    assert "empty file" in bad["error"]
    assert fine["detections"]


def test_bad_use_is_explained(shared: Path, tmp_path: Path) -> None:
    assert wake().exit_code == 2
    good = shared / "audio" / "wake_mixed" / "alexa_pm_1.wav"
    assert isinstance(wake(good, "--words", "bananas").exception, BadSettings)
    assert isinstance(wake("--evaluate", tmp_path).exception, BadInput)
    (tmp_path / "manifest.jsonl").write_text("[]\n")
    assert isinstance(wake("--evaluate", tmp_path).exception, BadInput)


def test_evaluate_counts_misses_and_false_accepts(shared: Path, tmp_path: Path) -> None:
    """Three files whose manifest says what they are, and one whose manifest is wrong twice."""
    folder = shared / "audio" / "wake_mixed"
    (tmp_path / "a").mkdir()
    lines = [
        {"file": str(folder / "alexa_pm_1.wav"), "wake_word": "alexa"},
        {"file": str(folder / "snowboy_wo.wav"), "wake_word": "snowboy"},
        {"file": "quiet.wav"},
        {"file": str(folder / "okay_nabu_wo.wav"), "wake_word": "hey jarvis"},
    ]
    sound.write(tmp_path / "a" / "quiet.wav", sound.silence(2))
    (tmp_path / "a" / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (row,) = rows(wake("--evaluate", tmp_path, "--json"))
    assert (row["files"], row["said"], row["missed"], row["false_accepts"]) == (4, 2, 1, 1)
    assert row["miss_rate_percent"] == 50
    assert row["missed_files"] == [str(folder / "okay_nabu_wo.wav")]
    assert row["false_files"][0]["word"] == "okay nabu"
    assert row["hours"] > 2 / 3600
    assert row["false_per_hour_upper_95"] == pytest.approx(4.74 / row["hours"], rel=0.1)
