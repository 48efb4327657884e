"""Does it leak? A robust slope with its confidence, over memory that jumps, wobbles and is given back in lumps.

Theil-Sen estimator with Sen's confidence interval: Sen, Estimates of the Regression Coefficient Based on Kendall's
Tau, JASA 1968. The variance is widened for values that hang together in time (von Storch's effective sample size).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.959964
MOST = 400
"""Points that are looked at: thinned by medians beyond (the number of pairs grows with the square)."""
FEWEST = 20
WARM_UP = 0.2
"""Share of the time that is left out at the beginning: caches fill and pools grow."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Per unit of time, with a 95 % interval."""

    value: float
    low: float
    high: float


class Leak(StrEnum):
    NONE = "no leak"
    PYTHON = "leaks Python objects"
    NATIVE = "leaks outside Python"
    UNCERTAIN = "can't say yet"


@dataclass(frozen=True, slots=True)
class LeakVerdict:
    leak: Leak
    growth: Slope | None
    """MB an hour."""
    python: Slope | None
    """MB an hour of Python's own blocks."""
    reason: str

    @property
    def leaks(self) -> bool:
        return self.leak in (Leak.PYTHON, Leak.NATIVE)


def theil_sen(times: ArrayLike, values: ArrayLike) -> Slope:
    """The median of the slopes of all pairs. Raises ValueError for fewer than three points."""
    x, y = np.asarray(times, float), np.asarray(values, float)
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    if len(x) < 3:
        raise ValueError(f"a slope needs three points, here are {len(x)}")
    i, j = np.triu_indices(len(x), 1)
    dx = x[j] - x[i]
    slopes = np.sort((y[j] - y[i])[dx != 0] / dx[dx != 0])
    if not len(slopes):
        raise ValueError("a slope needs two different times")
    value = float(np.median(slopes))
    n = len(x)
    sigma = math.sqrt(n * (n - 1) * (2 * n + 5) / 18) * math.sqrt(_inflation(y - value * x))
    reach = Z95 * sigma
    low = slopes[int(np.clip(round((len(slopes) - reach) / 2), 0, len(slopes) - 1))]
    high = slopes[int(np.clip(round((len(slopes) + reach) / 2), 0, len(slopes) - 1))]
    return Slope(value, float(low), float(high))


def leak_verdict(
    seconds: Sequence[float],
    rss: Sequence[float],
    python: Sequence[float] | None = None,
    allowed: float = 5.0,
) -> LeakVerdict:
    """`rss` and `python` in bytes over `seconds`; `allowed` growth in MB an hour (the budget's target).

    A leak: even the lower bound grows, and the slope is beyond what is allowed. None: the slope is within, and so is
    at least as much of the interval. Anything between is said to be uncertain.
    """
    times, memory = _steady(seconds, rss)
    if len(times) < FEWEST:
        return LeakVerdict(Leak.UNCERTAIN, None, None, f"{len(times)} samples after warm-up, {FEWEST} are needed")
    growth = theil_sen(times, memory)
    own = None
    if python is not None:
        own_times, own_memory = _steady(seconds, python)
        own = theil_sen(own_times, own_memory) if len(own_times) >= FEWEST else None
    range_ = f"{growth.value:.1f} MB/h (95 %: {growth.low:.1f} to {growth.high:.1f}), allowed {allowed:g}"
    if growth.low > 0 and growth.value > allowed:
        native = own is None or own.value < growth.value / 2
        return LeakVerdict(Leak.NATIVE if native else Leak.PYTHON, growth, own, range_)
    if growth.value <= allowed and growth.high < 2 * allowed:
        return LeakVerdict(Leak.NONE, growth, own, range_)
    return LeakVerdict(Leak.UNCERTAIN, growth, own, range_)


def _steady(seconds: Sequence[float], values: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hours and megabytes after warm-up, thinned to `MOST` points by medians of neighbours."""
    x, y = np.asarray(seconds, float) / 3600, np.asarray(values, float) / 1e6
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    if len(x):
        late = x >= x[0] + (x[-1] - x[0]) * WARM_UP
        x, y = x[late], y[late]
    if len(x) > MOST:
        size = math.ceil(len(x) / MOST)
        full = len(x) // size * size
        x, y = np.median(x[:full].reshape(-1, size), axis=1), np.median(y[:full].reshape(-1, size), axis=1)
    return x, y


def _inflation(residuals: NDArray[np.float64]) -> float:
    """How many values that hang together count as one, from the first autocorrelation: (1 + r) / (1 - r)."""
    centred = residuals - residuals.mean()
    power = float(centred @ centred)
    if power <= 1e-18 or len(centred) < 4:
        return 1.0
    r = float(centred[:-1] @ centred[1:]) / power
    r = min(max(r, 0.0), 0.95)
    return (1 + r) / (1 - r)
