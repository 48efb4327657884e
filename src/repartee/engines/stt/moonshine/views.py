"""Other views of the same sound: what is misheard in one is often heard in another, and rarely misheard alike.

Measured on 325 varied commands (bench/varied.py): the best sayable sentence is right for 247 in one look, for 264
in three at the same sound with more and more silence after it, for 279 in one at the sound and one at each of these.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE

Samples = NDArray[np.int16]
FASTER = 1.08
WINDOW, HOP = 512, 128
"""Samples: 32 ms and 8 ms."""
LATE = 6
"""Hops (48 ms) after which what is still heard of a sound is the room's answer."""
SMOOTH, SHARE, LEAST = 0.6, 0.25, 0.1
"""Share of the answer that is left after a hop, how much of it is taken away (of the power), and what is left at least.
After Lebart et al. 2001, "A new method based on spectral subtraction for speech dereverberation"."""


def faster(samples: Samples) -> Samples:
    """Spoken faster, and higher."""
    sound = soxr.resample(samples.astype(np.float32), SAMPLE_RATE, SAMPLE_RATE / FASTER)
    return _whole(sound)


def drier(samples: Samples) -> Samples:
    """With less of the room's late answer."""
    window = np.hanning(WINDOW).astype(np.float32)
    padded = np.pad(samples.astype(np.float32), (WINDOW, 2 * WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * window
    spectrum = np.fft.rfft(frames)
    power = np.abs(spectrum) ** 2
    smooth = power.copy()
    for n in range(1, len(smooth)):
        smooth[n] = SMOOTH * smooth[n - 1] + (1 - SMOOTH) * power[n]
    late = np.zeros_like(power)
    late[LATE:] = SHARE * smooth[:-LATE]
    gain = np.sqrt(np.maximum(1 - late / np.maximum(power, 1e-9), LEAST))
    pieces = np.fft.irfft(spectrum * gain) * window
    sound, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for n, piece in enumerate(pieces):
        sound[n * HOP : n * HOP + WINDOW] += piece
        weight[n * HOP : n * HOP + WINDOW] += window**2
    return _whole((sound / np.maximum(weight, 1e-3))[WINDOW : WINDOW + len(samples)])


def _whole(sound: NDArray[np.floating]) -> Samples:
    samples: Samples = np.clip(sound, -32767, 32767).astype(np.int16)
    return samples


VIEWS = (faster, drier)
"""In the order in which they help."""
