"""A voice that remembers what it has said: in memory, and on disk across restarts.

The key is a hash of everything the sound depends on: which voice, its settings, language and text.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import AudioChunk
from repartee.core.limiter import background
from repartee.core.ports import Synthesizer
from repartee.core.worker import Worker
from repartee.grammar.cache import Cache

from .folder import SpeechFolder

CHUNK = 1_764
"""Samples a chunk."""
LONGEST = 15.0
"""Seconds; what is longer is hardly said twice."""


class Speech(NamedTuple):
    samples: NDArray[np.int16]
    rate: int
    """Hz."""


class CachedVoice:
    """Satisfies `Synthesizer`. Only what was said to its end is remembered."""

    def __init__(
        self, voice: Synthesizer, identity: str, memory: Cache[Speech], folder: SpeechFolder | None = None
    ) -> None:
        """`identity`: of the voice with its settings; two with the same one sound the same."""
        self.memory = memory
        """Its statistics count what the folder gave as hits too."""
        self._voice, self._identity, self._folder = voice, identity, folder
        self._worker = Worker("speech-cache")

    async def warm(self) -> None:
        await self._voice.warm()

    async def prepare(self, texts: Iterable[str], language: str) -> int:
        """Makes what is not there yet, for idle time; how many that were."""
        made = 0
        with background():
            for text in texts:
                if await self._known(self._key(text, language)) is None:
                    async for _ in self._fresh(text, language):
                        pass
                    made += 1
        return made

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        known = await self._known(self._key(text, language))
        if known is not None:
            for chunk in _chunks(known):
                yield chunk
            return
        async for chunk in self._fresh(text, language):
            yield chunk

    async def clear(self) -> None:
        """Nothing that was said can be heard from here any more."""
        self.memory.clear()
        if self._folder:
            await self._worker.run(self._folder.clear)

    def close(self) -> None:
        self._voice.close()
        self._worker.close()

    def _key(self, text: str, language: str) -> str:
        parts = "\0".join((self._identity, language, text))
        return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()

    async def _known(self, key: str) -> Speech | None:
        speech = self.memory.get(key)
        if speech is not None or self._folder is None:
            return speech
        began = time.perf_counter()
        found = await self._worker.run(self._folder.get, key)
        if found is None:
            return None
        speech = Speech(*found)
        self.memory.put(key, speech, speech.samples.nbytes, time.perf_counter() - began)
        statistics = self.memory.statistics
        statistics.misses -= 1
        statistics.hits += 1
        return speech

    async def _fresh(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        """From the voice, and remembered when it has come to its end."""
        began, waited = time.perf_counter(), 0.0
        heard: list[AudioChunk] = []
        async for chunk in self._voice.synthesize(text, language):
            heard.append(chunk)
            paused = time.perf_counter()
            yield chunk
            waited += time.perf_counter() - paused
        if heard and sum(chunk.seconds for chunk in heard) <= LONGEST:
            cost = time.perf_counter() - began - waited
            await asyncio.shield(self._keep(self._key(text, language), heard, cost))

    async def _keep(self, key: str, heard: list[AudioChunk], cost: float) -> None:
        speech = Speech(np.concatenate([chunk.samples for chunk in heard]), heard[0].rate)
        self.memory.put(key, speech, speech.samples.nbytes, cost)
        if self._folder:
            await self._worker.run(self._folder.put, key, speech.samples, speech.rate)


def _chunks(speech: Speech) -> Iterator[AudioChunk]:
    for start in range(0, len(speech.samples), CHUNK):
        yield AudioChunk(speech.samples[start : start + CHUNK], speech.rate, start / speech.rate)
