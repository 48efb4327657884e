"""Any sound to what the house uses: mono, 16 bit, 16 kHz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadAudio

LOWEST, HIGHEST = 4_000, 384_000
"""Hz; sample rates beyond are a mistake."""


def mono(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (n,) or (n, channels) to (n,): the mean of the channels. What is no number is silence."""
    mixed = block.mean(axis=1) if block.ndim == 2 else block
    return np.nan_to_num(mixed, nan=0.0, posinf=1.0, neginf=-1.0)


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
    for block in blocks:
        yield mono(block), False
    yield np.empty(0, np.float32), True
