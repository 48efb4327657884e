"""Recording and alert rules for Prometheus, from the budgets. Nothing here is a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..budgets import Budget, Direction, Level, Profile
from ..files import load_profile, read_data
from ..severity import Severity, rules, severity_of
from ..slo import Slo, burns, slos
from .promql import WINDOW, bad_share, exceeded, figure, number, running

Document = dict[str, Any]
PATIENCE = "5m"
"""How long a budget must be exceeded before somebody is told."""
WINDOWS = tuple(dict.fromkeys(window for burn in burns() for window in (burn.long, burn.short)))


def rules_document(profiles: Sequence[Profile]) -> Document:
    """For `rule_files`: what is recorded, the alerts known by name, a pair of alerts a budget, the burn rates."""
    groups: list[Document] = [{"name": "repartee", "rules": [*named_alerts(), *watches()]}]
    for profile in profiles:
        recorded = [*_recorded(profile), *_recorded_shares(profile)]
        alerts = [*_budget_alerts(profile), *_burn_alerts(profile)]
        if recorded:
            groups.append({"name": f"repartee-{profile.name}-record", "rules": recorded})
        if alerts:
            groups.append({"name": f"repartee-{profile.name}-alert", "rules": alerts})
    return {"groups": groups}


def named_alerts() -> Iterator[Document]:
    """The four that people know by name."""
    for row in read_data("alerts.toml")["alert"]:
        profile, _, name = row["budget"].partition("/")
        budget, level = load_profile(profile).budget(name), Level(row["level"])
        yield {
            "alert": row["name"],
            "expr": exceeded(budget, level, instant=True),
            "for": row["for"],
            "labels": {"severity": row["severity"], "budget": budget.key, "profile": profile},
            "annotations": {
                "summary": row["summary"],
                "description": f"{budget.text()}; {level} is {budget.metric.text(budget.limit(level))}",
            },
        }


def watches() -> Iterator[Document]:
    """That it does not answer at all: no figure of its own can tell."""
    for row in read_data("alerts.toml")["watch"]:
        within = rules()[Severity(row["priority"])].respond_within
        yield {
            "alert": row["name"],
            "expr": row["expr"],
            "for": row["for"],
            "labels": {"severity": row["severity"], "profile": "any", "budget": row["name"].lower()},
            "annotations": {"summary": row["summary"], "description": f"{row['priority']}: respond within {within}."},
        }


def record_name(profile: Profile, budget: Budget) -> str:
    return f"repartee:{profile.name}_{budget.name}:{budget.statistic}"


def share_name(profile: Profile, slo: Slo, window: str) -> str:
    return f"repartee:{profile.name}_{slo.budget.name}:bad_share_{window}"


def _recorded(profile: Profile) -> Iterator[Document]:
    for budget in profile:
        if running(budget) and budget.users is None:
            yield {"record": record_name(profile, budget), "expr": figure(budget)}


def _recorded_shares(profile: Profile) -> Iterator[Document]:
    for slo in slos(profile):
        for window in WINDOWS:
            yield {"record": share_name(profile, slo, window), "expr": bad_share(slo.budget, window)}


def _budget_alerts(profile: Profile) -> Iterator[Document]:
    for budget in profile:
        if not running(budget):
            continue
        for level, page in ((Level.WARNING, "warning"), (Level.CRITICAL, "critical")):
            if level is Level.WARNING and budget.limit(level) == budget.limit(Level.CRITICAL):
                continue
            yield {
                "alert": _camel(profile.name, budget.name, budget.statistic),
                "expr": exceeded(budget, level),
                "for": PATIENCE,
                "labels": {"severity": page, "budget": budget.key, "profile": profile.name},
                "annotations": {
                    "summary": f"{budget.name} is past its {level} threshold",
                    "description": f"{budget.text()} over {WINDOW}; {level} is"
                    f" {budget.metric.text(budget.limit(level))}. {_response(budget, level)}",
                    "runbook": "docs/budgets.md",
                },
            }


def _burn_alerts(profile: Profile) -> Iterator[Document]:
    for slo in slos(profile):
        for burn in burns():
            limit = number(float(f"{burn.rate * slo.error_budget:.12g}"))
            both = " and ".join(f"{share_name(profile, slo, w)} > {limit}" for w in (burn.long, burn.short))
            yield {
                "alert": _camel(profile.name, slo.budget.name, "error budget burns"),
                "expr": both,
                "labels": {"severity": burn.severity, "budget": slo.budget.key, "profile": profile.name},
                "annotations": {
                    "summary": f"The error budget of {slo.budget.name} burns {burn.rate:g} times too fast",
                    "description": f"{slo.objective:.0%} of turns must keep {slo.budget.text()}; looked at over"
                    f" {burn.long} and {burn.short}",
                },
            }


def _response(budget: Budget, level: Level) -> str:
    limit = budget.limit(level)
    step = max(abs(limit) * 1e-6, 1e-9) * (1 if budget.direction is Direction.AT_MOST else -1)
    severity = severity_of(budget, limit + step)
    return f"{severity}: respond within {rules()[severity].respond_within}."


def _camel(*names: str) -> str:
    return "".join(word.capitalize() for name in names for word in name.replace("_", " ").split())
