"""Files and words on the command line at their worst: one clear line and exit code 2, or it works. No traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import deep

from .cli import COMMAND, repartee

ONE = '{{"entities": [{{"name": "x", "domain": "light", "attributes": {{"brightness": {0}}}}}]}}'
HOMES = [
    ONE.format("NaN"), ONE.format("1e999"), ONE.format('"\\ud800"'), "9" * 5000, deep(100_000), '{"a": ' * 2000,
    "", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", HOMES, ids=range(len(HOMES)))
def test_a_home_that_can_not_be_said_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text(text)
    result = repartee("home", "--home", "home.json", folder=tmp_path)
    assert result.code == 2
    assert "home.json" in result.err
    assert "Traceback" not in result.err
    assert len(result.err.strip().splitlines()) <= 2


@pytest.mark.parametrize(
    "text", ["[audio]\nthreshold = nan\n", "[system]\nretention_days = inf\n", "a = " + deep(5000)]
)
def test_settings_that_can_not_be_are_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "repartee.toml").write_text(text)
    result = repartee("ask", "turn on the lights", folder=tmp_path)
    assert result.code == 2
    assert "repartee.toml" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("option", ["--home", "--config"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "gone", "latin"])
def test_a_file_that_is_none_is_one_line(option: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "latin":
        path.write_bytes(b"[brain]\nlanguage = '\xe9'\n")
    result = repartee("ask", "hello", option, path, folder=tmp_path)
    assert result.code == 2
    assert str(path) in result.err
    assert "Traceback" not in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
@pytest.mark.parametrize("words", [b"turn on \xff\xfe the lights", b"\xed\xa0\x80", b"turn on the light " * 4000])
def test_words_in_no_encoding_are_answered(words: bytes, tmp_path: Path) -> None:
    own = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(  # noqa: S603  # our own command
        [os.fsencode(COMMAND), b"ask", b"--json", words], capture_output=True, timeout=120, env={**os.environ, **own},
        check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert json.loads(done.stdout.decode())["decision"]


def test_a_terminal_without_our_letters_is_no_traceback(tmp_path: Path) -> None:
    result = repartee("ask", "turn on the café", folder=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert "Traceback" not in result.err
    assert "caf?" in result.out


@pytest.mark.parametrize("damage", ["cut", "empty", "pipe"])
def test_a_wake_word_that_is_no_model_ends_with_one_line(damage: str, tmp_path: Path) -> None:
    import pymicro_wakeword

    models = Path(pymicro_wakeword.__file__).parent / "models"
    (tmp_path / "alexa.json").write_bytes((models / "alexa.json").read_bytes())
    network = tmp_path / "alexa.tflite"
    if damage == "pipe":
        os.mkfifo(network)
    else:
        network.write_bytes((models / "alexa.tflite").read_bytes()[: 30_000 if damage == "cut" else 0])
    (tmp_path / "a.wav").write_bytes(b"")
    result = repartee("wake", "a.wav", "--words", tmp_path / "alexa.json", folder=tmp_path)
    assert result.code == 2
    assert "alexa.json: not a microWakeWord model" in result.err
    assert "Traceback" not in result.err


def test_a_recogniser_without_its_model_is_told_without_being_asked(tmp_path: Path) -> None:
    """And the next one serves."""
    (tmp_path / "model").mkdir()
    (tmp_path / "repartee.toml").write_text('[brain]\nstt_model = "model"\nstt_otherwise = ["fake"]\n')
    result = repartee("ask", "turn on the kitchen lights", "--json", folder=tmp_path)
    assert "model has no encoder_model.ort" in result.err
    assert "fake serves instead" in result.err
    assert result.rows[0]["engines"]["stt"] == "fake"
