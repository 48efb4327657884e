"""A linear echo canceller: the partitioned-block frequency-domain Kalman filter of Kuech, Mabande and Enzner,
"State-space architecture of the partitioned-block-based acoustic echo controller" (ICASSP 2014).

The room is a filter of 0.64 s, in blocks of 16 ms; each coefficient has an uncertainty, which says how much it
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

from .alignment import Alignment

PARTS = 40
"""Blocks of the filter: delay (of a page up to 0.4 s) and room together, 0.64 s."""
KEEP = 0.9997
"""How much of the room stays the same from block to block."""
UNSURE = 0.03
"""Of each coefficient in a room of which nothing is known."""
DOUBT, AT_FIRST, LEARNT = 3.0, 60.0, 2.0
"""What the filter is unsure of counts as our own voice, this many times over; and so many times more in a new room,
less and less over the first seconds of our speech."""
LOUD = 1e-5
"""Mean square (full scale 1) from which on what plays teaches anything."""
MISPLACED = 4.0
"""What may be left of an echo that lies elsewhere than expected, times its loudest."""
KNOWN = 1e-3
"""Energy of the filter (1: the echo is as loud as what plays) from which on there is an echo to be found."""
SMOOTH = 0.9
"""Of the spectrum of what is left over."""


class Engine:
    block = 256

    def __init__(self) -> None:
        bins = self.block + 1
        self._filter: NDArray[np.complex128] = np.zeros((PARTS, bins), np.complex128)
        self._unsure: NDArray[np.float64] = np.full((PARTS, bins), UNSURE)
        self._played: NDArray[np.complex128] = np.zeros((PARTS, bins), np.complex128)
        self._before = np.zeros(self.block, np.float32)
        self.theirs = 0.0
        self._learnt = 0.0
        """Seconds of our own speech so far."""
        self._left: NDArray[np.float64] = np.full(bins, 1.0)
        self._alignment: Alignment | None = None
        """While it is not known where the utterance lies."""
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

    def begins(self) -> None:
        if self._gain > KNOWN:
            self._alignment = Alignment()

    @property
    def _gain(self) -> float:
        """Energy of the echo beside what plays."""
        return float((np.abs(self._filter) ** 2).mean(axis=1).sum())

    def cancel(self, heard: NDArray[np.int16], playing: NDArray[np.int16]) -> NDArray[np.int16]:
        size = self.block
        now = playing.astype(np.float32) / 32768.0
        self._played[1:] = self._played[:-1]
        self._played[0] = np.fft.rfft(np.concatenate([self._before, now]))
        self._before = now
        self._learnt += size / SAMPLE_RATE * (float(now @ now) / size > LOUD)
        echo = np.fft.irfft((self._played * self._filter).sum(0))[size:]
        sound = heard.astype(np.float32) / 32768.0
        if self._alignment:
            self._align(self._alignment, sound, echo.astype(np.float32))
            return heard
        left = sound - echo
        error = np.fft.rfft(np.concatenate([np.zeros(size, np.float32), left]))
        self._learn(error)
        return (np.clip(left, -1.0, 1.0) * 32767.0).astype(np.int16)

    def _align(self, alignment: Alignment, sound: NDArray[np.float32], echo: NDArray[np.float32]) -> None:
        """What may be echo is ours until it is found; a person as loud as it is heard again some 0.2 s later."""
        power = float(sound @ sound) / len(sound) * 32768.0**2
        try:
            lag = alignment.find(sound, echo)
        except LookupError:  # the microphone was moved, say: learnt anew
            self._unsure[:], self._learnt, self._alignment = UNSURE, 0.0, None
        else:
            if lag is not None:
                self._shift(lag)
                self._alignment = None
        loudest = float((np.abs(self._played) ** 2).sum(axis=1).max()) / self.block**2 / 2 * 32768.0**2
        self.theirs = max(0.0, power - MISPLACED * self._gain * loudest)

    def _shift(self, lag: int) -> None:
        """The room's response so many samples later."""
        if lag == 0:
            return
        size = self.block
        taps = np.fft.irfft(self._filter)[:, :size].reshape(-1)
        moved = np.zeros_like(taps)
        if lag > 0:
            moved[lag:] = taps[:-lag]
        else:
            moved[:lag] = taps[-lag:]
        self._filter = np.fft.rfft(np.pad(moved.reshape(PARTS, size), ((0, 0), (0, size))))
        parts = round(lag / size)
        near = np.roll(self._unsure, parts, axis=0)
        self._unsure = np.maximum(near, np.maximum(np.roll(near, 1, axis=0), np.roll(near, -1, axis=0)))

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
