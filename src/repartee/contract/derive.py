"""Budgets from a measured baseline, for a profile whose figures are not typed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .budgets import Budget, Derivation, Direction, Profile, Thresholds
from .metrics import Kind, Metric
from .verdict import ENOUGH, Figure


@dataclass(frozen=True, slots=True)
class Derived:
    """A profile with its figures, and what could not be set."""

    profile: Profile
    left_out: dict[str, str]
    """Name of the derivation to why it has no budget."""


def derive(profile: Profile, baseline: Callable[[Metric, str], Figure | None]) -> Derived:
    """`baseline` gives what was measured of a metric, by statistic. Input that proves nothing sets no target."""
    budgets, left_out = list(profile.budgets), {}
    for derivation in profile.derivations:
        figure = baseline(derivation.metric, derivation.statistic)
        reason = _unfit(derivation, figure)
        if reason or figure is None:
            left_out[derivation.name] = reason
        else:
            budgets.append(_budget(derivation, figure.value))
    return Derived(replace(profile, budgets=tuple(budgets)), left_out)


def _unfit(derivation: Derivation, figure: Figure | None) -> str:
    if figure is None or figure.n == 0:
        return derivation.elsewhere or "not measured"
    enough = ENOUGH.get(derivation.statistic, 1) if derivation.metric.kind is Kind.DURATION else 1
    if figure.n < enough:
        return f"{figure.n} of at least {enough}"
    return figure.provenance.doubts(derivation.metric)


def _budget(derivation: Derivation, figure: float) -> Budget:
    factors = derivation.factors
    if derivation.direction is Direction.AT_MOST:
        limits = Thresholds(*(round(figure * f, 6) for f in (factors.target, factors.warning, factors.critical)))
    else:  # of a throughput more is better: better than the baseline by the same factor, then as it was, then worse
        limits = Thresholds(*(round(figure / f, 6) for f in (factors.target, factors.warning, factors.critical)))
    return Budget(derivation.name, derivation.metric, derivation.statistic, limits, derivation.direction)
