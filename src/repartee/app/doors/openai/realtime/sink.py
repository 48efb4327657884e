"""The loudspeaker of one client: sound goes out a little ahead of the pace of life, so that silence is near."""

from __future__ import annotations

import asyncio
import time as _time
from collections.abc import Callable

import numpy as np
import soxr

from repartee.core.audio import AudioChunk
from repartee.core.clock import Time

from .events import RATE

AHEAD = 0.3
"""Seconds of sound that are sent before they are due."""


class Sink:
    def __init__(self, sounds: Callable[[bytes], None], time: Time = _time.perf_counter) -> None:
        self._sounds, self._time = sounds, time
        self._until = 0.0
        self._rate = 0
        self._resampler: soxr.ResampleStream | None = None
        self._free = asyncio.Event()
        self._free.set()

    async def play(self, chunk: AudioChunk) -> None:
        await self._free.wait()
        if self._rate != chunk.rate:
            self._rate = chunk.rate
            self._resampler = soxr.ResampleStream(chunk.rate, RATE, 1, "int16") if chunk.rate != RATE else None
        samples = self._resampler.resample_chunk(chunk.samples) if self._resampler else chunk.samples
        if len(samples):
            self._sounds(np.asarray(samples).astype("<i2", copy=False).tobytes())
        now = self._time()
        self._until = max(self._until, now) + chunk.seconds
        await asyncio.sleep(max(0.0, self._until - now - AHEAD))

    async def drain(self) -> None:
        if self._resampler:
            rest = self._resampler.resample_chunk(np.zeros(0, np.int16), last=True)
            if len(rest):
                self._sounds(np.asarray(rest).astype("<i2", copy=False).tobytes())
        self._rate, self._resampler = 0, None
        await asyncio.sleep(max(0.0, self._until - self._time()))

    def stop(self) -> None:
        """The client empties its own buffer when it is told that somebody speaks."""
        self._rate, self._resampler, self._until = 0, None, 0.0
        self._free.set()

    def hold(self) -> None:
        self._free.clear()

    def resume(self) -> None:
        self._free.set()
