"""Takes the mains' hum (and a constant offset) out of what is heard, where the room is full of it.

A voice beside a hum of 0.2 of full scale changes the loudness of the whole by too little to be told from the room, and
an echo canceller that takes our voice out of it leaves pieces of hum that a detector of speech takes for somebody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.ports import AudioSource

from .loudness import RoomLevel

TAPS: Final = 321
"""Of the filter: 20 ms, so that what it passes on is 10 ms late."""
CUTOFF: Final = 200.0
"""Hz."""
STRONG, LOUD = 4.0, 100.0
"""A room hums whose level is so many times that above the hum, and is so loud (root mean square, full scale 32767)."""
RISE: Final = 1.5
"""The factor by which the room may become louder in a second."""


def _high_pass() -> NDArray[np.float32]:
    """A windowed sinc (Blackman): 60 dB down at 60 Hz, 20 at 120."""
    at = np.arange(TAPS) - TAPS // 2
    low = np.sinc(2 * CUTOFF / SAMPLE_RATE * at) * np.blackman(TAPS)
    low /= low.sum()
    high = -low
    high[TAPS // 2] += 1.0
    taps: NDArray[np.float32] = high.astype(np.float32)
    return taps


_FILTER = _high_pass()


class HumFilter:
    """Of one stream of sound."""

    def __init__(self) -> None:
        self._before = np.zeros(TAPS - 1, np.float32)
        self._all, self._high = RoomLevel(RISE), RoomLevel(RISE)

    def __call__(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """The same number of samples, as they are where nothing hums."""
        sound = np.concatenate([self._before, samples.astype(np.float32)])
        self._before = sound[len(samples) :]
        seconds = len(samples) / SAMPLE_RATE
        room = self._all.hear(_level(samples), seconds)
        if room < LOUD:
            return samples
        passed = np.convolve(sound, _FILTER, "valid")
        if room < STRONG * self._high.hear(_level(passed), seconds):
            return samples
        clean: NDArray[np.int16] = np.clip(passed, -32768, 32767).astype(np.int16)
        return clean


class HumFree:
    """The sound of `source`; as it is where nothing hums."""

    def __init__(self, source: AudioSource) -> None:
        self._source = source
        self.clock = source.clock

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        clean = HumFilter()
        async for chunk in self._source:
            yield replace(chunk, samples=clean(chunk.samples))


def _level(sound: NDArray[np.int16] | NDArray[np.float32]) -> float:
    values = sound.astype(np.float32)
    return float(np.sqrt(values @ values / len(values)))
