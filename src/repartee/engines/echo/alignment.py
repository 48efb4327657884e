"""Where what we play lies in what is heard, anew at each utterance.

A sound card, a network or a page begins an utterance some hundredths of a second sooner or later than the one before.
A filter that has learnt the room for the one leaves all of the other, and what is left would pass for somebody else.
So the echo that the filter expects is looked for in what is heard, and the filter is shifted to where it was found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FURTHEST = 2048
"""Samples by which an utterance may lie sooner or later than the one before: 128 ms."""
WINDOW = 4096
"""Samples that are compared."""
ALIKE = 0.75
"""Correlation with the expected echo (0-1) from which on it was found."""
AUDIBLE = 30.0
"""Root mean square (full scale 32767) below which a sound says nothing about where it lies."""
TIMES, NEAR = 3, 2
"""So many blocks in a row must say the same lag, to so many samples: voices repeat themselves."""
GIVES_UP = 16_000
"""Samples with an echo in them after which it is taken for another room."""
Floats = NDArray[np.float32]


class Alignment:
    """Of one utterance, until it is known."""

    def __init__(self) -> None:
        span = WINDOW + 2 * FURTHEST
        self._expected = np.zeros(span, np.float32)
        self._heard = np.zeros(WINDOW + FURTHEST, np.float32)
        self._compared = 0
        self._lag: int | None = None
        self._agreed = 0

    def find(self, heard: Floats, expected: Floats) -> int | None:
        """A block of each. Samples by which the echo is later than expected; None: not known yet. Raises `LookupError`
        where what is heard has nothing of it."""
        self._heard = np.concatenate([self._heard[len(heard) :], heard])
        self._expected = np.concatenate([self._expected[len(expected) :], expected])
        window = self._heard[:WINDOW]  # what is expected up to `FURTHEST` later is there
        if min(_level(window), _level(self._expected)) < AUDIBLE:
            return None
        self._compared += len(heard)
        lag = _lag(window, self._expected)
        same = lag is not None and self._lag is not None and abs(lag - self._lag) <= NEAR
        self._lag, self._agreed = lag, self._agreed + 1 if same else 1
        if lag is not None and self._agreed >= TIMES:
            return lag
        if self._compared > GIVES_UP:
            raise LookupError
        return None


def _level(sound: Floats) -> float:
    """Root mean square, full scale 32767."""
    return float(np.sqrt((sound * sound).mean())) * 32768.0


def _lag(window: Floats, expected: Floats) -> int | None:
    """By cross-correlation; the ends of both are the same moment, the window is `FURTHEST` older."""
    size = 1 << (len(expected) + len(window) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(expected, size) * np.fft.rfft(window, size).conj(), size)
    places = len(expected) - len(window) + 1
    sums = np.concatenate([[0.0], np.cumsum(expected.astype(np.float64) ** 2)])
    norms = np.sqrt(np.maximum(sums[len(window) :] - sums[: -len(window)], 1e-9) * float(window @ window))
    alike = product[:places] / norms
    best = int(alike.argmax())
    return FURTHEST - best if alike[best] > ALIKE else None
