"""`repartee doctor` as a person runs it: what is wrong is found, what is well is left alone, nothing private leaves."""

from __future__ import annotations

import asyncio
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from repartee.core.audio import SAMPLE_RATE
from tests import sound
from tests.e2e.cli import Result, repartee
from tests.fakes.assistant import fake_assistant
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
PLANTED = {
    "clipping", "sample_rate", "late_echo", "unavailable", "confusable_names", "without_area",
    "setting_wait_closed", "setting_stt_width", "setting_profiler", "stt_missing", "llm_fast", "slow_act",
    "readable", "server_away", "setting_wait_open",
}  # fmt: skip
"""Fifteen faults of one unlucky person."""
OF_THE_MACHINE = {"busy", "steal", "frequency", "swapping", "memory", "few_cores"}
"""May be true of the machine that runs the test."""
SETTINGS = """
[brain]
stt_width = 48
[audio]
wait_closed = 0.9
wait_open = 4
[contract]
profiler = 50
[system]
data = "data"
[llm.fast]
url = "http://127.0.0.1:9/v1"
"""
HOME = {
    "areas": [{"name": "Hall"}],
    "entities": [
        {"name": "Desk lamp", "domain": "light", "area": "Hall", "state": "unavailable"},
        {"name": "Bedroom light", "domain": "light", "state": "on"},
        {"name": "Bedrum light", "domain": "light", "state": "off"},
    ],
}


def telephone(folder: Path) -> tuple[Path, Path]:
    """A recording that is cut off and of 8 kHz, and what the loudspeaker played meanwhile, half a second before."""
    noise = sound.noisy(sound.silence(4.0), 4000.0)
    words = sound.utterance("turn on the bedroom light", 1.0, 1.5)[0]
    late = np.concatenate([sound.silence(0.4), noise])[: len(words)]
    narrow = soxr.resample((words + late) / 32768 * 4, SAMPLE_RATE, 8000)
    soundfile.write(str(folder / "mic.wav"), np.clip(narrow, -1, 1), 8000)
    return folder / "mic.wav", sound.write(folder / "played.wav", noise)


def slow_log(path: Path) -> None:
    row = {
        "decision": "acted", "wait_class": "closed", "pace": "realtime", "origin": "real", "engines": {},
        "measured": [],
        "spans": [], "answered_ms": 4000.0, "path": {"act": 3700.0, "speak": 300.0}, "failed": False,
    }  # fmt: skip
    lines = [json.dumps({**row, "turn": f"{n:012x}", "at": time.time() - n}) for n in range(12)]
    path.write_text("\n".join(lines))


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("doctor")
    (folder / "repartee.toml").write_text(SETTINGS)
    (folder / "home.json").write_text(json.dumps(HOME))
    (folder / "data").mkdir(mode=0o755)
    slow_log(folder / "data" / "performance.jsonl")
    (folder / "broken" / "moonshine_voice").mkdir(parents=True)
    (folder / "broken" / "moonshine_voice" / "__init__.py").write_text("raise ImportError('half installed')")
    recording, played = telephone(folder)
    path = os.pathsep.join(filter(None, (str(folder / "broken"), os.environ.get("PYTHONPATH"))))
    done = repartee(
        "doctor", "http://127.0.0.1:9/", "--home", "home.json", "--recording", recording, "--played", played,
        "--json", "--bundle", "report.zip", folder=folder, env={"PYTHONPATH": path},
    )  # fmt: skip
    return folder, done


def found(done: Result) -> list[dict[str, Any]]:
    return [finding for part in done.rows[0]["parts"] for finding in part["findings"]]


def test_fifteen_planted_faults_are_found(unlucky: tuple[Path, Result]) -> None:
    _, done = unlucky
    assert done.code == 1, done.err
    names = {finding["name"] for finding in found(done)}
    assert names >= PLANTED, PLANTED - names
    assert names - PLANTED <= OF_THE_MACHINE | {"slow_hearing", "microphone_hum"}
    assert all(finding["evidence"] and finding["cost"] and finding["advice"] for finding in found(done))


def test_the_bundle_holds_no_words_and_no_names(unlucky: tuple[Path, Result]) -> None:
    folder, _ = unlucky
    with zipfile.ZipFile(folder / "report.zip") as archive:
        assert set(archive.namelist()) == {"findings.json", "settings.json", "machine.json", "performance.jsonl"}
        told = "".join(archive.read(name).decode() for name in archive.namelist())
    for private in ("Bedroom", "Bedrum", "Desk", "kitchen", str(folder), "127.0.0.1"):
        assert private not in told
    assert "confusable_names" in told
    assert (folder / "report.zip").stat().st_mode & 0o077 == 0


def test_words_and_sound_go_in_when_they_are_asked_for(tmp_path: Path) -> None:
    assert repartee("ask", "turn on the kitchen lights", folder=tmp_path).code == 0
    recording = sound.write(tmp_path / "me.wav", sound.utterance("turn on the kitchen lights")[0])
    arguments = ("doctor", "--recording", recording, "--bundle", "all.zip", "--words", "--sound")
    repartee(*arguments, folder=tmp_path)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert b"turn on the kitchen lights" in archive.read("turns.jsonl")
        assert archive.read("recording.wav") == recording.read_bytes()


async def test_nothing_is_found_where_all_is_well(tmp_path: Path) -> None:
    recording = sound.write(tmp_path / "me.wav", sound.utterance("turn on the kitchen lights", 0.7, 0.7)[0])
    async with fake_assistant() as assistant, serving(assistant) as url:
        done = await asyncio.to_thread(
            repartee, "doctor", url, "--recording", recording, "--json", "--fix", folder=tmp_path
        )
    parts = {part["part"]: part for part in done.rows[0]["parts"]}
    assert set(parts) == {"microphone", "machine", "models", "home", "settings", "turns", "server"}
    assert {finding["name"] for finding in found(done)} <= OF_THE_MACHINE | {"slow_hearing", "jitter", "far_server"}
    assert "no performance log yet" in parts["turns"]["skipped"]
    assert done.code == int(bool(found(done)))


def test_what_can_not_be_looked_at_is_said(tmp_path: Path) -> None:
    done = repartee("doctor", "--home", "absent.json", folder=tmp_path)
    assert done.code == 1, done.err
    assert "absent.json" in done.out
    assert "change: " in done.out
    assert "microphone: " in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--recording", "absent.wav"), "absent.wav"), (("--bundle", "nowhere/out.zip"), "there is no folder nowhere")],
)
def test_bad_use_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = repartee("doctor", *arguments, folder=tmp_path)
    assert done.code == 2
    assert said in done.err
