"""Who is heard and who is told that there is too much to do. On virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from repartee.core.audio import AudioChunk
from repartee.core.backlog import FEWEST, MOST, Backlog
from repartee.core.clock import LiveClock, TextClock
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.limiter import Overloaded
from repartee.core.ports import Cursor
from repartee.core.spans import Trace
from repartee.stages.hear import hear
from tests import sound


class SlowEar:
    """One person after the other, so many seconds each, as one model on one thread is."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._one = asyncio.Lock()

    async def warm(self) -> None:
        """Nothing to load."""

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        async for chunk in audio:
            end = chunk.end
        async with self._one:
            await asyncio.sleep(self._seconds)
        yield Hearing(Hypothesis("hello", 0.0), end=end, final=True)

    def close(self) -> None:
        """Nothing to give back."""


async def heard(ear: SlowEar, backlog: Backlog, after: float = 0.0) -> float:
    """Seconds waited for the words. Raises `Overloaded`."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(after)
    clock, begun = LiveClock(loop.time), loop.time() + 2.0
    spoken = sound.silence(2.0)

    async def audio() -> AsyncIterator[AudioChunk]:
        async for chunk in sound.stream(spoken):
            await asyncio.sleep(len(chunk.samples) / 16_000)
            yield chunk

    async for _ in hear(audio(), ear, None, Trace(clock), backlog):
        pass
    return loop.time() - begun


def backlog(limit: float = 1.0) -> Backlog:
    return Backlog(limit, asyncio.get_running_loop().time)


async def crowd(ear: SlowEar, line: Backlog, people: int, every: float) -> list[bool]:
    """Whether each of those who begin so far apart was heard."""
    told = await asyncio.gather(*(heard(ear, line, n * every) for n in range(people)), return_exceptions=True)
    assert all(isinstance(one, float | Overloaded) for one in told)
    return [isinstance(one, float) for one in told]


async def test_who_can_be_heard_is_heard() -> None:
    assert all(await crowd(SlowEar(0.3), backlog(), 40, 0.5))


async def test_beyond_that_some_are_refused_and_those_heard_do_not_wait_for_ever() -> None:
    line = backlog()
    told = await crowd(SlowEar(0.5), line, 120, 0.25)
    assert 0.3 < sum(told) / len(told) < 0.75, "about half can be heard"
    assert sum(told[60:]) > 20
    assert line.health.refused == told.count(False)
    assert line.room < MOST


async def test_afterwards_all_is_as_before() -> None:
    line = backlog()
    await crowd(SlowEar(0.5), line, 60, 0.1)
    assert all(await crowd(SlowEar(0.1), line, 10, 2.0))
    assert line.behind == 0.0
    assert line.health.under_way == 0


async def test_who_is_first_waits_for_the_model_and_nobody_is_refused_for_that() -> None:
    assert all(await crowd(SlowEar(6.0), backlog(), 2, 1.0))


async def test_a_limit_of_nothing_refuses_nobody() -> None:
    assert all(await crowd(SlowEar(0.5), backlog(0.0), 40, 0.1))


async def test_a_few_are_always_heard() -> None:
    line = backlog()
    line.room = FEWEST
    assert all(await crowd(SlowEar(0.9), line, 6, 3.0))


async def test_files_are_heard_at_any_pace() -> None:
    line = backlog()
    line.given("somebody")
    line.back("somebody")
    line.given("somebody else")
    await asyncio.sleep(5.0)

    async def audio() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(sound.silence(1.0), 16_000, 0.0)

    found = [h async for h in hear(audio(), SlowEar(0.1), None, Trace(TextClock()), line)]
    assert found[-1].final


async def test_a_late_event_loop_refuses_until_it_is_in_time_again() -> None:
    line = backlog()
    line.given("first")
    line.back("first")
    line.late = 0.5
    with pytest.raises(Overloaded):
        await heard(SlowEar(0.1), line)
    watching = asyncio.create_task(line.watch())
    await asyncio.sleep(0.3)
    assert line.late < 0.01
    await heard(SlowEar(0.1), line)
    watching.cancel()
