"""What to do about a broken budget of any kind, with the figures that say so: data/advice.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .budgets import Budget, Direction
from .files import read_data
from .recommend import Recommendation
from .verdict import Verdict

ANY = "*"


@dataclass(frozen=True, slots=True)
class Advice:
    """Of one metric."""

    parts: tuple[str, ...]
    """Metrics whose figures say where it goes."""
    do: Mapping[str, tuple[str, int]]
    """Part to what to change, and the effort of that."""

    def for_part(self, part: str) -> tuple[str, int]:
        return self.do.get(part) or self.do[ANY]


@cache
def advice_on(metric: str) -> Advice:
    """What is known of it; the general advice where it is not named."""
    data = read_data("advice.toml")
    row = data.get(metric, data[ANY])
    return Advice(tuple(row["parts"]), {part: (one["what"], one["effort"]) for part, one in row["do"].items()})


def advise(verdict: Verdict, parts: Mapping[str, float]) -> list[Recommendation]:
    """For a broken budget; nothing for any other. `parts`: name of a part to its figure, in the budget's unit."""
    budget, figure = verdict.budget, verdict.figure
    if not verdict.severity or figure is None:
        return []
    own = next(iter(next(iter(budget.where.values()), ())), "") if len(parts) != 1 else ""
    part = own or max(parts, key=lambda name: parts[name], default="")
    what, effort = advice_on(budget.metric.name).for_part(part)
    then, because = _what_if(budget, figure.value, part, parts)
    show = budget.metric.text
    return [
        Recommendation(
            budget.key,
            part or budget.metric.name,
            what,
            f"{budget.statistic} is {show(figure.value)} over n={figure.n},"
            f" {budget.direction} {show(budget.thresholds.target)} was promised. {because}",
            (),
            figure.value,
            then,
            "computed",
            effort,
            verdict.severity,
        )
    ]


def _what_if(budget: Budget, now: float, part: str, parts: Mapping[str, float]) -> tuple[float, str]:
    """The figure if the largest part were half of what it is; where nothing is known of parts, at its target."""
    show = budget.metric.text
    size = parts.get(part, 0.0)
    if budget.direction is Direction.AT_LEAST or not 0 < size <= now:
        target = budget.thresholds.target
        return target, f"At its target it would be {show(target)}."
    others = sum(value for name, value in parts.items() if name != part)
    then = now - size / 2
    return then, (
        f"{part} takes {show(size)} of it" + (f", all else that is known {show(others)}" if others else "")
        + f"; with half of that it would be {show(then)} (computed)."
    )  # fmt: skip
