"""Recorded turns: written whole or not at all, gone by age and by size."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from repartee.assembly.recording import Recorder, read_turn, written
from repartee.assembly.settings import Settings, System
from repartee.core.conversation import Conversation
from repartee.core.errors import BadInput
from repartee.core.turn import Decision, TurnRecord
from tests.fakes.assistant import still_assistant

DAY = 86_400.0


def record_of(name: str, text: str = "turn on the lamp") -> TurnRecord:
    return TurnRecord(name, 1.7e9, text, Decision.ACTED, pace="text")


def turned(folder: Path, *records: TurnRecord, days: float = 7, now: float = 1.7e9, mb: float = 500) -> list[str]:
    """Names of those that are kept."""
    settings = Settings(system=System(data=folder, record=True, record_days=days, record_mb=mb))
    recorder, house = Recorder(folder, settings, lambda: now), still_assistant()
    for record in records:
        tap = recorder.tap(house.models.ear, house.backends)
        recorder.begun(tap, record.id, Conversation())
        recorder.finished(record)
    recorder.close()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_turn_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    assert turned(folder, record_of("a1")) == ["a1"]
    back = read_turn(folder / "a1")
    assert back.record == record_of("a1")
    assert back.home.entities == still_assistant().backend.home.entities
    assert back.states["light.lamp"].value == "off"
    assert back.typed


def test_silence_and_pins_leave_nothing(tmp_path: Path) -> None:
    silence = replace(record_of("a1"), decision=Decision.SILENCE)
    assert turned(tmp_path / "recorded", silence, record_of("a2", "unlock the door ••••")) == []


def test_the_old_and_the_too_many_go(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    turned(folder, record_of("a1"), record_of("a2"))
    for name, at in (("a1", 1.7e9 - 9 * DAY), ("a2", 1.7e9 - 5 * DAY)):
        os.utime(folder / name, (at, at))
    assert turned(folder, record_of("a3"), days=7) == ["a2", "a3"]
    assert turned(folder, record_of("a4"), mb=0.001) == []


def test_no_secret_is_written_down() -> None:
    settings = Settings.model_validate(
        {"system": {"token": "verysecrettoken"}, "confirmation": {"pin": "4711"},
         "home": {"mqtt": {"username": "me", "password": "env:X"}}}
    )  # fmt: skip
    text = str(written(settings))
    assert not any(secret in text for secret in ("verysecrettoken", "4711", "env:X"))
    assert Settings.model_validate(written(settings)).confirmation.policy.pin, "that there is one belongs to it"


@pytest.mark.parametrize("text", ["[1]", "{", '{"schema": 99}', '{"schema": 1}'])
def test_what_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "turn.json").write_text(text)
    with pytest.raises(BadInput):
        read_turn(tmp_path)
