"""Any sound to what the house uses: mono, 16 bit, 16 kHz."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadAudio

CANCELLED = 0.05
"""Energy of the mean in that of the loudest channel below which channels cancel each other out; independent noise in
two channels has 0.5, one silent channel 0.25."""
REMEMBERED = 1.0
"""Seconds over which that is judged, so that it does not change from word to word."""

LOWEST, HIGHEST = 4_000, 384_000
"""Hz; sample rates beyond are a mistake."""


class Mixer:
    """Channels of one recording to one. The mean, or the loudest channel for as long as they cancel each other out: one
    microphone wired the other way round makes silence of speech."""

    def __init__(self) -> None:
        self._energy = np.zeros(0)
        """Of each channel, then of their mean; of the last second or so."""

    def mono(self, block: NDArray[np.float32], seconds: float = 0.02) -> NDArray[np.float32]:
        """Shape (n,) or (n, channels) to (n,). What is no number is silence."""
        block = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)
        if block.ndim == 1:
            return block
        mixed: NDArray[np.float32] = block.mean(axis=1)
        if block.shape[1] == 1 or not len(block):
            return mixed
        energy = np.append((block * block).mean(axis=0), float(mixed @ mixed) / len(mixed))
        keep = math.exp(-seconds / REMEMBERED)
        self._energy = keep * self._energy + energy if len(self._energy) else energy
        loudest = int(self._energy[:-1].argmax())
        if self._energy[-1] < CANCELLED * self._energy[loudest]:
            channel: NDArray[np.float32] = block[:, loudest]
            return channel
        return mixed


def pcm16(sound: NDArray[np.float32]) -> NDArray[np.int16]:
    """Full scale ±1 to ±32767; louder is clipped."""
    return (np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16)


def chunks(blocks: Iterable[NDArray[np.float32]], rate: int, start: float = 0.0) -> Iterator[AudioChunk]:
    """Blocks of sound (full scale ±1, `rate` Hz, mono) as 16 kHz chunks that follow each other without a hole."""
    if not LOWEST <= rate <= HIGHEST:
        raise BadAudio(f"a sample rate of {rate} Hz is not possible; it lies between {LOWEST} and {HIGHEST}")
    resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32") if rate != SAMPLE_RATE else None
    position = 0
    for sound, last in _with_last(blocks):
        samples = pcm16(resampler.resample_chunk(sound, last=last) if resampler else sound)
        if len(samples):
            yield AudioChunk(samples, SAMPLE_RATE, start + position / SAMPLE_RATE)
            position += len(samples)


def _with_last(blocks: Iterable[NDArray[np.float32]]) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """Each block, then an empty one marked as the last: the resampler has a tail to give."""
    mixer = Mixer()
    for block in blocks:
        yield mixer.mono(block), False
    yield np.empty(0, np.float32), True
