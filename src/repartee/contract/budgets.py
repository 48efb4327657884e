"""Budgets: what a figure may be at most (or must be at least), and profiles, which are named sets of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .metrics import Metric

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
STATISTICS = (*QUANTILES, "mean", "max", "value")
"""What of many figures counts; `value` is the one there is, or the newest."""


class Direction(StrEnum):
    AT_MOST = "at most"
    AT_LEAST = "at least"


class Level(StrEnum):
    """How far a figure has got."""

    WITHIN = "within"
    TARGET = "target"
    """Past the target."""
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In the unit of the budget's metric."""

    target: float
    warning: float
    critical: float

    @classmethod
    def from_target(cls, target: float, direction: Direction, *, percent: bool = False) -> Thresholds:
        """Where only a target stands: warning at 1.25 times, critical at twice. Of a share that must be at least
        so much, the part that is missing counts: 92 % right is 8 % wrong, and warns at 10 % wrong."""
        if direction is Direction.AT_MOST:
            return cls(target, target * 1.25, target * 2)
        if percent:
            missing = 100 - target
            return cls(target, max(0.0, 100 - missing * 1.25), max(0.0, 100 - missing * 2))
        return cls(target, target / 1.25, target / 2)


@dataclass(frozen=True, slots=True)
class Budget:
    """One promise: a statistic of a metric, against three thresholds."""

    name: str
    metric: Metric
    statistic: str
    thresholds: Thresholds
    direction: Direction = Direction.AT_MOST
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label to the values that count; a label that is not named may have any."""
    users: tuple[int, int] | None = None
    """Counts only while so many people are connected."""
    action: str = ""
    """What exceeding it sets off, by name, where a person allows it."""
    elsewhere: str = ""
    """As of a metric, for this budget alone."""

    @property
    def absent(self) -> str:
        """Why neither a running assistant nor `repartee bench` tells it; empty where one of them does."""
        return self.elsewhere or self.metric.elsewhere

    @property
    def key(self) -> str:
        return f"{self.name}.{self.statistic}"

    def beyond(self, figure: float, limit: float) -> bool:
        return figure > limit if self.direction is Direction.AT_MOST else figure < limit

    def level(self, figure: float) -> Level:
        limits = self.thresholds
        if not self.beyond(figure, limits.target):
            return Level.WITHIN
        if self.beyond(figure, limits.critical):
            return Level.CRITICAL
        return Level.WARNING if self.beyond(figure, limits.warning) else Level.TARGET

    def limit(self, level: Level) -> float:
        return float(getattr(self.thresholds, "target" if level is Level.WITHIN else level.value))

    def excess_percent(self, figure: float) -> float:
        """By how much the target is missed; infinite where the target is nought."""
        target = self.thresholds.target
        if not self.beyond(figure, target):
            return 0.0
        return abs(figure - target) / abs(target) * 100 if target else math.inf

    def counts(self, users: int) -> bool:
        """Whether it is a promise to somebody while so many people are connected."""
        return self.users is None or self.users[0] <= users <= self.users[1]

    def covers(self, labels: Mapping[str, str]) -> bool:
        """Whether a measurement with these labels counts."""
        own = self.metric.labels
        return all(labels.get(label) == value for label, value in own.items()) and all(
            labels.get(label) in values for label, values in self.where.items()
        )

    def text(self) -> str:
        """`action_closed.p95 at most 300 ms`"""
        return f"{self.key} {self.direction} {self.metric.text(self.thresholds.target)}"


@dataclass(frozen=True, slots=True)
class Derivation:
    """One target that a baseline will set."""

    name: str
    metric: Metric
    statistic: str
    direction: Direction
    factors: Thresholds
    """Times the baseline's figure."""
    elsewhere: str = ""
    """Why a baseline has no such figure."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of promises."""

    name: str
    title: str
    budgets: tuple[Budget, ...]
    metrics: Mapping[str, Metric]
    """All metrics that it knows: ours and the person's own."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Settings that belong to these promises."""
    derivations: tuple[Derivation, ...] = ()
    order: tuple[str, ...] = ()
    """The stages whose latency is broken down, in order."""

    def __iter__(self) -> Iterator[Budget]:
        return iter(self.budgets)

    def of_metric(self, name: str) -> tuple[Budget, ...]:
        return tuple(budget for budget in self.budgets if budget.metric.name == name)

    def budget(self, name: str) -> Budget:
        """By name or key; raises KeyError."""
        for budget in self.budgets:
            if name in (budget.name, budget.key):
                return budget
        raise KeyError(name)
