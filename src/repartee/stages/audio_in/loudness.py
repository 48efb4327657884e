"""Loudness: of a stretch of sound, and of the room when nobody speaks. Root mean square, full scale 32767."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 2.0
"""No room is quieter: the last bits of a converter."""


def power(samples: NDArray[np.int16]) -> float:
    """Mean square."""
    sound = samples.astype(np.float32)
    return float(sound @ sound) / len(sound)


def block_levels(samples: NDArray[np.int16], block: int) -> NDArray[np.float32]:
    """The level of each whole block of `block` samples, shape (n,)."""
    whole = samples[: len(samples) // block * block].reshape(-1, block).astype(np.float32)
    levels: NDArray[np.float32] = np.sqrt((whole * whole).mean(axis=1))
    return levels


class RoomLevel:
    """The room's own level, learnt: quieter at once, louder slowly, because what has become louder may be somebody."""

    def __init__(self, rise: float, smooth: float = 0.0) -> None:
        """`rise`: factor by which the room may become louder in a second; `smooth`: seconds a level is taken over."""
        self._rise, self._smooth = rise, smooth
        self._smoothed = 0.0
        self.level = 0.0
        """0 until something was heard."""

    def hear(self, level: float, seconds: float) -> float:
        """The room's level after sound of this level and length."""
        level = max(level, LEAST)
        if not self.level:
            self._smoothed = self.level = level
            return level
        keep = math.exp(-seconds / self._smooth) if self._smooth else 0.0
        self._smoothed = keep * self._smoothed + (1 - keep) * level
        self.level = min(self._smoothed, self.level * self._rise**seconds)
        return self.level
