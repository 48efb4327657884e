"""What the button sounds like: a short high tone when recording begins, a low one when it ends."""

from __future__ import annotations

import numpy as np

from repartee.core.audio import AudioChunk

RATE = 22_050
LENGTH = 0.06
"""Seconds."""
LEVEL = 0.15
"""Of full scale: to be noticed, not to be recorded."""
BEGIN, END = 880.0, 587.3
"""Hz."""


def tone(frequency: float) -> AudioChunk:
    """With soft edges, so that it does not click."""
    time = np.arange(int(RATE * LENGTH)) / RATE
    shape = np.sin(np.pi * time / LENGTH) ** 0.5
    wave = LEVEL * 32767.0 * shape * np.sin(2 * np.pi * frequency * time)
    return AudioChunk(wave.astype(np.int16), RATE, 0.0)
