"""A budget as an expression of Prometheus, in base units, right for the type of its metric."""

from __future__ import annotations

import json
import re

from ..budgets import QUANTILES, Budget, Direction, Level
from ..metrics import Kind, Source

WINDOW = "5m"
SLOW = "1h"
"""Window for what is judged per hour."""


def running(budget: Budget) -> bool:
    """Whether a running assistant exports its metric, and the series that it speaks of."""
    return budget.metric.source is not Source.BENCH and bool(budget.metric.family) and not budget.elsewhere


def selector(budget: Budget, **more: str) -> str:
    """`{stage="hear",wait_class=~"closed|released"}`; empty for all series."""
    exact = {**budget.metric.labels, **more}
    parts = [f"{label}={json.dumps(value)}" for label, value in exact.items()]
    for label, values in budget.where.items():
        pattern = "|".join(re.escape(value) for value in values)
        parts.append(f"{label}={json.dumps(values[0])}" if len(values) == 1 else f"{label}=~{json.dumps(pattern)}")
    return "{" + ",".join(parts) + "}" if parts else ""


def figure(budget: Budget, window: str = WINDOW, *, instant: bool = False) -> str:
    """The budget's figure now, over a window. `instant`: of a level, just what it is."""
    metric, chosen = budget.metric, selector(budget)
    family = metric.family
    if metric.kind is Kind.DURATION:
        if budget.statistic == "mean":
            return f"sum(rate({family}_sum{chosen}[{window}])) / sum(rate({family}_count{chosen}[{window}]))"
        quantile = QUANTILES.get(budget.statistic, 1.0)
        return f"histogram_quantile({quantile:g}, sum by (le) (rate({family}_bucket{chosen}[{window}])))"
    if metric.kind is Kind.GROWTH:
        return f"delta({family}{chosen}[{SLOW}])"
    if metric.kind is Kind.TOTAL:
        window = SLOW if metric.per_seconds > 60 else window
        return f"sum(rate({family}{chosen}[{window}])) * {metric.per_seconds:g}"
    if metric.kind is Kind.SHARE:
        return f"sum(rate({family}{chosen}[{window}])) / sum(rate({metric.of}{chosen}[{window}]))"
    over = {"mean": "avg_over_time", "max": "max_over_time"}.get(budget.statistic)
    if budget.statistic in QUANTILES:
        return f"quantile_over_time({QUANTILES[budget.statistic]:g}, {family}{chosen}[{window}])"
    return f"{family}{chosen}" if instant or over is None else f"{over}({family}{chosen}[{window}])"


def exceeded(budget: Budget, level: Level, *, instant: bool = False) -> str:
    """True while the figure is past that level (and, of a tier, so many people are there)."""
    sign = ">" if budget.direction is Direction.AT_MOST else "<"
    condition = f"{figure(budget, instant=instant)} {sign} {number(base(budget, level))}"
    if budget.users is None:
        return condition
    fewest, most = budget.users
    return f"({condition}) and on () (max(repartee_sessions) >= {fewest} and max(repartee_sessions) <= {most})"


def bad_share(budget: Budget, window: str) -> str:
    """Share of occurrences beyond the target: what an objective's error budget is spent on. The histogram has a
    bucket that ends exactly at the target."""
    family = budget.metric.family
    within = selector(budget, le=bucket(base(budget, Level.TARGET)))
    good = f"sum(rate({family}_bucket{within}[{window}]))"
    return f"1 - {good} / sum(rate({family}_count{selector(budget)}[{window}]))"


def base(budget: Budget, level: Level) -> float:
    """A threshold in base units."""
    return budget.metric.unit.to_base(budget.limit(level))


def bucket(limit: float) -> str:
    """As the label `le` is written: always with a point."""
    return repr(float(limit))


def number(value: float) -> str:
    return f"{value:.12g}"
