"""Recordings as samples: varied, with pauses put into them, and played as fast as somebody listens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import Clock, FastClock, LiveClock

Samples = NDArray[np.int16]
CHUNK = 320
BLOCK = 400
"""Samples, 25 ms: the stretch in which a quiet moment is looked for."""
SOUND = (".wav", ".flac", ".ogg", ".mp3")


class Source:
    """Samples as fast as they are asked for, or at the pace of life. Iterate once."""

    def __init__(self, samples: Samples, *, realtime: bool = False) -> None:
        self._samples, self._realtime = samples, realtime
        time = asyncio.get_running_loop().time
        self.clock: Clock = LiveClock(time) if realtime else FastClock(time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for at in range(0, len(self._samples), CHUNK):
            chunk = AudioChunk(self._samples[at : at + CHUNK], SAMPLE_RATE, at / SAMPLE_RATE)
            await asyncio.sleep(max(0.0, begin + chunk.end - loop.time()) if self._realtime else 0)
            self.clock.heard(chunk.end)
            yield chunk


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in SOUND) if folder.is_dir() else []


def load(path: Path) -> Samples:
    """16 kHz, mono."""
    sound, rate = sf.read(str(path), dtype="float32", always_2d=True)
    return _whole(soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE) * 32767)


def faster(samples: Samples, speed: float) -> Samples:
    """Said at another speed, and higher or lower by as much."""
    return _whole(soxr.resample(samples.astype(np.float32), SAMPLE_RATE * speed, SAMPLE_RATE))


def louder(samples: Samples, decibels: float) -> Samples:
    return _whole(samples.astype(np.float64) * 10 ** (decibels / 20))


def in_room(samples: Samples, response: Samples) -> Samples:
    """As it sounds in the room of this impulse response, as loud as before."""
    wet = np.convolve(samples.astype(np.float64), response.astype(np.float64) / 32768)[: len(samples)]
    return _whole(wet * loudness(samples) / max(loudness(wet), 1e-9))


def mixed(samples: Samples, noises: Sequence[Path], decibels: float, seed: int) -> Samples:
    """With noise that is softer than the speech by so many decibels (root mean squares of the louder half of both)."""
    noise = np.resize(load(random.Random(seed).choice(noises)), len(samples)).astype(np.float64)
    gain = loudness(samples) / max(loudness(noise), 1.0) / 10 ** (decibels / 20)
    return _whole(samples + gain * noise)


def loudness(samples: NDArray[np.generic]) -> float:
    """Root mean square of the louder half."""
    whole = samples[: len(samples) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    levels = np.sort(np.sqrt((whole**2).mean(axis=1)))
    return float(np.sqrt((levels[len(levels) // 2 :] ** 2).mean())) if len(levels) else 0.0


def spots(samples: Samples, most: int = 6) -> list[int]:
    """Quiet moments between louder ones, at least 150 ms apart: near word boundaries."""
    whole = samples[: len(samples) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    levels = np.sqrt((whole**2).mean(axis=1))
    loud = np.flatnonzero(levels > 0.25 * np.percentile(levels, 95))
    if len(loud) < 8:
        return []
    inner = sorted(range(int(loud[0]) + 5, int(loud[-1]) - 5), key=lambda n: levels[n])
    found: list[int] = []
    for n in inner:
        if levels[n] > 0.35 * np.percentile(levels, 95) or len(found) == most:
            break
        if all(abs(n - other) >= 6 for other in found):
            found.append(n)
    return [n * BLOCK + BLOCK // 2 for n in found]


def quiet(samples: Samples, seconds: float) -> Samples:
    """The room's own noise: the quietest stretch of the recording, again and again."""
    width = SAMPLE_RATE // 10
    starts = range(0, max(1, len(samples) - width), width // 2)
    quietest = min(starts, key=lambda n: float(np.abs(samples[n : n + width].astype(np.int32)).mean()))
    room = samples[quietest : quietest + width]
    noise: Samples = np.resize(np.concatenate([room, room[::-1]]), int(seconds * SAMPLE_RATE))
    return noise


def insert(samples: Samples, at: int, seconds: float) -> Samples:
    """With a pause there, filled with the room's own noise."""
    return np.concatenate([samples[:at], quiet(samples, seconds), samples[at:]])


def _whole(sound: NDArray[np.floating]) -> Samples:
    samples: Samples = np.clip(sound, -32767, 32767).astype(np.int16)
    return samples
