"""A voice that any text can be given to: it is made speakable, and said sentence by sentence however long it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from repartee.core.audio import AudioChunk
from repartee.core.ports import Synthesizer
from repartee.languages.speakable import spoken_sentences


class ReadAloud:
    """Satisfies `Synthesizer`. The voice behind it is asked for a sentence when the one before has been taken."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice = voice

    async def warm(self) -> None:
        await self._voice.warm()

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        begins = 0.0
        for sentence in spoken_sentences(text, language):
            ends = begins
            async for chunk in self._voice.synthesize(sentence, language):
                placed = replace(chunk, start=begins + chunk.start)
                ends = placed.end
                yield placed
            begins = ends

    def close(self) -> None:
        self._voice.close()


class WholeSpeech:
    """Satisfies `Synthesizer`: nothing of a text is heard before all of it is made."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice = voice

    async def warm(self) -> None:
        await self._voice.warm()

    def close(self) -> None:
        self._voice.close()

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        for chunk in [chunk async for chunk in self._voice.synthesize(text, language)]:
            yield chunk
