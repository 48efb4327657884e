"""The span of hearing: from the moment the sound was there to the moment its text was, whatever engine it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.core.audio import AudioChunk
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.ports import Cursor
from repartee.core.spans import Trace
from repartee.stages.hear import hear


class Hand:
    """A clock that is set by hand."""

    pace = "realtime"

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def heard(self, position: float) -> None:
        """Set by hand."""


class Slow:
    """Takes half a second for a look, one after two chunks and one at the end."""

    def __init__(self, clock: Hand, breaks: bool = False) -> None:
        self._clock, self._breaks = clock, breaks

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        count, end = 0, 0.0
        async for chunk in audio:
            count, end = count + 1, chunk.end
            if count == 2:
                yield self._look("turn on", end, final=False)
        if self._breaks:
            raise RuntimeError("the model is gone")
        yield self._look("turn on the lamp", end, final=True)

    def _look(self, text: str, end: float, final: bool) -> Hearing:
        self._clock.at += 0.5
        return Hearing(Hypothesis(text, 0.0), final=final, end=end)

    async def warm(self) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to give back."""


async def sound(clock: Hand, chunks: int = 4) -> AsyncIterator[AudioChunk]:
    for number in range(chunks):
        clock.at += 0.1
        yield AudioChunk(np.zeros(1600, np.int16), 16_000, number / 10)


async def test_the_span_is_the_look_that_the_final_text_rests_on() -> None:
    clock = Hand()
    trace = Trace(clock)
    texts = [hearing.text async for hearing in hear(sound(clock), Slow(clock), None, trace)]
    assert texts == ["turn on", "turn on the lamp"]
    (span,) = trace.spans
    assert span.end is not None
    assert span.end - span.start == pytest.approx(0.5), "the second look, not the wait for the sound between"


async def test_an_engine_that_breaks_leaves_its_span_with_the_error() -> None:
    clock = Hand()
    trace = Trace(clock)
    with pytest.raises(RuntimeError):
        async for _ in hear(sound(clock), Slow(clock, breaks=True), None, trace):
            pass
    assert trace.spans[0].error == "RuntimeError"
