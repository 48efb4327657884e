"""The performance log as lines over time: how long people waited, how often it failed, and what the process used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from repartee.core.errors import BadInput

from .history import Past, Use, read, uses

QUANTILES = (50, 95, 99)
"""Percent."""


@dataclass(frozen=True, slots=True)
class Window:
    """Equal parts of a stretch of time, in Unix seconds."""

    begin: float
    end: float
    parts: int

    @property
    def step(self) -> float:
        """Seconds of one part."""
        return (self.end - self.begin) / self.parts

    def times(self) -> list[float]:
        """The middle of each part."""
        return [round(self.begin + (i + 0.5) * self.step, 1) for i in range(self.parts)]

    def part_of(self, at: float) -> int | None:
        """None outside of the window."""
        number = math.floor((at - self.begin) / self.step)
        return number if 0 <= number < self.parts else None


def timeline(turns: Sequence[Past], used: Sequence[Use], window: Window) -> dict[str, Any]:
    """Columns of the same length, one value a part of the window; None where there was nothing.

    `turns`: how many, how many of them failed, and percentiles of the milliseconds from the last voiced sample (typed:
    from the sentence) to the answer. `used`: the highest figure of each part, by metric.
    """
    waits = _sorted_in(window, ((past.at, past.total) for past in turns if past.total is not None))
    metrics = sorted({name for use in used for name in use.figures})
    return {
        "at": window.times(),
        "turns": {
            "n": _each(_sorted_in(window, ((past.at, 1.0) for past in turns)), len),
            "failed": _each(_sorted_in(window, ((past.at, float(past.failed)) for past in turns)), sum),
            **{f"p{q}": _each(waits, partial(_percentile, q)) for q in QUANTILES},
        },
        "used": {
            name: _each(_sorted_in(window, ((u.at, u.figures[name]) for u in used if name in u.figures)), max)
            for name in metrics
        },
    }


def read_timeline(log: Path | None, window: Window, live: Sequence[Use] = ()) -> dict[str, Any]:
    """Of a performance log; `live` are samples that the log has not (yet). No log: the samples alone."""
    turns: Sequence[Past] = ()
    if log is not None:
        try:
            turns = read(log, window.begin)
        except BadInput:  # nothing was written yet
            turns = ()
    return timeline(turns, [*(uses(log, window.begin) if log else ()), *live], window)


def _sorted_in(window: Window, values: Iterable[tuple[float, float]]) -> list[list[float]]:
    parts: list[list[float]] = [[] for _ in range(window.parts)]
    for at, value in values:
        if (number := window.part_of(at)) is not None:
            parts[number].append(value)
    return parts


def _each(parts: Sequence[Sequence[float]], of: Callable[[Sequence[float]], float]) -> list[float | None]:
    return [round(of(values), 3) if values else None for values in parts]


def _percentile(percent: int, values: Sequence[float]) -> float:
    return float(np.percentile(values, percent))
