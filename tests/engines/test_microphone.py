"""The machine's microphone, with a PortAudio that does what the test wants."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import EngineMissing
from repartee.engines.audio import microphone

BLOCK = microphone.BLOCK


class PortAudio:
    """Remembers the streams that were opened; `broken`: opening fails so many times."""

    class PortAudioError(Exception):
        pass

    def __init__(self, broken: int = 0) -> None:
        self.callbacks: list[Callable[[bytes], None]] = []
        self.closed = 0
        self.broken = broken

    def RawInputStream(self, *_: object, callback: Callable[[bytes], None], **__: object) -> PortAudio:  # noqa: N802
        if self.broken:
            self.broken -= 1
            raise self.PortAudioError("Invalid device")
        self.callbacks.append(callback)
        return self

    def start(self) -> None:
        """Sound comes when the test says."""

    def close(self) -> None:
        self.closed += 1


def source(monkeypatch: pytest.MonkeyPatch, audio: PortAudio) -> microphone.Source:
    monkeypatch.setattr(microphone, "_portaudio", lambda: audio)
    return microphone.Source()


def sound(number: int) -> bytes:
    return np.full(BLOCK, number, np.int16).tobytes()


def deliver(audio: PortAudio, number: int) -> None:
    audio.callbacks[-1](sound(number))


async def take(chunks: Any, count: int) -> list[tuple[int, float]]:
    got = [await anext(chunks) for _ in range(count)]
    return [(int(chunk.samples[0]), round(chunk.start * SAMPLE_RATE / BLOCK, 6)) for chunk in got]


async def test_sound_comes_as_it_was_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = PortAudio()
    ear = source(monkeypatch, audio)
    chunks: Any = aiter(ear)
    loop = asyncio.get_running_loop()
    for number in range(3):
        loop.call_later(0.02 * (number + 1), partial(deliver, audio, number))
    assert await take(chunks, 3) == [(0, 0), (1, 1), (2, 2)]
    assert ear.clock.now() == pytest.approx(0.06, abs=0.001)
    await chunks.aclose()
    assert audio.closed == 1


async def test_a_slow_listener_loses_the_oldest_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audio = PortAudio()
    ear = source(monkeypatch, audio)
    chunks: Any = aiter(ear)
    asyncio.get_running_loop().call_later(0.02, lambda: audio.callbacks[0](sound(0)))
    await take(chunks, 1)
    for number in range(600):
        audio.callbacks[0](sound(number))
    (first,) = await take(chunks, 1)
    assert first == (350, 351)
    for number in range(600):
        audio.callbacks[0](sound(number))
    await take(chunks, 2)
    assert ear.ring.lost > 350 * BLOCK
    assert len(caplog.records) == 1
    await chunks.aclose()


async def test_an_unplugged_device_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    audio = PortAudio()
    ear = source(monkeypatch, audio)
    chunks: Any = aiter(ear)
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, lambda: audio.callbacks[0](sound(1)))
    await take(chunks, 1)
    audio.broken = 2
    loop.call_later(9.0, lambda: audio.callbacks[1](sound(2)))
    assert await take(chunks, 1) == [(2, 1)]
    assert ear.unplugged >= 1
    assert "unplugged" in caplog.text
    assert ear.clock.stalls == 1
    await chunks.aclose()


async def test_no_device_at_all_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    ear = source(monkeypatch, PortAudio(broken=1))
    with pytest.raises(EngineMissing, match="repartee-voice\\[microphone\\]"):
        await anext(aiter(ear))
