"""Percentiles that stay right over long runs and merge across processes: a DDSketch, stated error half a percent.

Masson, Rim, Lee: DDSketch, VLDB 2019. 2,048 bins of this width cover eight powers of ten (1 µs to 100 s in
milliseconds); should values spread wider, the *lowest* lose their resolution, never the slow ones.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

from ddsketch import LogCollapsingLowestDenseDDSketch

ERROR = 0.005
"""A percentile p is within p ± 0.5 %."""
BINS = 2048
HELD = 512
"""Values that wait to be sorted into bins: a record is then one append, and safe from any thread."""


class _Bins(LogCollapsingLowestDenseDDSketch):
    """The library's sketch, with what is needed to write it down."""

    def __init__(self) -> None:
        super().__init__(ERROR, BINS)

    @property
    def extremes(self) -> tuple[float, float]:
        return float(self._min), float(self._max)

    def counts(self) -> dict[str, float]:
        store = self._store
        return {str(i + store.offset): count for i, count in enumerate(store.bins) if count}

    @property
    def zeros(self) -> float:
        return float(self._zero_count)

    def fill(self, row: dict[str, Any]) -> None:
        for key, count in row["bins"].items():
            self._store.add(int(key), float(count))
        self._zero_count, self._count = float(row["zeros"]), float(row["count"])
        self._sum, self._min, self._max = float(row["sum"]), float(row["min"]), float(row["max"])


class Sketch:
    """Of values that are not negative. `add` costs a fraction of a microsecond."""

    __slots__ = ("_bins", "_held", "_lock")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self._bins = _Bins()
        self._held: deque[float] = deque()
        self._lock = threading.Lock()
        for value in values:
            self.add(value)

    def add(self, value: float) -> None:
        """Finite and not negative; the caller has looked."""
        self._held.append(value)
        if len(self._held) >= HELD:
            self._sort_in()

    @property
    def count(self) -> int:
        return int(self._sort_in().count)

    @property
    def sum(self) -> float:
        return float(self._sort_in().sum)

    @property
    def mean(self) -> float:
        bins = self._sort_in()
        return float(bins.sum / bins.count) if bins.count else math.nan

    @property
    def max(self) -> float:
        bins = self._sort_in()
        return bins.extremes[1] if bins.count else math.nan

    @property
    def min(self) -> float:
        bins = self._sort_in()
        return bins.extremes[0] if bins.count else math.nan

    def quantile(self, q: float) -> float:
        """NaN of nothing. Within the error, and never outside of what was seen."""
        bins = self._sort_in()
        if not bins.count:
            return math.nan
        low, high = bins.extremes
        return min(high, max(low, float(bins.get_quantile_value(q) or 0.0)))

    def merge(self, other: Sketch) -> None:
        """As if all values had been added here."""
        theirs = other._sort_in()
        mine = self._sort_in()
        with self._lock:
            mine.merge(theirs)

    def as_json(self) -> dict[str, Any]:
        bins = self._sort_in()
        low, high = bins.extremes if bins.count else (0.0, 0.0)
        return {
            "error": ERROR,
            "count": bins.count,
            "sum": bins.sum,
            "min": low,
            "max": high,
            "zeros": bins.zeros,
            "bins": bins.counts(),
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Sketch:
        """Raises ValueError for another width of bins: those can't be merged."""
        if row["error"] != ERROR:
            raise ValueError(f"this sketch has an error of {row['error']}, ours {ERROR}")
        sketch = cls()
        if row["count"]:
            sketch._bins.fill(row)
        return sketch

    def _sort_in(self) -> _Bins:
        with self._lock:
            add, take = self._bins.add, self._held.popleft
            while self._held:  # only here, under the lock, is anything taken out
                add(take())
        return self._bins
