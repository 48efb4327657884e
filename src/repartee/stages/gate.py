"""The gate in front: in silence nothing behind it runs. Loud is what rises above the room's own noise, which it learns.

Microseconds a frame, and not clever: it lets every noise pass that is louder than usual. What is behind knows speech.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.core.ports import VoiceActivity

ABOVE = 1.6
"""A sound passes that is this much louder than the room (4 dB)."""
HOLD = 0.5
"""Seconds for which the gate stays open after it."""
RISE = 1.3
"""The factor by which the room may become louder in a second; it becomes quieter at once."""
SMOOTH = 0.06
"""Seconds over which the level of the room is taken."""
LEAST = 2.0
"""Root mean square (full scale 32767) below which nothing is loud: the last bits of a converter."""


class SoundGate:
    """A steady hum or a constant offset is part of the room."""

    def __init__(self) -> None:
        self._room: float | None = None
        self._level = 0.0
        self._open_for = 0.0
        self.opened = 0.0
        """Seconds for which it has been open."""

    def loud(self, samples: NDArray[np.int16]) -> bool:
        """Whether these samples, or others within the last half second, are more than the room."""
        seconds = len(samples) / SAMPLE_RATE
        level = max(float(samples.std()), LEAST)
        keep = math.exp(-seconds / SMOOTH)
        self._level = level if self._room is None else keep * self._level + (1 - keep) * level
        self._room = self._level if self._room is None else min(self._level, self._room * RISE**seconds)
        self._open_for = HOLD if level > self._room * ABOVE else self._open_for - seconds
        if self._open_for <= 0:
            return False
        self.opened += seconds
        return True


class Gated:
    """A voice activity detector that sleeps while nothing is loud, and hears the frame before when it wakes."""

    def __init__(self, voice: VoiceActivity) -> None:
        self._voice = voice
        self.frame = voice.frame
        self._gate = SoundGate()
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
        self._gate, self._missed = SoundGate(), None
