"""How sure a count of rare events is."""

from __future__ import annotations

import math

CONFIDENCE = 0.95


def upper_bound(count: int) -> float:
    """The largest mean number of events for which `count` or fewer would still be seen once in twenty times.

    The exact one-sided bound of the Poisson distribution (Garwood, 1936): 3.0 for none, 4.74 for one.
    """
    low, high = float(count), count + 10.0 + 5.0 * math.sqrt(count + 1.0)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(count: int, mean: float) -> float:
    """Probability of `count` or fewer events."""
    return math.exp(-mean) * math.fsum(math.exp(k * math.log(mean) - math.lgamma(k + 1)) for k in range(count + 1))
