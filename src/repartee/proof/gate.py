"""The regression gate: is it slower than before, and are there enough runs to say so?

Two tests together, each at one percent: Mann and Whitney, On a Test of Whether one of Two Random Variables is
Stochastically Larger than the Other (1947), and a bootstrap of the ratio of medians (Efron, 1979). Before either is
believed, the runs must be enough: a slowdown of the limit would have been noticed in nine of ten cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.01
POWER = 0.9
DRAWS = 4000
FEWEST = 8
"""Runs of each, below which nothing is said."""


class Answer(StrEnum):
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "no slower"
    TOO_FEW = "too few runs to say"


@dataclass(frozen=True, slots=True)
class Comparison:
    """New against old; ratios of medians, above 1 is slower."""

    answer: Answer
    ratio: float
    low: float
    high: float
    """Interval of the ratio at the level of the tests (98 % for one)."""
    p: float
    """That new is slower by chance (Mann-Whitney, one-sided)."""
    noticeable: float
    """The least ratio that these runs would show in nine of ten cases."""
    needed: int
    """Runs of each that would show a slowdown of the limit."""

    def text(self) -> str:
        change = f"{self.ratio:.3f} times the old time ({self.low:.3f} to {self.high:.3f}, p = {self.p:.2g})"
        if self.answer is Answer.TOO_FEW:
            return f"{self.answer}: {change}; {self.needed} runs of each are needed"
        return f"{self.answer}: {change}"

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"answer": self.answer.value}


def compare(
    old: Sequence[float], new: Sequence[float], limit_percent: float = 10.0, *, tests: int = 1, seed: int = 0
) -> Comparison:
    """Times of runs, interleaved where it can be done. Slower: both tests say so, and by more than half the limit
    (what is surely slower, but by a percent, fails no build). `tests`: how many comparisons share the one
    percent of false alarms. Raises ValueError for times that are none."""
    alpha = ALPHA / max(1, tests)
    a, b = np.asarray(old, float), np.asarray(new, float)
    for values in (a, b):
        if not np.isfinite(values).all() or (values <= 0).any():
            raise ValueError("times are numbers above nought")
    if min(len(a), len(b)) < FEWEST:
        return Comparison(Answer.TOO_FEW, math.nan, math.nan, math.nan, math.nan, math.inf, FEWEST)
    limit = 1 + limit_percent / 100
    ratios = _bootstrap(a, b, seed)
    ratio = float(np.median(b) / np.median(a))
    low, high = (float(q) for q in np.quantile(ratios, [alpha, 1 - alpha]))
    p = mann_whitney(a, b)
    spread = float(np.std(np.log(ratios)))
    reach = (NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(POWER)) * spread
    noticeable = math.exp(reach)
    fewer = min(len(a), len(b))
    needed = max(FEWEST, math.ceil(fewer * (reach / math.log(limit)) ** 2))
    return Comparison(_answer(ratio, low, high, p / alpha, limit, noticeable), ratio, low, high, p, noticeable, needed)


def _answer(ratio: float, low: float, high: float, p: float, limit: float, noticeable: float) -> Answer:
    """`p` in units of what is allowed."""
    if low > 1 and p < 1 and ratio > math.sqrt(limit):
        return Answer.SLOWER
    if noticeable > limit and high > limit:
        return Answer.TOO_FEW
    return Answer.FASTER if high < 1 else Answer.SAME


def mann_whitney(old: Sequence[float] | NDArray[np.float64], new: Sequence[float] | NDArray[np.float64]) -> float:
    """One-sided p that `new` tends to be larger; normal approximation with ties and continuity corrected."""
    a, b = np.asarray(old, float), np.asarray(new, float)
    n, m = len(a), len(b)
    together = np.concatenate([a, b])
    values, inverse, counts = np.unique(together, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    u = float(ranks[n:].sum()) - m * (m + 1) / 2
    total = n + m
    ties = float((counts.astype(float) ** 3 - counts).sum()) / (total * (total - 1))
    variance = n * m / 12 * (total + 1 - ties)
    if variance <= 0 or len(values) == 1:
        return 0.5
    return 1 - NormalDist().cdf((u - n * m / 2 - 0.5) / math.sqrt(variance))


def _bootstrap(a: NDArray[np.float64], b: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Ratios of the medians of runs drawn again and again."""
    rng = np.random.default_rng(seed)
    old = np.median(a[rng.integers(0, len(a), (DRAWS, len(a)))], axis=1)
    new = np.median(b[rng.integers(0, len(b), (DRAWS, len(b)))], axis=1)
    ratios: NDArray[np.float64] = new / old
    return ratios
