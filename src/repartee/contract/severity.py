"""Severity of a violation, P0 to P3, by the rules of data/severity.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from .budgets import Budget, Direction
from .files import read_data


class Severity(StrEnum):
    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"

    @property
    def respond_within(self) -> str:
        """`15m`, `1h`, `24h`, `1w`"""
        return rules()[self].respond_within


@dataclass(frozen=True, slots=True)
class Rule:
    respond_within: str
    when: tuple[str, ...]
    """For people."""
    always: Mapping[str, float]
    """Metric to the figure past which this severity holds whatever the budget says."""
    excess_percent: float | None


@cache
def rules() -> Mapping[Severity, Rule]:
    data = read_data("severity.toml")
    return {
        severity: Rule(row["respond_within"], tuple(row["when"]), row.get("always", {}), row.get("excess_percent"))
        for severity in Severity
        if (row := data[severity.value])
    }


def severity_of(budget: Budget, figure: float) -> Severity:
    """Of a figure that is past its target. The first rule that fits decides; below the warning threshold nothing
    is worse than P3, except what a rule names outright."""
    excess = budget.excess_percent(figure)
    minor = not budget.beyond(figure, budget.thresholds.warning)
    for severity, rule in rules().items():
        limit = rule.always.get(budget.metric.name)
        if limit is not None and (figure > limit if budget.direction is Direction.AT_MOST else True):
            return severity
        if rule.excess_percent is not None and excess > rule.excess_percent and not minor:
            return severity
    return Severity.P3
