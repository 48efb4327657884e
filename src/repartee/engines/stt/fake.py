"""A recogniser that was told what it will hear: for tests, and for trying the house without a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from repartee.core.audio import AudioChunk
from repartee.core.decode_schedule import DecodeSchedule, Due
from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.ports import Cursor

LANGUAGES = ()


class Engine:
    """Hears the given sentences one after the other, each word by word as time goes on."""

    def __init__(self, *sentences: str) -> None:
        self._sentences: Sequence[str] = sentences or ("turn on the lamp",)
        self._next = 0

    async def warm(self) -> None:
        """Nothing to load."""

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        words = self._sentences[self._next % len(self._sentences)].split()
        schedule, spoken, end, heard = DecodeSchedule(), 0, 0.0, False
        async for chunk in audio:
            end = chunk.end
            if chunk.voiced and not heard:
                heard, self._next = True, self._next + 1
            due = schedule.after(chunk)
            if due is Due.PARTIAL:
                spoken += 1
                yield _hearing(words[:spoken], end)
            elif due is Due.ALL:
                yield _hearing(words, end)
        yield _hearing(words if heard else [], end, final=True)

    def close(self) -> None:
        """Nothing to give back."""


def _hearing(words: Sequence[str], end: float, final: bool = False) -> Hearing:
    return Hearing(Hypothesis(" ".join(words), 0.0), end=end, final=final)
