"""When did a figure change? Pettitt, A Non-Parametric Approach to the Change-Point Problem (Applied Statistics, 1979):
the split at which the ranks before and after differ most, and how likely chance alone would do as much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .gate import ALPHA, FEWEST, Answer, Comparison, compare


@dataclass(frozen=True, slots=True)
class Change:
    """What came after a moment against what came before it."""

    metric: str
    since: float
    """Unix time of the first figure after it."""
    comparison: Comparison


def change(metric: str, times: Sequence[float], values: Sequence[float], tests: int = 1) -> Change | None:
    """Of positive figures in the order of time; None where nothing can be told, or it is too little to matter.
    `tests`: how many series share the one percent of false alarms."""
    if len(values) < 2 * FEWEST:
        return None
    at, p = pettitt(values)
    if p > ALPHA / max(1, tests) or min(at, len(values) - at) < FEWEST:
        return None
    comparison = compare(values[:at], values[at:], tests=tests)
    if comparison.answer not in (Answer.SLOWER, Answer.FASTER):
        return None
    return Change(metric, times[at], comparison)


def pettitt(values: Sequence[float]) -> tuple[int, float]:
    """Index of the first value after the likeliest change, and the two-sided p (approximate, never above 1)."""
    y = np.asarray(values, float)
    n = len(y)
    _, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    u = 2 * np.cumsum(ranks)[:-1] - np.arange(1, n) * (n + 1)
    at = int(np.argmax(np.abs(u)))
    k = float(abs(u[at]))
    return at + 1, min(1.0, 2 * math.exp(-6 * k * k / (n**3 + n**2)))
