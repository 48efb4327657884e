"""A linear echo canceller: the partitioned-block frequency-domain Kalman filter of Kuech, Mabande and Enzner,
"State-space architecture of the partitioned-block-based acoustic echo controller" (ICASSP 2014).

The room is a filter of half a second, in blocks of 16 ms; each coefficient has an uncertainty, which says how much it
learns from what is left over. Somebody else's speech is noise to it, so it stops learning by itself while they speak,
and passes on their speech as it is. What it is not sure of counts as ours, so it can be believed from the first word.

WebRTC's canceller (AEC3) was tried first: it takes more of the echo, but with it the voice of somebody who interrupts.
About 0.2 ms of CPU for 16 ms of sound.
"""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk

PARTS = 32
"""Blocks of the filter: delay and room together, 0.5 s."""
KEEP = 0.9997
"""How much of the room stays the same from block to block."""
DOUBT, AT_FIRST, LEARNT = 3.0, 20.0, 2.0
"""What the filter is unsure of counts as our own voice, this many times over; and so many times more in a new room,
less and less over the first seconds of our speech."""
LOUD = 1e-5
"""Mean square (full scale 1) from which on what plays teaches anything."""
SMOOTH = 0.9
"""Of the spectrum of what is left over."""


class Engine:
    block = 256

    def __init__(self) -> None:
        bins = self.block + 1
        self._filter: NDArray[np.complex128] = np.zeros((PARTS, bins), np.complex128)
        self._unsure: NDArray[np.float64] = np.full((PARTS, bins), 0.03)
        self._played: NDArray[np.complex128] = np.zeros((PARTS, bins), np.complex128)
        self._before = np.zeros(self.block, np.float32)
        self.theirs = 0.0
        self._learnt = 0.0
        """Seconds of our own speech so far."""
        self._left: NDArray[np.float64] = np.full(bins, 1.0)
        self._resampler: soxr.ResampleStream | None = None
        self._rate = SAMPLE_RATE

    def played(self, chunk: AudioChunk, begins: bool) -> NDArray[np.int16]:
        if chunk.rate == SAMPLE_RATE:
            return chunk.samples
        if self._resampler is None or chunk.rate != self._rate or begins:
            self._resampler = soxr.ResampleStream(chunk.rate, SAMPLE_RATE, 1, dtype="int16")
            self._rate = chunk.rate
        sound: NDArray[np.int16] = self._resampler.resample_chunk(chunk.samples)
        return sound

    def cancel(self, heard: NDArray[np.int16], playing: NDArray[np.int16]) -> NDArray[np.int16]:
        size = self.block
        now = playing.astype(np.float32) / 32768.0
        self._played[1:] = self._played[:-1]
        self._played[0] = np.fft.rfft(np.concatenate([self._before, now]))
        self._before = now
        self._learnt += size / SAMPLE_RATE * (float(now @ now) / size > LOUD)
        echo = np.fft.irfft((self._played * self._filter).sum(0))[size:]
        left = heard.astype(np.float32) / 32768.0 - echo
        error = np.fft.rfft(np.concatenate([np.zeros(size, np.float32), left]))
        self._learn(error)
        return (np.clip(left, -1.0, 1.0) * 32767.0).astype(np.int16)

    def _learn(self, error: NDArray[np.complex128]) -> None:
        power = np.abs(self._played) ** 2
        left = np.abs(error) ** 2
        self._left = SMOOTH * self._left + (1 - SMOOTH) * left
        ours = 0.5 * (self._unsure * power).sum(0)
        doubt = DOUBT + AT_FIRST * math.exp(-self._learnt / LEARNT)
        self.theirs = float(np.maximum(left - doubt * ours, 0.0).sum()) * 32768.0**2 / self.block**2
        gain = self._unsure / (ours + self._left + 1e-6)
        step = np.fft.irfft(gain * self._played.conj() * error)
        step[:, self.block :] = 0.0  # a filter of one block: the rest would wrap around
        self._filter += np.fft.rfft(step)
        self._unsure *= 1.0 - 0.5 * gain * power
        self._unsure = KEEP**2 * self._unsure + (1 - KEEP**2) * np.abs(self._filter) ** 2
