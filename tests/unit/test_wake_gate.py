"""A microphone that a wake word opens, and a session behind it; on virtual time, with ears that go by loudness."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.core.conversation import Conversation
from repartee.core.ports import AudioSource
from repartee.core.turn import Decision
from repartee.engines.vad import fake as vad
from repartee.engines.wake import fake
from repartee.session import Ear, Session
from repartee.stages.audio_in.wake import SKIP, WakeDetector, WakeGate, WakeRules
from tests.house import House, spans

BLOCK = 320
WORD, SPEECH, QUIET = 5000, 3000, 0
WINDOW = 5.0


class Script:
    """(seconds, level) one after the other, at the pace of the loop."""

    def __init__(self, *pattern: tuple[float, int]) -> None:
        self._pattern = pattern
        self.clock = LiveClock(asyncio.get_running_loop().time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        loop, position = asyncio.get_running_loop(), 0
        begin = loop.time()
        for seconds, level in self._pattern:
            for _ in range(round(seconds * SAMPLE_RATE / BLOCK)):
                samples = np.full(BLOCK, level, np.int16)
                samples[::2] *= -1
                chunk = AudioChunk(samples, SAMPLE_RATE, position / SAMPLE_RATE)
                position += BLOCK
                await asyncio.sleep(begin + chunk.end - loop.time())
                self.clock.heard(chunk.end)
                yield chunk


def wake_gate(source: AudioSource, ear: fake.Engine | None = None) -> WakeGate:
    return WakeGate(source, WakeDetector(ear or fake.Engine(["alexa"]), None, WakeRules()), WINDOW)


async def passed(*pattern: tuple[float, int]) -> list[tuple[float, float]]:
    """Begin and end of each stretch that comes through."""
    found: list[tuple[float, float]] = []
    async for chunk in wake_gate(Script(*pattern)):
        if found and chunk.start == pytest.approx(found[-1][1]):
            found[-1] = (found[-1][0], chunk.end)
        else:
            found.append((chunk.start, chunk.end))
    return found


async def test_nothing_passes_before_the_word() -> None:
    assert await passed((1, QUIET), (3, SPEECH), (1, QUIET)) == []


async def test_the_word_opens_it_for_a_while() -> None:
    ((begin, end),) = await passed((1, QUIET), (0.02, WORD), (10, QUIET))
    assert begin == pytest.approx(1.02 + SKIP, abs=0.03)
    assert end == pytest.approx(1.02 + WINDOW, abs=0.03)


async def test_it_closes_again_and_opens_again() -> None:
    first, second = await passed((1, QUIET), (0.02, WORD), (8, QUIET), (0.02, WORD), (8, QUIET))
    assert second[0] - first[0] == pytest.approx(8.02, abs=0.03)


async def test_in_silence_nothing_is_looked_for() -> None:
    ear = fake.Engine(["alexa"])
    async for _ in wake_gate(Script((60, QUIET)), ear):
        pass
    assert ear.asked < SAMPLE_RATE


def session(house: House) -> Session:
    return Session(house.services, Ear(vad.Engine, wake=wake_gate), house.sink, Conversation(), house.records.append)


async def test_a_command_after_the_word_is_done_and_one_without_it_is_not() -> None:
    house = House("turn on the lamp")
    pattern = [
        (1, QUIET),
        (2, SPEECH),
        (2, QUIET),
        (0.02, WORD),
        (0.2, QUIET),
        (1.5, SPEECH),
        (9, QUIET),
        (2, SPEECH),
        (2, QUIET),
    ]
    records = [record async for record in session(house).listen(Script(*pattern))]
    assert [record.decision for record in records] == [Decision.ACTED]
    assert records[0].speech_end == pytest.approx(6.7, abs=0.1)
    assert spans(records[0])["wake_word"].start == pytest.approx(5.02, abs=0.03)
    assert house.state("light.lamp") == "on"


async def test_word_and_command_in_one_breath() -> None:
    house = House("turn on the lamp")
    records = [r async for r in session(house).listen(Script((1, QUIET), (0.02, WORD), (1.5, SPEECH), (9, QUIET)))]
    assert [record.decision for record in records] == [Decision.ACTED]


async def test_a_word_with_nothing_after_it_is_forgotten() -> None:
    house = House("turn on the lamp")
    pattern = [(1, QUIET), (0.02, WORD), (8, QUIET), (2, SPEECH), (2, QUIET)]
    records = [r async for r in session(house).listen(Script(*pattern))]
    assert [record.decision for record in records] == [Decision.SILENCE]
    assert house.state("light.lamp") == "off"
