"""Recommendations that rest on evidence: which turns, which figures, and what a change would have given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .budgets import QUANTILES, Budget
from .severity import Severity
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """One turn as evidence."""

    id: str
    total: float
    """In the unit of the budget."""
    parts: Mapping[str, float]
    """Stage to what it added on the critical path; they sum up to `total`."""

    @property
    def blame(self) -> str:
        return max(self.parts, key=lambda stage: self.parts[stage], default="")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change that was measured somewhere: the stage's time becomes `factor` times as long."""

    stage: str
    change: str
    """What to do, for a person: `set audio.beam = 3`."""
    factor: float
    source: str
    """Where it was measured: a results file and its date."""
    cost: str = ""
    """What is lost by it."""
    effort: int = 1
    """1: a setting; 2: another engine; 3: other hardware."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to change first, and why we think so."""

    budget: str
    stage: str
    what: str
    evidence: str
    turns: tuple[str, ...]
    """Ids of the turns it rests on, slowest first."""
    now: float
    then: float
    """The budget's figure over the same turns after the change."""
    basis: str
    """`measured` (a what-if that was run) or `computed` (the same turns with the stage shortened)."""
    effort: int = 1
    severity: Severity | None = None
    """Of the budget that is broken."""

    @property
    def gain(self) -> float:
        return abs(self.now - self.then)

    @property
    def priority(self) -> str:
        """P0 to P4, by impact and effort: how bad the broken budget is (P0 4 points, P3 1), how much of the figure the
        change takes away (its share of that), over the effort."""
        points = 4 - list(Severity).index(self.severity) if self.severity else 1
        share = min(1.0, self.gain / abs(self.now)) if self.now else 1.0
        score = points * (0.5 + share) / self.effort
        return next((f"P{n}" for n, least in enumerate(LEAST) if score >= least), f"P{len(LEAST)}")

    def text(self) -> str:
        turns = f" Turns {', '.join(self.turns[:3])}." if self.turns else ""
        return f"{self.priority} {self.what}: {self.evidence}{turns}"

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"gain": self.gain, "priority": self.priority}


LEAST = (3.0, 1.5, 0.8, 0.4)
"""Scores from which a change is P0, P1, P2, P3; below, P4: it can wait until somebody has nothing better to do."""


def ranked(found: Iterable[Recommendation]) -> list[Recommendation]:
    """The most urgent first; of these, what is gained for the least effort."""
    return sorted(found, key=lambda r: (r.priority, -r.gain / (abs(r.now) or 1.0) / r.effort))


def recommend(
    verdict: Verdict,
    cases: Sequence[Case],
    what_ifs: Sequence[WhatIf] = (),
    shorten_to: Mapping[str, float] | None = None,
) -> list[Recommendation]:
    """For a broken budget on latency: what-ifs that were measured, and for the stage to blame the same turns with
    that stage at `shorten_to` (its own target) or at half. Largest gain for the least effort first."""
    budget = verdict.budget
    if not verdict.severity or not cases:
        return []
    slow = sorted((c for c in cases if budget.beyond(c.total, budget.thresholds.target)), key=lambda c: -c.total)
    if not slow:
        return []
    now = percentile([case.total for case in cases], budget)
    found = [_computed(budget, cases, slow, now, shorten_to or {})]
    stages = {stage for case in slow for stage in case.parts}
    found += [_measured(budget, cases, slow, now, what_if) for what_if in what_ifs if what_if.stage in stages]
    return ranked(replace(r, severity=verdict.severity) for r in found if r.now > r.then)


def percentile(values: Sequence[float], budget: Budget) -> float:
    """The budget's statistic of a handful of values, by the nearest rank."""
    ordered = sorted(values)
    if budget.statistic == "mean":
        return sum(ordered) / len(ordered)
    quantile = QUANTILES.get(budget.statistic, 1.0)
    return ordered[min(len(ordered) - 1, max(0, -(-int(quantile * 1000) * len(ordered) // 1000) - 1))]


def _with_stage(cases: Sequence[Case], stage: str, after: dict[str, float]) -> list[float]:
    return [case.total - case.parts.get(stage, 0.0) + after[case.id] for case in cases]


def _computed(
    budget: Budget, cases: Sequence[Case], slow: Sequence[Case], now: float, shorten_to: Mapping[str, float]
) -> Recommendation:
    (stage, times), *_ = Counter(case.blame for case in slow).most_common(1)
    goal = shorten_to.get(stage)
    after = {
        case.id: min(part, goal) if goal is not None else part / 2
        for case in cases
        if (part := case.parts.get(stage, 0.0)) is not None
    }
    then = percentile(_with_stage(cases, stage, after), budget)
    show = budget.metric.text
    share = sum(case.parts.get(stage, 0.0) for case in slow) / sum(case.total for case in slow)
    to = f"at its target of {show(goal)}" if goal is not None else "in half its time"
    return Recommendation(
        budget.key,
        stage,
        f"shorten {stage}",
        f"it is to blame in {times} of {len(slow)} turns beyond {show(budget.thresholds.target)} and takes"
        f" {share:.0%} of their time; {to} the {budget.statistic} of these {len(cases)} turns would be"
        f" {show(then)} instead of {show(now)} (computed).",
        tuple(case.id for case in slow),
        now,
        then,
        "computed",
        effort=2,
    )


def _measured(
    budget: Budget, cases: Sequence[Case], slow: Sequence[Case], now: float, what_if: WhatIf
) -> Recommendation:
    after = {case.id: case.parts.get(what_if.stage, 0.0) * what_if.factor for case in cases}
    then = percentile(_with_stage(cases, what_if.stage, after), budget)
    show = budget.metric.text
    return Recommendation(
        budget.key,
        what_if.stage,
        what_if.change,
        f"measured ({what_if.source}): {what_if.stage} takes {what_if.factor:.2f} times as long; the"
        f" {budget.statistic} of these {len(cases)} turns would be {show(then)} instead of {show(now)}."
        + (f" It costs {what_if.cost}." if what_if.cost else ""),
        tuple(case.id for case in slow if what_if.stage in case.parts),
        now,
        then,
        "measured",
        what_if.effort,
    )
