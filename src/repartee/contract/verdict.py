"""Verdicts: a budget, the figure it is held against, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Any

from .budgets import Budget, Level, Profile
from .provenance import Provenance
from .severity import Severity, severity_of

ENOUGH = {"p50": 5, "p90": 10, "p95": 20, "p99": 100}
"""Fewest occurrences from which a percentile is worth a verdict: below, it is the largest or next to it."""


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    UNPROVEN = "unproven"
    """The figure is within, but it comes from input that proves nothing."""
    TOO_FEW = "too few"
    """There are not enough occurrences to say."""
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and what it rests on; in the unit of the metric."""

    value: float
    n: int = 1
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one budget."""

    budget: Budget
    outcome: Outcome
    figure: Figure | None = None
    level: Level = Level.WITHIN
    severity: Severity | None = None
    reason: str = ""
    """Why it is not simply kept or broken."""

    @property
    def respond_within(self) -> str:
        return self.severity.respond_within if self.severity else ""

    def text(self) -> str:
        """One line for people: figure, n, provenance, severity and time to respond."""
        line = f"{self.budget.text()}: {self.outcome}"
        if self.figure:
            line += f", {self.budget.metric.text(self.figure.value)} (n={self.figure.n})"
        if self.severity:
            line += f", {self.severity}, respond within {self.respond_within}"
        return f"{line}; {self.reason}" if self.reason else line

    def as_json(self) -> dict[str, Any]:
        limits = self.budget.thresholds
        return {
            "budget": self.budget.key,
            "metric": self.budget.metric.name,
            "from": self.budget.metric.begins,
            "to": self.budget.metric.ends,
            "direction": self.budget.direction.value,
            "unit": self.budget.metric.unit_text,
            "target": limits.target,
            "warning": limits.warning,
            "critical": limits.critical,
            "outcome": self.outcome.value,
            "figure": self.figure.value if self.figure else None,
            "n": self.figure.n if self.figure else 0,
            "provenance": self.figure.provenance.as_json() if self.figure else None,
            "level": self.level.value,
            "severity": self.severity.value if self.severity else None,
            "respond_within": self.respond_within,
            "reason": self.reason,
        }


def judge(budget: Budget, figure: Figure | None, *, single: bool = False) -> Verdict:
    """`single`: one turn is held against the threshold, so that few occurrences are no excuse."""
    if figure is None or figure.n == 0:
        return Verdict(budget, Outcome.NOT_MEASURED, reason=budget.absent or _nobody(budget))
    if not isfinite(figure.value):
        return Verdict(budget, Outcome.NOT_MEASURED, figure, reason=f"the figure is {figure.value}")
    level = budget.level(figure.value)
    doubts = figure.provenance.doubts(budget.metric)
    enough = 1 if single else max(budget.metric.least, ENOUGH.get(budget.statistic, 1))
    if figure.n < enough:
        reason = f"{figure.n} of at least {enough}" + (f"; {doubts}" if doubts else "")
        return Verdict(budget, Outcome.TOO_FEW, figure, level, reason=reason)
    if level is not Level.WITHIN:
        return Verdict(budget, Outcome.BROKEN, figure, level, severity_of(budget, figure.value), doubts)
    return Verdict(budget, Outcome.UNPROVEN if doubts else Outcome.KEPT, figure, level, reason=doubts)


def _nobody(budget: Budget) -> str:
    """Why a budget of a tier has no figure."""
    return f"nobody measured while {budget.users[0]} people and more were connected" if budget.users else ""


def judge_all(
    budgets: Profile | Iterable[Budget], figure_of: Callable[[Budget], Figure | None], users: int | None = None
) -> list[Verdict]:
    """Every budget; `users`: of the tiers only that of so many people connected."""
    return [judge(budget, figure_of(budget)) for budget in budgets if users is None or budget.counts(users)]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One occurrence of one metric, in the metric's unit."""

    metric: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def loosest(profile: Profile) -> Mapping[str, Sequence[Budget]]:
    """Metric to the budgets that one turn is held against: the loosest percentile of each, for half of all turns may
    pass a p50."""
    by_name = {
        budget.name: budget
        for budget in profile
        if (budget.statistic in ENOUGH or budget.statistic == "max") and budget.users is None
    }
    found: dict[str, list[Budget]] = {}
    for budget in by_name.values():
        found.setdefault(budget.metric.name, []).append(budget)
    return found


def judge_turn(
    budgets: Mapping[str, Sequence[Budget]], measured: Iterable[Measurement], provenance: Provenance
) -> list[Verdict]:
    """One turn, against what `loosest` chose."""
    return [
        judge(budget, Figure(measurement.value, 1, provenance), single=True)
        for measurement in measured
        for budget in budgets.get(measurement.metric, ())
        if not budget.where or budget.covers({**budget.metric.labels, **measurement.labels})
    ]


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The one to look at first; None where all is well."""
    broken = [verdict for verdict in verdicts if verdict.severity]
    return min(
        broken,
        key=lambda v: (str(v.severity), -v.budget.excess_percent(v.figure.value if v.figure else 0.0)),
        default=None,
    )
