"""Recordings as samples: with noise mixed in, with pauses put into them, played as a source."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock, FastClock

Samples = NDArray[np.int16]
CHUNK = 320
BLOCK = 400
"""Samples, 25 ms: the stretch in which a quiet moment is looked for."""


class Source:
    """Samples as fast as they are asked for."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.clock: Clock = FastClock(asyncio.get_running_loop().time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        for at in range(0, len(self._samples), CHUNK):
            chunk = AudioChunk(self._samples[at : at + CHUNK], SAMPLE_RATE, at / SAMPLE_RATE)
            self.clock.heard(chunk.end)
            yield chunk
            await asyncio.sleep(0)


def load(path: Path) -> Samples:
    """16 kHz, mono."""
    sound, rate = sf.read(str(path), dtype="float32", always_2d=True)
    mono = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)
    return _whole(mono * 32767)


def _whole(sound: NDArray[np.floating]) -> Samples:
    samples: Samples = np.clip(sound, -32767, 32767).astype(np.int16)
    return samples


def mixed(samples: Samples, folder: Path, decibels: float, seed: int) -> Samples:
    """With noise that is softer than the speech by so many decibels (root mean squares of the louder half of both)."""
    files = sorted(p for p in folder.iterdir() if p.suffix in (".wav", ".flac"))
    rng = random.Random(seed)
    noise = np.resize(load(rng.choice(files)), len(samples)).astype(np.float64)
    gain = _loudness(samples) / max(_loudness(noise), 1.0) / 10 ** (decibels / 20)
    return _whole(samples + gain * noise)


def _loudness(samples: NDArray[np.generic]) -> float:
    whole = samples[: len(samples) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    levels = np.sort(np.sqrt((whole**2).mean(axis=1)))
    return float(np.sqrt((levels[len(levels) // 2 :] ** 2).mean()))


def spots(samples: Samples, begin: int = 0, most: int = 6) -> list[int]:
    """Quiet moments between louder ones from sample `begin` on, at least 150 ms apart: near word boundaries."""
    whole = samples[: len(samples) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    levels = np.sqrt((whole**2).mean(axis=1))
    loud = np.flatnonzero(levels > 0.25 * np.percentile(levels, 95))
    if len(loud) < 8:
        return []
    first, last = max(int(loud[0]), begin // BLOCK) + 5, int(loud[-1]) - 5
    inner = sorted(range(first, last), key=lambda n: levels[n])
    found: list[int] = []
    for n in inner:
        if levels[n] > 0.35 * np.percentile(levels, 95) or len(found) == most:
            break
        if all(abs(n - other) >= 6 for other in found):
            found.append(n)
    return [n * BLOCK + BLOCK // 2 for n in found]


def insert(samples: Samples, at: int, seconds: float) -> Samples:
    """With a pause there, filled with the room's own noise (the quietest stretch of the recording, again and again)."""
    width = SAMPLE_RATE // 10
    starts = range(0, len(samples) - width, width // 2)
    quiet = min(starts, key=lambda n: float(np.abs(samples[n : n + width].astype(np.int32)).mean()))
    room = samples[quiet : quiet + width]
    pause = np.resize(np.concatenate([room, room[::-1]]), int(seconds * SAMPLE_RATE))
    return np.concatenate([samples[:at], pause, samples[at:]])
