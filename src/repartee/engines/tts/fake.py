"""A voice for tests: a beep as long as the text."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from repartee.core.audio import SAMPLE_RATE, AudioChunk

SECONDS_PER_CHARACTER = 0.06


class Engine:
    async def warm(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        samples = np.arange(int(len(text.strip()) * SECONDS_PER_CHARACTER * SAMPLE_RATE))
        tone = (8000 * np.sin(samples * 2 * np.pi * 440 / SAMPLE_RATE)).astype(np.int16)
        for start in range(0, len(tone), 640):
            yield AudioChunk(tone[start : start + 640], SAMPLE_RATE, start / SAMPLE_RATE)

    def close(self) -> None:
        """Nothing to give back."""
