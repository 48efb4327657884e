"""A room with a loudspeaker, a microphone and people, on any loop's time: what is played comes back after a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.engines.audio.held import Held

BLOCK = 320
AHEAD = 0.1
"""Seconds of sound between us and the loudspeaker."""
Sound = NDArray[np.float64]


def response(delay: float, level: float, decay: float, seed: int) -> Sound:
    """What the room makes of a click: after `delay` (s) its direct sound, then noise, 60 dB softer after `decay` (s).

    `level`: dB of the echo beside what is played.
    """
    count = int(decay * SAMPLE_RATE)
    tail = np.random.default_rng(seed).normal(0, 0.25, count) * 10 ** (-3 * np.arange(count) / count)
    tail[0] = 3.0
    tail *= 10 ** (level / 20) / np.sqrt((tail * tail).sum())
    return np.concatenate([np.zeros(int(delay * SAMPLE_RATE)), tail])


class Room:
    """Source and sink in one. `person` is mixed in at the time it is for; it may be written while time passes."""

    def __init__(self, response: Sound, seconds: float, noise: float = 20.0, seed: int = 0) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin = self._loop.time()
        self.clock = LiveClock(self._loop.time)
        self._response, self._count = response, int(seconds * SAMPLE_RATE) // BLOCK
        self._played = np.zeros(int((seconds + 60) * SAMPLE_RATE), np.float32)
        self.person = np.zeros_like(self._played)
        self._until = 0
        self._resampler: soxr.ResampleStream | None = None
        self._size = 1 << (len(response) + BLOCK - 1).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._random, self._noise = np.random.default_rng(seed), noise
        self.stopped: list[float] = []
        """Seconds at which the playback became silent for good."""
        self.holds, self.held_s = 0, 0.0
        self._held, self._silent_since = Held(), 0.0
        self._kept = self._played[:0]

    def now(self) -> float:
        return self._loop.time() - self._begin

    @property
    def seconds_played(self) -> float:
        """In which there was sound."""
        blocks = self._played[: len(self._played) // BLOCK * BLOCK].reshape(-1, BLOCK)
        return float((np.abs(blocks).max(axis=1) > 0).sum() * BLOCK / SAMPLE_RATE)

    async def play(self, chunk: AudioChunk) -> None:
        await self._held.over()
        sound = self._resampled(chunk).astype(np.float32)
        start = max(self._sample(), self._until)
        self._until = min(start + len(sound), len(self._played))
        self._played[start : self._until] = sound[: self._until - start]
        await asyncio.sleep(max(0.0, (self._until - self._sample()) / SAMPLE_RATE - AHEAD))

    def _resampled(self, chunk: AudioChunk) -> NDArray[np.int16]:
        if chunk.rate == SAMPLE_RATE:
            return chunk.samples
        if self._resampler is None or self._sample() > self._until:
            self._resampler = soxr.ResampleStream(chunk.rate, SAMPLE_RATE, 1, dtype="int16")
        sound: NDArray[np.int16] = self._resampler.resample_chunk(chunk.samples)
        return sound

    async def drain(self) -> None:
        while self._held or self._until > self._sample():
            await self._held.over()
            await asyncio.sleep(max(0.0, (self._until - self._sample()) / SAMPLE_RATE))

    def stop(self) -> None:
        if self._held or self._sample() < self._until:
            self.stopped.append(self._silent_since if self._held else self.now())
        self._cut()
        self._held.end()

    def hold(self) -> None:
        if not self._held:
            self.holds += 1
            self._silent_since = self.now()
            self._kept = self._cut()
            self._held.begin(self.now())

    def resume(self) -> None:
        if self._held:
            self.held_s += self._held.end(self.now())
            now = self._sample()
            self._until = min(now + len(self._kept), len(self._played))
            self._played[now : self._until] = self._kept[: self._until - now]

    def _cut(self) -> NDArray[np.float32]:
        """Silence from now on; what would have been heard."""
        now = self._sample()
        rest = self._played[now : max(now, self._until)].copy()
        self._played[now : max(now, self._until)] = 0
        self._until = min(self._until, now)
        return rest

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        for number in range(self._count):
            end = (number + 1) * BLOCK
            await asyncio.sleep(self._begin + end / SAMPLE_RATE - self._loop.time())
            sound = self._echo(end) + self.person[end - BLOCK : end] + self._random.normal(0, self._noise, BLOCK)
            self.clock.heard(end / SAMPLE_RATE)
            samples = np.clip(sound, -32767, 32767).astype(np.int16)
            yield AudioChunk(samples, SAMPLE_RATE, (end - BLOCK) / SAMPLE_RATE)

    def _echo(self, end: int) -> Sound:
        length = len(self._response) + BLOCK
        recent = self._played[max(0, end - length) : end]
        if not recent.any():
            return np.zeros(BLOCK)
        padded = np.pad(recent, (length - len(recent), 0))
        echo: Sound = np.fft.irfft(np.fft.rfft(padded, self._size) * self._spectrum, self._size)
        return echo[length - BLOCK : length]

    def _sample(self) -> int:
        return round(self.now() * SAMPLE_RATE)
