"""Spans: when a stage of a turn began, gave its first result, ended, and whether it failed. No engine times itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from .clock import Clock

T = TypeVar("T")


@dataclass(slots=True)
class Span:
    """One stage of one turn. Times are seconds on the source's audio clock."""

    stage: str
    start: float
    first: float | None = None
    end: float | None = None
    error: str | None = None
    """The name of the error that ended it, None when it went well."""

    def relative(self, zero: float) -> dict[str, object]:
        """As told to people and stores: milliseconds from `zero` (the last voiced sample)."""

        def ms(t: float | None) -> float | None:
            return None if t is None else round((t - zero) * 1000, 2)

        row: dict[str, object] = {
            "stage": self.stage,
            "start_ms": ms(self.start),
            "first_ms": ms(self.first),
            "end_ms": ms(self.end),
        }
        return row | ({"error": self.error} if self.error else {})


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A stage that has begun and not ended."""

    stage: str
    seconds: float
    """Since it began."""


@dataclass(slots=True)
class Trace:
    """The spans of one turn, on one clock."""

    clock: Clock
    spans: list[Span] = field(default_factory=list)

    def open(self, stage: str) -> Span:
        span = Span(stage, self.clock.now())
        self.spans.append(span)
        return span

    @property
    def under_way(self) -> UnderWay | None:
        """The newest stage that has not ended."""
        span = next((span for span in reversed(self.spans) if span.end is None), None)
        return UnderWay(span.stage, self.clock.now() - span.start) if span else None

    def first(self, span: Span) -> None:
        if span.first is None:
            span.first = self.clock.now()

    def close(self, span: Span, error: BaseException | None = None) -> None:
        span.end = self.clock.now()
        span.error = type(error).__name__ if error else None

    @contextmanager
    def span(self, stage: str) -> Iterator[Span]:
        span = self.open(stage)
        try:
            yield span
        except BaseException as error:
            self.close(span, error)
            raise
        self.close(span)

    async def timed(self, stage: str, items: AsyncIterator[T]) -> AsyncIterator[T]:
        """Passes `items` on and records when the first came and when they ended."""
        with self.span(stage) as span:
            async for item in items:
                self.first(span)
                yield item
