"""Neural voices in Piper's format on plain onnxruntime, with eSpeak's phonemes. 22,050 Hz as a rule.

The voice `en_US-joe-medium` comes with the extra `voice` (CC0); others are files that the settings name. A language
without such a voice is spoken by eSpeak. eSpeak NG is GPL-3 (see NOTICE).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import AudioChunk
from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.worker import Worker
from repartee.engines.tts import espeak

from .voice import Voice, VoiceFile, clauses, packaged

OWN_SPEED = 175
"""Words a minute that a voice says when it is not told otherwise."""
CHUNK = 1_764
"""Samples of a chunk: 80 ms at 22,050 Hz."""
LONGEST_WORD = 60
"""Characters; longer ones are cut."""


class Engine:
    def __init__(self, words_per_minute: int = OWN_SPEED, voices: Sequence[Path] = ()) -> None:
        """`voices`: ONNX files; the first of a language speaks it. Raises `EngineMissing`, `BadInput`."""
        files = [VoiceFile.read(path) for path in (*voices, *packaged())]
        if not files:
            raise EngineMissing("piper", f"{install('voice')}, or name a voice file")
        self.files = {file.language: file for file in reversed(files)}
        self._length = OWN_SPEED / words_per_minute
        self._others = espeak.Engine(words_per_minute)
        self._worker = Worker("tts-neural")
        self._loaded: dict[str, Voice] = {}

    async def warm(self) -> None:
        """Loads the voices and says a word with each: the first sentence costs twice the others."""
        await self._others.warm()
        for language in self.files:
            async for _ in self.synthesize("Yes.", language):
                pass

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        """Clause by clause; the first sound comes when the first clause is made."""
        file = self.files.get(language.partition("-")[0])
        if file is None:
            async for chunk in self._others.synthesize(text, language):
                yield chunk
            return
        position = 0
        for phonemes in await espeak.worker().run(_clauses, text, file.espeak):
            for samples in _chunks(await self._made(file, phonemes)):
                yield AudioChunk(samples, file.rate, position / file.rate)
                position += len(samples)

    def close(self) -> None:
        self._worker.close()
        self._loaded.clear()

    async def _made(self, file: VoiceFile, phonemes: str) -> NDArray[np.int16]:
        """A clause's sound. Whoever stops listening stops the network in the middle."""
        from onnxruntime import RunOptions

        options = RunOptions()
        try:
            return await self._worker.run(self._say, file, phonemes, options)
        except asyncio.CancelledError:
            options.terminate = True
            raise

    def _say(self, file: VoiceFile, phonemes: str, options: object) -> NDArray[np.int16]:
        if file.language not in self._loaded:
            self._loaded[file.language] = Voice(file)
        return self._loaded[file.language].say(phonemes, self._length, options)


def _clauses(text: str, voice: str) -> list[str]:
    speakable = re.sub(rf"(\S{{{LONGEST_WORD}}})\S+", r"\1", text)
    return list(clauses(espeak.phonemes(speakable, voice)))


def _chunks(samples: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
    for start in range(0, len(samples), CHUNK):
        yield samples[start : start + CHUNK]
