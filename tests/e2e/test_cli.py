"""The command line as people use it: real processes, real engines, real sound."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from tests import sound
from tests.e2e.cli import repartee

LAMP = {
    "areas": [{"name": "Office"}],
    "entities": [
        {"name": "Kitchen Lights", "domain": "light", "state": "off"},
    ],
}


@pytest.fixture(scope="module")
def command() -> sound.Samples:
    return sound.utterance("turn on the kitchen lights")[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home.json"
    path.write_text(json.dumps(LAMP))
    return path


def test_recorded_speech_acts(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    file = sound.write(tmp_path / "command.wav", command)
    result = repartee("listen", file, "--home", home, "--json", folder=tmp_path)
    assert result.code == 0, result.err
    (row,) = result.rows
    assert row["file"] == str(file)
    assert row["transcript"].lower().startswith("turn on the kitchen light")
    assert (row["decision"], row["intent"], row["pace"]) == ("acted", "HassTurnOn", "fast")
    assert [(a["entity"], a["service"], a["confirmed"]) for a in row["actions"]] == [
        ("light.kitchen_lights", "light.turn_on", True)
    ]
    assert {span["stage"] for span in row["spans"]} == {"listen", "hear", "understand", "act", "speak"}
    assert row["engines"]["stt"] == "moonshine"
    documented = {
        "file",
        "turn",
        "transcript",
        "intent",
        "slots",
        "plan",
        "decision",
        "question",
        "question_id",
        "alternatives",
    }
    documented |= {"actions", "reply", "speech_end_s", "wait_class", "spans", "engines", "pace", "error"}
    assert documented <= row.keys()


@pytest.mark.parametrize(
    ("rate", "subtype", "suffix", "channels"),
    [
        (8000, "PCM_16", "wav", 1),
        (44100, "PCM_24", "wav", 2),
        (48000, "FLOAT", "wav", 2),
        (96000, "PCM_32", "wav", 1),
        (22050, "PCM_U8", "wav", 1),
        (16000, "PCM_16", "flac", 1),
        (44100, "VORBIS", "ogg", 2),
    ],
)
def test_every_kind_of_file_is_heard(
    tmp_path: Path, command: sound.Samples, rate: int, subtype: str, suffix: str, channels: int
) -> None:
    samples = soxr.resample(command.astype(np.float32) / 32768, 16_000, rate)
    file = tmp_path / f"command.{suffix}"
    sf.write(str(file), np.stack([samples] * channels, axis=1), rate, subtype)
    result = repartee("listen", file, "--json", folder=tmp_path)
    assert "kitchen" in result.rows[0]["transcript"].lower()


def test_what_can_not_be_heard_is_told_and_the_rest_is_done(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    good = sound.write(tmp_path / "good.wav", command)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "headless.wav").write_bytes(good.read_bytes()[:30])
    silent = sound.write(tmp_path / "silent.wav", sound.silence(2))
    names = ["none.wav", "empty.wav", "text.wav", "headless.wav", str(silent), str(good)]
    result = repartee("listen", *names, "--home", home, "--json", folder=tmp_path)
    assert result.code == 1
    rows = result.rows
    assert [row["file"] for row in rows] == names
    assert "no such file" in rows[0]["error"]
    assert "empty" in rows[1]["error"]
    assert "not a sound file" in rows[2]["error"]
    assert "headless.wav" in rows[3]["error"]
    assert (rows[4]["decision"], rows[4]["actions"]) == ("silence", [])
    assert rows[5]["decision"] == "acted"
    assert "Traceback" not in result.err


def test_ten_minutes_of_silence_are_listened_through(tmp_path: Path) -> None:
    samples = np.concatenate([sound.noisy(sound.silence(600)), sound.utterance("what time is it")[0]])
    (row,) = repartee("listen", sound.write(tmp_path / "long.wav", samples), "--json", folder=tmp_path).rows
    assert row["intent"] == "HassGetCurrentTime", row["transcript"]
    assert row["speech_end_s"] > 600


def test_a_file_that_breaks_off_gives_what_is_there(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    whole = sound.write(tmp_path / "whole.wav", command).read_bytes()
    (tmp_path / "broken.wav").write_bytes(whole[: int(len(whole) * 0.8)])
    (row,) = repartee("listen", "broken.wav", "--home", home, "--json", folder=tmp_path).rows
    assert "kitchen" in row["transcript"].lower()


def test_raw_sound_on_standard_input(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    half = soxr.resample(command, 16_000, 8000).astype("<i2").tobytes() + b"\x00"
    result = repartee("listen", "-", "--rate", "8000", "--home", home, "--json", folder=tmp_path, stdin=half)
    assert "kitchen" in result.rows[0]["transcript"].lower(), result.err
    assert repartee("listen", "-", "--rate", "3", folder=tmp_path).code == 1


def test_real_time_pace_measures_latency(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    file = sound.write(tmp_path / "command.wav", command)
    (row,) = repartee("listen", file, "--home", home, "--json", "--pace", "realtime", folder=tmp_path).rows
    assert row["pace"] == "realtime"
    listen = next(span for span in row["spans"] if span["stage"] == "listen")
    assert listen["start_ms"] == 0
    assert listen["end_ms"] > 100


def test_people_see_what_happened(tmp_path: Path, home: Path, command: sound.Samples) -> None:
    file = sound.write(tmp_path / "command.wav", command)
    result = repartee("listen", file, "--home", home, folder=tmp_path)
    assert "✓ light.kitchen_lights light.turn_on" in result.out
    assert "understand" in result.out
    assert "\x1b[" not in result.out


def test_a_typed_sentence(tmp_path: Path, home: Path) -> None:
    good = repartee("ask", "turn", "on", "the", "kitchen", "lights", "--home", home, "--json", folder=tmp_path)
    assert good.code == 0
    assert good.rows[0]["actions"][0]["confirmed"]
    assert repartee("ask", "colourless green ideas", "--home", home, folder=tmp_path).code == 1
    french = repartee("ask", "allume kitchen lights", "--home", home, "--language", "fr", "--json", folder=tmp_path)
    assert french.rows[0]["intent"] == "HassTurnOn"


def test_saying_writes_a_file_that_can_be_heard(tmp_path: Path) -> None:
    assert repartee("say", "what time is it", "-o", "out.wav", folder=tmp_path).code == 0
    (row,) = repartee("listen", "out.wav", "--json", folder=tmp_path).rows
    assert row["intent"] == "HassGetCurrentTime", row["transcript"]
    nowhere = repartee("say", "hello", "-o", "no/such/folder/out.wav", folder=tmp_path)
    assert (nowhere.code, "Traceback" in nowhere.err) == (2, False)


def test_the_home_and_the_engines_are_listed(tmp_path: Path, home: Path) -> None:
    rows = repartee("home", "--json", folder=tmp_path).rows
    assert len(rows) >= 40
    assert len({row["area"] for row in rows if row["area"]}) >= 8
    assert len({row["floor"] for row in rows if row["floor"]}) >= 2
    assert "Kitchen Lights" in repartee("home", "--home", home, folder=tmp_path).out
    engines = {
        (row["kind"], row["engine"]): row["installed"] for row in repartee("engines", "--json", folder=tmp_path).rows
    }
    assert engines["stt", "moonshine"]
    assert engines["tts", "espeak"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ask", "hello", "--home", "none.json"], "none.json"),
        (["ask", "hello", "--area", "Moon"], "Moon"),
        (["ask", "hello", "--language", "tlh"], "tlh"),
        (["ask", "hello", "--config", "none.toml"], "none.toml"),
        (["listen", "x.wav", "--stt", "magic"], "moonshine"),
        (["listen", "x.wav", "--pace", "slow"], "realtime"),
        (["listen"], "FILES"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_use_is_told_in_a_line(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    result = repartee(*arguments, folder=tmp_path)
    assert result.code == 2, result.err
    assert complaint.lower() in result.err.lower()
    assert "Traceback" not in result.err


def test_without_the_wheel_of_the_model_the_next_engine_serves(
    tmp_path: Path, home: Path, command: sound.Samples
) -> None:
    """A process in which `moonshine_voice` can't be found, as where the wheel is not installed."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nreal = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'moonshine_voice' else real(name, *a)\n"
    )
    absent = {"PYTHONPATH": str(tmp_path)}
    file = sound.write(tmp_path / "command.wav", command)
    (row,) = repartee("listen", file, "--home", home, "--json", folder=tmp_path, env=absent).rows
    assert row["engines"]["stt"] == "pocketsphinx"
    assert row["transcript"]
    alone = {**absent, "REPARTEE_BRAIN__STT_OTHERWISE": "[]"}
    result = repartee("listen", file, "--home", home, folder=tmp_path, env=alone)
    assert result.code == 2
    assert "moonshine-voice==0.1.0" in result.err
    assert "Traceback" not in result.err


def test_the_recorded_commands_of_a_person(tmp_path: Path, shared: Path) -> None:
    """Not how many are right (the bench counts that): each gives one turn, and none breaks."""
    folder = shared / "audio" / "home_commands"
    files = sorted(folder.glob("*.wav"))
    home = shared / "homes" / "recorded_40.json"
    result = repartee("listen", *files, "--home", home, "--area", "Living Room", "--json", folder=tmp_path)
    rows = result.rows
    assert {row["file"] for row in rows} == {str(file) for file in files}
    assert not [row["error"] for row in rows if row["error"]]
    assert sum(row["decision"] == "acted" for row in rows) >= 6
