"""Sound for tests: what the product's own voice says, with silence and noise where wanted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.engines.tts import espeak

Samples = NDArray[np.int16]


@cache
def spoken(text: str, language: str = "en") -> Samples:
    """16 kHz, without silence before the first and after the last sound; the same samples every time.

    eSpeak's sound depends on what it has said before in the process, so each text gets a process of its own.
    """
    command = [sys.executable, "-m", "tests.sound", text, language]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True, timeout=120)  # noqa: S603  # ourselves
    return np.frombuffer(done.stdout, np.int16)


async def _synthesized(text: str, language: str) -> Samples:
    chunks = [chunk async for chunk in espeak.Engine(150).synthesize(text, language)]
    sound = np.concatenate([chunk.samples for chunk in chunks]).astype(np.float32) / 32768
    samples = soxr.resample(sound, chunks[0].rate, SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    words: Samples = (samples[loud[0] : loud[-1] + 1] * 0.5 * 32767).astype(np.int16)
    return words


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.int16)


def noisy(samples: Samples, level: float = 30.0, seed: int = 0) -> Samples:
    """With white noise of this root mean square (full scale 32767)."""
    noise = np.random.default_rng(seed).normal(0, level, len(samples))
    return np.clip(samples + noise, -32767, 32767).astype(np.int16)


def utterance(text: str, before: float = 0.5, after: float = 1.0) -> tuple[Samples, float]:
    """A sentence in a quiet room, and the second at which its last sound ends."""
    words = spoken(text)
    sound = np.concatenate([silence(before), words, silence(after)])
    return noisy(sound), before + len(words) / SAMPLE_RATE


def write(path: Path, samples: Samples, rate: int = SAMPLE_RATE, subtype: str = "PCM_16") -> Path:
    sf.write(str(path), samples, rate, subtype)
    return path


async def stream(samples: Samples, voiced: Sequence[tuple[float, float]] | None = None) -> AsyncIterator[AudioChunk]:
    """In chunks of 20 ms; voiced within the given (begin, end) seconds, everywhere without."""
    for at in range(0, len(samples), 320):
        start = at / SAMPLE_RATE
        loud = voiced is None or any(begin <= start < end for begin, end in voiced)
        yield AudioChunk(samples[at : at + 320], SAMPLE_RATE, start, loud)


if __name__ == "__main__":
    sys.stdout.buffer.write(asyncio.run(_synthesized(sys.argv[1], sys.argv[2])).tobytes())
