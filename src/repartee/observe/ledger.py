"""The ledger: everything that was measured, by metric, labels and provenance, ready to be held against budgets."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..contract.advice import advice_on
from ..contract.budgets import QUANTILES, Budget
from ..contract.metrics import Kind
from ..contract.provenance import Origin, Provenance
from ..contract.verdict import Figure, Measurement
from .sketch import Sketch

log = logging.getLogger(__name__)
MOST_SERIES = 1000
"""Distinct metrics and labels that are kept apart; whatever comes later is counted together."""
OTHER = "other"
Labels = tuple[tuple[str, str], ...]
Key = tuple[str, Labels, Origin, str]


@dataclass(slots=True)
class Series:
    """One metric with one set of labels and one provenance."""

    metric: str
    labels: Labels
    provenance: Provenance
    sketch: Sketch = field(default_factory=Sketch)
    newest: float = math.nan
    at: float = 0.0

    def statistic(self, name: str) -> float:
        return self.newest if name == "value" else statistic_of(self.sketch, name)


def statistic_of(sketch: Sketch, name: str) -> float:
    return sketch.quantile(QUANTILES[name]) if name in QUANTILES else float(getattr(sketch, name))


class Ledger:
    """Bounded: at most so many series, each a sketch. What can't be a figure is refused, counted and said once."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self._most = most
        self._series: dict[Key, Series] = {}
        self._lock = threading.Lock()
        self.refused = 0
        """Figures that were no figures: NaN, infinite, or negative (a clock that jumped)."""
        self.crowded = 0
        """Figures counted under `other`, because too many different labels came."""

    def __iter__(self) -> Iterator[Series]:
        return iter(tuple(self._series.values()))

    def record(self, measurement: Measurement, provenance: Provenance) -> bool:
        """False where the value was refused."""
        value = measurement.value
        if not 0 <= value < math.inf:
            self.refuse(measurement.metric, value)
            return False
        series = self.series(measurement.metric, measurement.labels, provenance)
        series.sketch.add(value)
        series.newest, series.at = value, monotonic()
        return True

    def refuse(self, metric: str, value: float) -> None:
        self.refused += 1
        if self.refused == 1:
            log.warning("%s was measured as %s, which can't be: left out (a clock that jumped?)", metric, value)

    def series(self, metric: str, labels: Mapping[str, str], provenance: Provenance) -> Series:
        ordered = tuple(sorted(labels.items())) if len(labels) > 1 else tuple(labels.items())
        key = (metric, ordered, provenance.origin, provenance.pace)
        found = self._series.get(key)
        return found if found is not None else self._new(key, provenance)

    def figure(self, budget: Budget) -> Figure | None:
        """All series that the budget covers, together. Figures that prove something never mix with others: these
        are told only where there is nothing better."""
        covered = [s for s in self if _covers(budget, s)]
        sound = [s for s in covered if not s.provenance.doubts(budget.metric)]
        counted = sound or covered
        if not counted:
            return None
        provenance = counted[0].provenance
        for series in counted[1:]:
            provenance = provenance.merged(series.provenance)
        if budget.statistic == "value":
            newest = max(counted, key=lambda s: s.at)
            return Figure(newest.newest, sum(s.sketch.count for s in counted), provenance)
        merged = Sketch()
        for series in counted:
            merged.merge(series.sketch)
        return Figure(statistic_of(merged, budget.statistic), merged.count, provenance)

    def parts(self, budget: Budget) -> dict[str, float]:
        """What this budget's figure is made up of, as far as that was measured: name of a part to its mean."""
        metrics = advice_on(budget.metric.name).parts
        found: dict[str, float] = {}
        for series in self:
            if series.metric in metrics and series.sketch.count:
                name = series.labels[0][1] if series.labels else series.metric
                found[name] = series.sketch.mean
        return found

    def as_json(self) -> list[dict[str, Any]]:
        """So that another process may merge it."""
        return [
            {
                "metric": s.metric,
                "labels": dict(s.labels),
                "provenance": s.provenance.as_json(),
                "newest": None if math.isnan(s.newest) else s.newest,
                "sketch": s.sketch.as_json(),
            }
            for s in self
        ]

    def merge(self, other: Ledger) -> None:
        """As if everything had been recorded here."""
        for theirs in other:
            mine = self.series(theirs.metric, dict(theirs.labels), theirs.provenance)
            mine.sketch.merge(theirs.sketch)
            if theirs.at >= mine.at:
                mine.newest, mine.at = theirs.newest, theirs.at

    def _new(self, key: Key, provenance: Provenance) -> Series:
        with self._lock:
            if len(self._series) >= self._most and key not in self._series:
                self.crowded += 1
                if self.crowded == 1:
                    log.warning("more than %d different metrics and labels: the rest is counted as other", self._most)
                key = (OTHER, (), key[2], key[3])
            return self._series.setdefault(key, Series(key[0], key[1], provenance))


def _covers(budget: Budget, series: Series) -> bool:
    metric = budget.metric
    if series.metric == metric.name:
        labels = {**metric.labels, **dict(series.labels)}
        return budget.covers(labels)
    return metric.kind is Kind.DURATION and metric.labels.get("stage") == series.metric and not budget.where
