"""The critical path of a turn: which stage held it up at each moment, and so which one is to blame.

Of the stages under way at a moment, the one that ends last holds up the others; of those that end together, the one
that began last (a wait that ends because a decode has ended was held up by the decode). Where none is under way, time
passed between stages. The parts therefore sum up to the latency that the person noticed, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..core.spans import Span

BETWEEN = "between stages"
LEAST = 0.5
"""Milliseconds that are worth a word."""
TOGETHER = 0.005
"""Seconds within which two stages end together."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the path, in milliseconds after the last voiced sample."""

    stage: str
    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Path:
    """From the last voiced sample to one event."""

    event: str
    parts: tuple[Part, ...]

    @property
    def total(self) -> float:
        return self.parts[-1].end if self.parts else 0.0

    def shares(self) -> dict[str, float]:
        """Stage to its milliseconds on the path, longest first; they sum up to `total`."""
        return dict(sorted(self._sums().items(), key=lambda item: -item[1]))

    def _sums(self) -> dict[str, float]:
        sums: dict[str, float] = {}
        for part in self.parts:
            sums[part.stage] = sums.get(part.stage, 0.0) + part.end - part.start
        return sums

    @property
    def blame(self) -> str:
        """The stage that took most of it; empty where nothing took time."""
        sums = self._sums()
        return max(sums, key=sums.__getitem__, default="")

    def text(self) -> str:
        """`204 ms: listen 142 (70 %), hear 58 (28 %), act 4 (2 %)`"""
        shares = ", ".join(f"{s} {ms:.0f} ({ms / self.total:.0%})" for s, ms in self.shares().items() if ms >= LEAST)
        return f"{self.total:.0f} ms: {shares}"


def critical_path(spans: Sequence[Span], zero: float, event: str, owner: str) -> Path | None:
    """To the event that the stage `owner` ends with (`first_audible`: with its first result). None: it never came."""
    owners = [span for span in spans if span.stage == owner and _at(span, event) is not None]
    if not owners:
        return None
    last = max(owners, key=lambda span: _at(span, event) or 0.0)
    until = _at(last, event) or 0.0
    stretches = [(s.stage, s.start, s.end) for s in spans if s is not last and s.end is not None and s.end <= until]
    stretches.append((owner, last.start, until))
    return Path(event, tuple(_sweep(stretches, zero, until)))


def _at(span: Span, event: str) -> float | None:
    return span.first if event == "first_audible" else span.end


def _sweep(stretches: Sequence[tuple[str, float, float]], zero: float, until: float) -> list[Part]:
    seen = [(b, a, stage) for stage, a, b in stretches if b > zero]
    times = sorted({zero, until, *(t for b, a, _ in seen for t in (a, b) if zero < t < until)})
    held: list[tuple[str, float]] = []
    for begin, end in pairwise(times):
        under_way = [stretch for stretch in seen if stretch[1] <= begin and stretch[0] >= end]
        stage = _holder(under_way) if under_way else BETWEEN
        if held and held[-1][0] == stage:
            held[-1] = (stage, end)
        else:
            held.append((stage, end))
    ends = [0.0, *((end - zero) * 1000 for _, end in held)]
    return [Part(stage, ends[i], ends[i + 1]) for i, (stage, _) in enumerate(held)]


def _holder(under_way: Sequence[tuple[float, float, str]]) -> str:
    if len(under_way) == 1:
        return under_way[0][2]
    last = max(under_way)[0] - TOGETHER
    return max((begun, stage) for ended, begun, stage in under_way if ended >= last)[1]
