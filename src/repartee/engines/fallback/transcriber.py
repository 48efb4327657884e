"""A recogniser that fails in the middle of a sentence: the next one hears the sentence from its beginning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from repartee.core.audio import AudioChunk
from repartee.core.errors import ReparteeError
from repartee.core.hearing import Hearing
from repartee.core.ports import Cursor, Transcriber

from .chain import Fallback

HEARS_WITHIN = 10.0
"""Seconds after the last sound in which the last word on it is due; a recogniser that takes longer hangs."""


class FallbackTranscriber:
    """Satisfies `Transcriber`."""

    def __init__(self, fallback: Fallback[Transcriber]) -> None:
        self._spares = fallback

    async def warm(self) -> None:
        await self._spares.run(lambda engine: engine.warm())

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        heard = _Kept(audio)
        async for hearing in self._spares.stream(lambda engine: self._named(engine, _within(engine, heard, expect))):
            yield hearing
        if heard.error:
            raise heard.error

    async def _named(self, engine: Transcriber, hearings: AsyncIterator[Hearing]) -> AsyncIterator[Hearing]:
        """Each with the name of the engine that really heard it."""
        name = self._spares.name_of(engine)
        async for hearing in hearings:
            yield replace(hearing, engine=name)

    def close(self) -> None:
        for engine in self._spares.made:
            engine.close()


class Hung(ReparteeError):
    """A recogniser that has heard all and says nothing."""


async def _within(engine: Transcriber, heard: _Kept, expect: Cursor | None) -> AsyncIterator[Hearing]:
    hearings = engine.transcribe(heard.again(), expect)
    while True:
        try:
            async with asyncio.timeout(None) as limit:
                heard.limit = limit
                heard.hurry()
                hearing = await anext(hearings, None)
        except TimeoutError as error:
            raise Hung(f"no last word within {HEARS_WITHIN:g} s") from error
        finally:
            heard.limit = None
        if hearing is None or heard.error:
            return
        yield hearing


class _Kept:
    """The sound of one utterance (`longest` bounds it), to be heard again."""

    def __init__(self, audio: AsyncIterator[AudioChunk]) -> None:
        self._audio = audio
        self._chunks: list[AudioChunk] = []
        self._over = False
        self.error: Exception | None = None
        """What the source of the sound raised: no recogniser's fault."""
        self.limit: asyncio.Timeout | None = None

    def hurry(self) -> None:
        """All was heard, so the rest is due."""
        if self._over and self.limit:
            self.limit.reschedule(asyncio.get_running_loop().time() + HEARS_WITHIN)

    async def again(self) -> AsyncIterator[AudioChunk]:
        """From the beginning, then as it comes."""
        for chunk in tuple(self._chunks):
            yield chunk
        while (fresh := await self._next()) is not None:
            yield fresh
        self.hurry()

    async def _next(self) -> AudioChunk | None:
        if self._over:
            return None
        try:
            chunk = await anext(self._audio, None)
        except (ReparteeError, OSError) as error:  # handed on as it is, once the recogniser is through
            self.error, self._over = error, True
            return None
        if chunk is None:
            self._over = True
        else:
            self._chunks.append(chunk)
        return chunk
