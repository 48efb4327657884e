"""Hear: speech to text while it is spoken, and how long the last look at it took."""

from __future__ import annotations

from collections.abc import AsyncIterator

from repartee.core.audio import AudioChunk
from repartee.core.hearing import Hearing
from repartee.core.ports import Cursor, Transcriber
from repartee.core.spans import Span, Trace


async def hear(
    audio: AsyncIterator[AudioChunk], ear: Transcriber, expect: Cursor | None, trace: Trace
) -> AsyncIterator[Hearing]:
    """Partial hearings, then the final one.

    The span `hear` is the computation that the final text rests on: from the moment the sound was there to the moment
    the text was. It may lie inside the wait for the end of the turn, where it costs the person nothing.
    """
    span = Span("hear", trace.clock.now())
    given = _Given(audio, trace)
    last: Hearing | None = None
    try:
        async for hearing in ear.transcribe(given.chunks(), expect):
            if last is None or hearing.free is not last.free:
                span.start, span.end = given.at, trace.clock.now()
            last = hearing
            yield hearing
    except BaseException as error:
        trace.close(span, error)
        raise
    finally:
        trace.spans.append(span)


class _Given:
    """Passes sound on and remembers when the last of it was handed over."""

    def __init__(self, audio: AsyncIterator[AudioChunk], trace: Trace) -> None:
        self._audio, self._clock = audio, trace.clock
        self.at = self._clock.now()

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._audio:
            self.at = self._clock.now()
            yield chunk
        self.at = self._clock.now()
