"""Where a wake word ended, by how loud the sound is around the moment at which it was noticed.

The promise counts from there, so what can't be told is not told: who goes on in one breath leaves no end to see.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE

from .loudness import block_levels

BEFORE, AFTER = 1.0, 0.4
"""Seconds around the moment of notice that are looked at."""
BLOCK = SAMPLE_RATE // 100
QUIET = 0.1
"""Of the loudest tenth of a second: below it, the word is not sounding."""
PAUSE = 10
"""Quiet blocks that end a word which was noticed before its end."""
RINGS = 25
"""Blocks after the notice within which such a word must end: what sounds on for longer is the sentence."""


def end_of_word(samples: NDArray[np.int16], noticed: int) -> int | None:
    """`noticed`: the sample at which it was. The sample at which the word ended; None where nothing shows it."""
    loud = _loud(samples)
    at = min(noticed // BLOCK, len(loud)) - 1
    if at < 0 or not loud.any():
        return None
    if not loud[at]:
        before = np.flatnonzero(loud[:at])
        return int(before[-1] + 1) * BLOCK if len(before) else None
    for begin in range(at + 1, min(at + 1 + RINGS, len(loud) - PAUSE + 1)):
        if not loud[begin : begin + PAUSE].any():
            return begin * BLOCK
    return None


def _loud(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Of each block of 10 ms, whether it is near the loudest of them."""
    levels = block_levels(samples, BLOCK)
    return np.asarray(levels > np.sort(levels)[-10:].mean() * QUIET) if len(levels) else np.zeros(0, np.bool_)
