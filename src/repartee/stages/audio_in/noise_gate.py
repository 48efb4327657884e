"""The gate in front: in silence nothing behind it runs. Loud is what rises above the room's own noise, which it learns.

Microseconds a frame, and not clever: it lets every noise pass that is louder than usual. What is behind knows speech.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.ports import AudioSource, VoiceActivity

from .loudness import RoomLevel

ABOVE = 1.6
"""A sound passes that is this much louder than the room (4 dB)."""
HOLD = 0.5
"""Seconds for which the gate stays open after it, unless told otherwise."""
RISE = 1.3
"""The factor by which the room may become louder in a second; it becomes quieter at once."""
SMOOTH = 0.06
"""Seconds over which the level of the room is taken."""
GATHERED = 0.08
"""Seconds of silence that are handed on at a time: each chunk wakes up a dozen stages, whatever its size."""
AFTER = 2.0
"""Seconds after the last sound in which nothing is gathered: a silence may end a turn, and is counted by the chunk."""
STRETCH = 64
"""Samples (4 ms) in which what a cubic curve can follow is taken for a hum's."""


_SLOW = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, STRETCH), 4))[0].astype(np.float32)
"""Shape (STRETCH, 4), orthonormal: an offset, a slope, a bend and a turn."""


class NoiseGate:
    """A steady hum or a constant offset is part of the room. What is louder than the room at all pitches or above the
    hum's own is heard: beside a strong hum a voice changes the level of the whole by too little."""

    def __init__(self, hold: float = HOLD) -> None:
        """`hold`: seconds for which it stays open after a sound."""
        self._hold = hold
        self._all, self._high = RoomLevel(RISE, SMOOTH), RoomLevel(RISE, SMOOTH)
        self._open_for = 0.0
        self.above = 1.0
        """How much louder than the room the last samples were, a factor."""
        self.opened = 0.0
        """Seconds for which it has been open."""

    def loud(self, samples: NDArray[np.int16]) -> bool:
        """Whether these samples, or others within the last `hold` seconds, are more than the room."""
        seconds = len(samples) / SAMPLE_RATE
        level, high = _levels(samples)
        self.above = max(level / self._all.hear(level, seconds), high / self._high.hear(high, seconds))
        self._open_for = self._hold if self.above > ABOVE else self._open_for - seconds
        if self._open_for <= 0:
            return False
        self.opened += seconds
        return True


class GatedVad:
    """A voice activity detector that sleeps while nothing is loud, and hears the frame before when it wakes."""

    def __init__(self, voice: VoiceActivity) -> None:
        self._voice = voice
        self.frame = voice.frame
        self._gate = NoiseGate()
        self._missed: NDArray[np.int16] | None = None

    def speech(self, frame: NDArray[np.int16]) -> float:
        if not self._gate.loud(frame):
            self._missed = frame
            return 0.0
        if self._missed is not None:
            self._voice.speech(self._missed)
            self._missed = None
        return self._voice.speech(frame)

    def reset(self) -> None:
        self._voice.reset()
        self._gate, self._missed = NoiseGate(), None


class QuietBatcher:
    """The same sound; in a quiet room in fewer, longer chunks. The first loud one brings along what was waiting."""

    def __init__(self, source: AudioSource) -> None:
        self._source, self._gate = source, NoiseGate(AFTER)
        self.clock = source.clock

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        waiting: list[AudioChunk] = []
        async for chunk in self._source:
            if waiting and not _follows(chunk, waiting[-1]):
                yield _joined(waiting)
                waiting = []
            waiting.append(chunk)
            if self._gate.loud(chunk.samples) or chunk.end - waiting[0].start > GATHERED - chunk.seconds / 2:
                yield _joined(waiting)
                waiting = []
        if waiting:
            yield _joined(waiting)


def _follows(chunk: AudioChunk, before: AudioChunk) -> bool:
    return abs(chunk.start - before.end) * SAMPLE_RATE < 1


def _joined(chunks: list[AudioChunk]) -> AudioChunk:
    if len(chunks) == 1:
        return chunks[0]
    return AudioChunk(np.concatenate([chunk.samples for chunk in chunks]), SAMPLE_RATE, chunks[0].start)


def _levels(samples: NDArray[np.int16]) -> tuple[float, float]:
    """Standard deviation of all, and above some 300 Hz: of what is left of each 4 ms without the cubic curve nearest to
    it. That takes 43 dB from a tone of 100 Hz, 29 from 150, 9 from 300, 2 from 500, and 1.5 from speech."""
    sound = samples.astype(np.float32)
    sound -= sound.sum() / len(sound)
    total = float(sound @ sound)
    whole = len(sound) // STRETCH
    if not whole:
        return math.sqrt(total / len(sound)), math.sqrt(total / len(sound))
    parts = sound[: whole * STRETCH].reshape(whole, STRETCH)
    low = parts @ _SLOW  # (stretches, 4): how much of each is slow
    energy = float(np.vdot(parts, parts)) - float(np.vdot(low, low))
    return math.sqrt(total / len(sound)), math.sqrt(max(0.0, energy) / (whole * STRETCH))
