"""A voice that fails: the next one says the whole sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator

from repartee.core.audio import AudioChunk
from repartee.core.ports import Synthesizer

from .chain import Fallback


class FallbackSynthesizer:
    """Satisfies `Synthesizer`."""

    def __init__(self, fallback: Fallback[Synthesizer]) -> None:
        self._spares = fallback

    async def warm(self) -> None:
        await self._spares.run(lambda engine: engine.warm())

    def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        return self._spares.stream(lambda engine: engine.synthesize(text, language))

    def close(self) -> None:
        for engine in self._spares.made:
            engine.close()
