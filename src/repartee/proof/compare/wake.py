"""Our wake words as a contestant: all that the engine of the settings knows."""

from __future__ import annotations

import time

import numpy as np

from repartee.assembly.settings import Settings
from repartee.assembly.wake import known_words, waking
from repartee.core.audio import SAMPLE_RATE, AudioChunk

from .work import Item, Made

AFTER = SAMPLE_RATE
"""Samples of silence behind a recording: a word at its very end is noticed a little later."""
BLOCK = SAMPLE_RATE // 50


class OurWake:
    """Satisfies `Contestant`."""

    def __init__(self, settings: Settings) -> None:
        self._audio = settings.audio

    async def open(self) -> None:
        self._ear = waking(self._audio, known_words(self._audio))

    async def do(self, item: Item) -> Made:
        assert item.samples is not None
        sound = np.concatenate([item.samples, np.zeros(AFTER, np.int16)])
        self._ear.start()
        began, word = time.perf_counter(), ""
        for at in range(0, len(sound) - BLOCK + 1, BLOCK):
            found = await self._ear.hear(AudioChunk(sound[at : at + BLOCK], SAMPLE_RATE, at / SAMPLE_RATE))
            word = word or (found.word if found else "")
        return Made(word, done_ms=(time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        """Nothing to give back."""
