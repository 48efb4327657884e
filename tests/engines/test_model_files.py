"""Models that are none: said in a line, never handed to a native library, and the next engine serves and is named."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pymicro_wakeword
import pytest

from repartee.assembly.engines import first_available, with_fallback
from repartee.assembly.settings import Audio, read_settings
from repartee.assembly.wake import waker
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.model_file import check_installed, check_model
from repartee.engines.fallback import Breakers, FallbackTranscriber
from repartee.engines.stt import moonshine
from repartee.engines.stt.moonshine.model import FILES
from repartee.engines.wake import microwakeword
from tests import sound

MODELS = Path(pymicro_wakeword.__file__).parent / "models"
Damage = Callable[[Path], None]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_bytes(b"<!doctype html>" * 1000)


def scrambled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[16:4000] = b"\xff" * (4000 - 16)
    path.write_bytes(data)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def gone(path: Path) -> None:
    path.unlink()


def unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


DAMAGES = [truncated, empty, text, scrambled, folder, gone, unreadable]
if sys.platform != "win32":
    DAMAGES.append(pipe)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("part", ["alexa.tflite", "alexa.json"])
def test_a_wake_word_that_is_no_model_is_said_and_the_process_lives(damage: Damage, part: str, tmp_path: Path) -> None:
    for name in ("alexa.json", "alexa.tflite"):
        shutil.copy(MODELS / name, tmp_path / name)
    damage(tmp_path / part)
    with pytest.raises(BadSettings, match=r"alexa\.json"):
        microwakeword.Engine([str(tmp_path / "alexa.json")])


@pytest.mark.parametrize("told", ["[]", "{}", '{"wake_word": 7, "model": "a", "micro": {}}', '{"micro": ' + "[" * 5000])
def test_a_description_that_is_none(told: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(told)
    with pytest.raises(BadSettings, match=r"mine\.json"):
        microwakeword.Engine([str(tmp_path / "mine.json")])


@pytest.fixture
def moonshine_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(moonshine.bundled_model(), tmp_path / "tiny-en"))


@pytest.mark.parametrize("damage", [empty, text, folder, gone, unreadable, *DAMAGES[7:]])
@pytest.mark.parametrize("part", FILES)
def test_a_recogniser_without_its_model_is_missing(damage: Damage, part: str, moonshine_folder: Path) -> None:
    damage(moonshine_folder / part)
    if part == "tokenizer.bin" and damage is text:
        return  # its form has no mark; what is in it shows when it is loaded
    with pytest.raises(EngineMissing, match=part):
        moonshine.Engine(model=moonshine_folder)


def test_the_next_engine_serves_and_that_is_told_without_being_asked(
    moonshine_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty(moonshine_folder / "encoder_model.ort")
    name, _ = first_available("stt", ["moonshine", "fake"], model=moonshine_folder)
    assert name == "fake"
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "encoder_model.ort has 0 bytes" in line
    assert "fake serves instead" in line


@pytest.mark.parametrize("part", FILES)
async def test_what_shows_only_when_it_is_loaded_is_the_next_ones_work_too(part: str, moonshine_folder: Path) -> None:
    truncated(moonshine_folder / part)
    _, engines = with_fallback("stt", ["moonshine", "fake"], Breakers(), model=moonshine_folder)
    ear = FallbackTranscriber(engines)
    hearings = [
        hearing async for hearing in ear.transcribe(sound.stream(sound.utterance("turn on the lights")[0]), None)
    ]
    assert hearings[-1].engine == "fake", "whose word it is"
    ear.close()


def test_a_package_whose_file_was_cut_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    check_installed("pymicro-wakeword", [MODELS / "alexa.tflite"], "microwakeword")
    whole = (MODELS / "alexa.tflite").stat()
    real = Path.stat

    def cut(path: Path, **more: bool) -> os.stat_result:
        told = real(path, **more)
        if path.name != "alexa.tflite":
            return told
        return os.stat_result((*told[:6], whole.st_size - 1, *told[7:10]))

    monkeypatch.setattr(Path, "stat", cut)
    with pytest.raises(EngineMissing, match="install pymicro-wakeword again"):
        check_installed("pymicro-wakeword", [MODELS / "alexa.tflite"], "microwakeword")


def test_a_device_is_no_model() -> None:
    with pytest.raises(EngineMissing, match="ordinary"):
        check_model(Path(os.devnull), "x", "y")


@pytest.mark.parametrize("word", ["/etc/passwd", "/etc/passwd.json", "/nowhere.json", "bananas", "alexa\ud800", ""])
def test_a_door_names_words_and_never_files(word: str) -> None:
    """Neither what is said nor how long it takes shows which files there are."""
    with pytest.raises(BadSettings) as refused:
        waker(Audio(), [word], Breakers())
    assert str(refused.value) == "no such wake word here; there are " + ", ".join(microwakeword.WORDS)


def test_a_model_that_a_person_has_written_down_is_a_word_for_doors_too(tmp_path: Path) -> None:
    for name in ("alexa.json", "alexa.tflite"):
        shutil.copy(MODELS / name, tmp_path / name)
    path = str(tmp_path / "alexa.json")
    settings = read_settings(None, {"audio": {"wake_words": [path]}})
    waker(settings.audio, [path], Breakers())
