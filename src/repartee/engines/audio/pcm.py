"""Raw sound from a stream, such as standard input: mono, 16 bit, little-endian."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO

import numpy as np
import soxr

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock, FastClock, LiveClock
from repartee.core.errors import BadAudio
from repartee.core.worker import Worker

from .format import HIGHEST, LOWEST, pcm16

BLOCK = 0.02
"""Seconds."""


class Source:
    """Iterate once. An odd byte at the end is dropped. `realtime`: never faster than the sound would play."""

    def __init__(self, stream: BinaryIO, rate: int = SAMPLE_RATE, *, realtime: bool = False) -> None:
        if not LOWEST <= rate <= HIGHEST:
            raise BadAudio(f"--rate {rate}: give the sample rate in Hz, between {LOWEST} and {HIGHEST}")
        self._stream, self._rate, self._realtime = stream, rate, realtime
        time = asyncio.get_running_loop().time
        self.clock: Clock = LiveClock(time) if realtime else FastClock(time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        reader = Worker("pcm")
        resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="float32")
        loop, begin, position = asyncio.get_running_loop(), None, 0
        size, left = max(1, int(self._rate * BLOCK)) * 2, b""
        try:
            while data := left + await reader.run(self._stream.read, size):
                left = data[len(data) // 2 * 2 :]
                if len(data) < 2:
                    break
                sound = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768.0
                samples = pcm16(resampler.resample_chunk(sound))
                chunk = AudioChunk(samples, SAMPLE_RATE, position / SAMPLE_RATE)
                position += len(samples)
                begin = loop.time() - chunk.seconds if begin is None else begin
                early = begin + chunk.end - loop.time() if self._realtime else 0
                await asyncio.sleep(early)
                if early >= 0:  # else the sound was there and we came late: that is latency, no stall of the sound
                    self.clock.heard(chunk.end)
                yield chunk
        finally:
            reader.close()
