"""An understanding that fails on a sentence: the next one reads it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from repartee.core.errors import NothingWorks
from repartee.core.intent import Context, Reading, Status
from repartee.core.ports import Cursor, Understanding
from repartee.grammar.cache import Leaning

from .chain import Fallback

T = TypeVar("T")


class FallbackUnderstanding:
    """Satisfies `Leaning`; `parse` raises `NothingWorks` where no engine could read the sentence.

    What a sentence may go on with, and whether it leans on another, is told by the first engine alone. Without it
    people wait a little longer for the end of their turn, and are heard without help.
    """

    def __init__(self, first: Leaning, reading: Fallback[Understanding], beside: Fallback[Leaning]) -> None:
        """`reading` is asked to parse, `beside` (of `first` alone) everything else: two breakers, for a sentence that
        was read says nothing about the other questions."""
        self._first, self._reading, self._beside = first, reading, beside

    @property
    def version(self) -> Hashable:
        return self._first.version

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        return self._reading.call(lambda engine: engine.parse(text, context))

    def status(self, text: str, context: Context) -> Status:
        return self._told(lambda engine: engine.status(text, context), Status.FREE)

    def expect(self, context: Context) -> Cursor | None:
        return self._told(lambda engine: engine.expect(context), None)

    def leans(self, text: str, context: Context) -> bool:
        return self._told(lambda engine: engine.leans(text, context), True)

    def corrects(self, text: str) -> bool:
        return self._told(lambda engine: engine.corrects(text), False)

    def _told(self, ask: Callable[[Leaning], T], otherwise: T) -> T:
        try:
            return self._beside.call(ask)
        except NothingWorks:
            return otherwise
