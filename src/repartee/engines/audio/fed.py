"""Sound that a program sends as fast as it likes, in whatever PCM it has: it is made to wait, nothing is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.clock import Clock, FastClock
from repartee.core.errors import BadAudio

from .format import HIGHEST, LOWEST, Mixer, pcm16

STEP = SAMPLE_RATE // 50
"""Samples of the chunks handed on: 20 ms."""
WAITING = 100
"""Chunks that may wait: 2 s; then the sender does."""
WIDTHS = (1, 2, 3, 4)
MOST_CHANNELS = 16


@dataclass(frozen=True, slots=True)
class Pcm:
    """How samples are written: little-endian, signed but for 8 bits."""

    rate: int = SAMPLE_RATE
    """Hz."""
    width: int = 2
    """Bytes of a sample."""
    channels: int = 1

    def __post_init__(self) -> None:
        if not LOWEST <= self.rate <= HIGHEST:
            raise BadAudio(f"a rate of {self.rate} Hz is not possible; it lies between {LOWEST} and {HIGHEST}")
        if self.width not in WIDTHS or not 1 <= self.channels <= MOST_CHANNELS:
            raise BadAudio(f"samples of {self.width} bytes in {self.channels} channels are not possible")

    def sound(self, data: bytes) -> NDArray[np.float32]:
        """Whole frames, full scale ±1: shape (n,) or (n, channels)."""
        frame = self.width * self.channels
        raw = np.frombuffer(data, np.uint8, len(data) // frame * frame)
        match self.width:
            case 1:
                sound = (raw.astype(np.float32) - 128.0) / 128.0
            case 2:
                sound = raw.view("<i2").astype(np.float32) / 32768.0
            case 3:
                padded = np.zeros((len(raw) // 3, 4), np.uint8)
                padded[:, 1:] = raw.reshape(-1, 3)
                sound = padded.view("<i4").reshape(-1).astype(np.float32) / 2147483648.0
            case _:
                sound = raw.view("<i4").astype(np.float32) / 2147483648.0
        return sound.reshape(-1, self.channels) if self.channels > 1 else sound


class Source:
    """One stream. `feed` waits while whoever listens has not caught up."""

    def __init__(self, form: Pcm | None = None) -> None:
        self.clock: Clock = FastClock(asyncio.get_running_loop().time)
        self._form = form or Pcm()
        self._chunks: Channel[AudioChunk] = Channel(WAITING)
        self._mixer, self._left, self._position = Mixer(), b"", 0
        rate = self._form.rate
        self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, "float32") if rate != SAMPLE_RATE else None

    async def feed(self, data: bytes) -> None:
        frame = self._form.width * self._form.channels
        data = self._left + data
        whole = len(data) // frame * frame
        self._left = data[whole:]
        await self._send(self._form.sound(data[:whole]))

    async def end(self) -> None:
        """That was all."""
        if self._resampler and not self._chunks.closed:
            await self._send(np.empty(0, np.float32), last=True)
        self._chunks.close()

    def abandon(self) -> None:
        """Nobody listens any more: what is fed from now on is nobody's."""
        self._chunks.clear()
        self._chunks.close()

    @property
    def abandoned(self) -> bool:
        return self._chunks.closed

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._chunks:
            self.clock.heard(chunk.end)
            yield chunk

    async def _send(self, sound: NDArray[np.float32], last: bool = False) -> None:
        mono = self._mixer.mono(sound, max(1, len(sound)) / self._form.rate)
        samples = pcm16(self._resampler.resample_chunk(mono, last=last) if self._resampler else mono)
        for chunk in _steps(samples):
            await self._chunks.send(AudioChunk(chunk, SAMPLE_RATE, self._position / SAMPLE_RATE))
            self._position += len(chunk)


def _steps(samples: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
    for at in range(0, len(samples), STEP):
        yield samples[at : at + STEP]
