"""Service level objectives: which share of all turns must be within, and how fast the rest may be used up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .budgets import QUANTILES, Budget, Direction, Profile
from .files import read_data
from .metrics import Kind, Source


@dataclass(frozen=True, slots=True)
class Slo:
    """A budget's percentile, read as a promise: 95 % of turns within the target."""

    budget: Budget

    @property
    def name(self) -> str:
        return self.budget.name.replace("_", "-")

    @property
    def objective(self) -> float:
        """Share of turns (0-1)."""
        return QUANTILES[self.budget.statistic]

    @property
    def error_budget(self) -> float:
        return 1 - self.objective

    def spent(self, good: int, total: int) -> float:
        """Share of the error budget that is used up; above 1 it is overdrawn."""
        return (total - good) / total / self.error_budget if total else 0.0

    def burn_rate(self, good: int, total: int) -> float:
        """How many times faster than allowed it is used up, over the window these were counted in."""
        return self.spent(good, total)


@dataclass(frozen=True, slots=True)
class Burn:
    """An alert when the error budget burns `rate` times too fast over both windows."""

    rate: float
    long: str
    short: str
    severity: str


@cache
def burns() -> tuple[Burn, ...]:
    return tuple(Burn(**row) for row in read_data("alerts.toml")["burn"])


def slos(budgets: Profile | Iterable[Budget]) -> tuple[Slo, ...]:
    """One for each running percentile whose error budget can burn at the fastest rate that alerts (p95 and up)."""
    fastest = max(burn.rate for burn in burns())
    return tuple(
        Slo(budget)
        for budget in budgets
        if budget.metric.kind is Kind.DURATION
        and budget.metric.source is Source.TURN
        and budget.direction is Direction.AT_MOST
        and budget.users is None
        and QUANTILES.get(budget.statistic, 0.0) >= 1 - 1 / fastest
    )
