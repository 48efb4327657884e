"""What is wrong with a microphone is counted, and said once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.stages.audio_in.microphone_check import CheckedSource, faults
from tests import sound

TIME = np.arange(SAMPLE_RATE) / SAMPLE_RATE


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        (sound.noisy(sound.silence(1)), []),
        (sound.silence(1), ["mute"]),
        (sound.noisy(sound.silence(1)) + np.int16(3000), ["offset"]),
        ((800 * np.sin(2 * np.pi * 50 * TIME)).astype(np.int16), ["hum"]),
        ((800 * np.sin(2 * np.pi * 60 * TIME + 1)).astype(np.int16), ["hum"]),
        ((8000 * np.sin(2 * np.pi * 200 * TIME)).astype(np.int16), []),
        (np.clip(60_000 * np.sin(2 * np.pi * 200 * TIME), -32767, 32767).astype(np.int16), ["clipped"]),
    ],
)
def test_a_second_of_sound(second: sound.Samples, wrong: list[str]) -> None:
    assert faults(second) == wrong


def test_speech_is_nothing_wrong() -> None:
    words = np.concatenate([sound.spoken("turn on the kitchen lights"), sound.silence(1)])[:SAMPLE_RATE]
    assert faults(words) == []


async def test_faults_are_counted_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    class Bad:
        clock = LiveClock()

        async def __aiter__(self) -> AsyncIterator[AudioChunk]:
            for number in range(250):
                start = number * 0.02 + 3.0 * (number >= 100) + 3.0 * (number >= 200)
                yield AudioChunk(np.full(320, 5000 + number % 2, np.int16), SAMPLE_RATE, start)

    checked = CheckedSource(Bad())
    assert len([chunk async for chunk in checked]) == 250
    assert checked.faults == {"offset": 5, "hole": 2}
    assert len(caplog.records) == 2
