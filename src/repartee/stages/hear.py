"""Hear: speech to text while it is spoken, and how long the last look at it took."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import groupby

import numpy as np

from repartee.core.audio import AudioChunk
from repartee.core.backlog import Backlog
from repartee.core.hearing import Hearing
from repartee.core.ports import Cursor, Transcriber
from repartee.core.spans import Span, Trace


async def hear(
    audio: AsyncIterator[AudioChunk],
    ear: Transcriber,
    expect: Cursor | None,
    trace: Trace,
    backlog: Backlog | None = None,
) -> AsyncIterator[Hearing]:
    """Partial hearings, then the final one. Raises `Overloaded` where the `backlog` has no room for one more.

    The span `hear` is the computation that the final text rests on: from the moment the sound was there to the moment
    the text was. It may lie inside the wait for the end of the turn, where it costs the person nothing.
    """
    span = Span("hear", trace.clock.now())
    given = _Given(audio, trace, backlog if trace.clock.pace == "realtime" else None)
    last: Hearing | None = None
    try:
        with given.admitted():
            async for hearing in ear.transcribe(given.chunks(), expect):
                if last is None or hearing.free is not last.free or hearing.home is not last.home:
                    span.start, span.end = given.up_to(hearing.end), trace.clock.now()
                last = hearing
                yield hearing
    except BaseException as error:
        trace.close(span, error)
        raise
    finally:
        trace.spans.append(span)


PAUSE = 0.12
"""Seconds of a pause that are left when what was said before and after it are heard as one: it means nothing."""


async def going_on(before: Sequence[AudioChunk], audio: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """What was said before a pause, at once, then what comes: one utterance. Without `before` it is `audio`."""
    waiting: deque[AudioChunk] = deque()
    for stretch in stretches(before):
        yield stretch
    begun = not before
    async for chunk in audio:
        if not begun and not chunk.voiced:
            waiting.append(chunk)
            if sum(each.seconds for each in waiting) > PAUSE:
                waiting.popleft()
            continue
        begun = True
        while waiting:
            yield waiting.popleft()
        yield chunk


async def keeping(audio: AsyncIterator[AudioChunk], kept: list[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """The same sound, remembered."""
    async for chunk in audio:
        kept.append(chunk)
        yield chunk


async def heard_alone(sound: Sequence[AudioChunk], ear: Transcriber, expect: Cursor | None) -> Hearing | None:
    """The final hearing of sound that is there already."""
    found: Hearing | None = None
    async for hearing in ear.transcribe(going_on(sound, _nothing()), expect):
        found = hearing
    return found


async def _nothing() -> AsyncIterator[AudioChunk]:
    return
    yield


def stretches(chunks: Sequence[AudioChunk]) -> list[AudioChunk]:
    """The same sound in one chunk for each stretch of speech or silence, so that it is not looked at bit by bit. The
    silence at its end is made short."""
    groups = [list(group) for _, group in groupby(chunks, key=lambda chunk: chunk.voiced)]
    made = [replace(g[0], samples=np.concatenate([chunk.samples for chunk in g]), unclear=False) for g in groups]
    if made and not made[-1].voiced:
        made[-1] = replace(made[-1], samples=made[-1].samples[: int(PAUSE * made[-1].rate)])
    return made


KEPT = 100
"""Chunks whose time is remembered: an engine is not that far behind."""


class _Given:
    """Passes sound on and remembers when."""

    def __init__(self, audio: AsyncIterator[AudioChunk], trace: Trace, backlog: Backlog | None) -> None:
        self._audio, self._clock, self._backlog = audio, trace.clock, backlog
        self._given: deque[tuple[float, float]] = deque([(0.0, self._clock.now())], maxlen=KEPT)
        """The end of a chunk in audio seconds, and when it was handed over."""

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        async for chunk in self._audio:
            self._given.append((chunk.end, self._clock.now()))
            self._waits(True)
            yield chunk
            self._waits(False)
        self._given.append((self._given[-1][0], self._clock.now()))
        self._waits(True)

    def admitted(self) -> AbstractContextManager[None]:
        return self._backlog.admitted(self) if self._backlog else nullcontext()

    def _waits(self, waits: bool) -> None:
        """For the engine: it has sound of ours and has not come back."""
        if self._backlog:
            (self._backlog.given if waits else self._backlog.back)(self)

    def up_to(self, end: float) -> float:
        """When the sound up to `end` was there; the end of all sound is when the engine was told of it."""
        known = [at for until, at in self._given if until <= end + 1e-6]
        return known[-1] if known else self._given[0][1]
