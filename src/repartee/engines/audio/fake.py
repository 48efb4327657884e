"""Sound made up for tests: loud and quiet seconds at the pace of the (virtual) clock, and a sink that remembers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock

from .held import Held

BLOCK = 320


class Source:
    """`pattern`: (seconds, loud?) one after the other."""

    def __init__(self, *pattern: tuple[float, bool]) -> None:
        self._pattern = pattern
        self.clock = LiveClock(asyncio.get_running_loop().time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        loop = asyncio.get_running_loop()
        begin, position = loop.time(), 0
        for seconds, loud in self._pattern:
            for _ in range(round(seconds * SAMPLE_RATE / BLOCK)):
                chunk = AudioChunk(np.full(BLOCK, 3000 * loud, np.int16), SAMPLE_RATE, position / SAMPLE_RATE)
                position += BLOCK
                early = begin + chunk.end - loop.time()
                await asyncio.sleep(early)
                if early >= 0:  # as the file's source
                    self.clock.heard(chunk.end)
                yield chunk


class Sink:
    """A loudspeaker that takes the time the sound takes, and remembers it."""

    def __init__(self) -> None:
        self.played: list[AudioChunk] = []
        self.stopped = self.holds = 0
        self._free = 0.0
        self._held = Held()

    @property
    def seconds(self) -> float:
        return sum(chunk.seconds for chunk in self.played)

    async def play(self, chunk: AudioChunk) -> None:
        await self._held.over()
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + chunk.seconds
        self.played.append(chunk)
        await asyncio.sleep(max(0.0, self._free - now - 0.1))

    async def drain(self) -> None:
        time = asyncio.get_running_loop().time
        while self._held or self._free > time():
            await self._held.over()
            await asyncio.sleep(max(0.0, self._free - time()))

    def stop(self) -> None:
        self._free = 0.0
        self._held.end()
        self.stopped += 1

    def hold(self) -> None:
        self.holds += not self._held
        self._held.begin(asyncio.get_running_loop().time())

    def resume(self) -> None:
        self._free += self._held.end(asyncio.get_running_loop().time())
