"""The performance contract as the page needs it: which budget a bar or a moment of one turn is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from repartee.contract import Budget, Kind, Profile, Source

STAGES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "hear": (("speech_end", "first_silent_frame"), "hearing_final"),
    "understand": (("text",), "reading"),
    "act": (("plan",), "state_confirmed"),
    "speak": (("reply_text",), "first_audible"),
}
"""Bar to the events it runs between: from any of these, to that."""
MOMENTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "done": (("speech_end",), "state_confirmed"),
    "heard": (("speech_end",), "first_audible"),
}


def turn_budgets(profile: Profile) -> dict[str, Any]:
    """`stages`: bar to its budget; `moments`: to budgets by wait class, the general one last. Thresholds in ms.

    One turn is held against the loosest percentile of each budget (half of all turns may pass a p50). Of several for
    the same bar, one that every turn measures goes before one that only a bench can, then the first in the profile.
    """
    loosest = list({budget.name: budget for budget in profile if budget.metric.kind is Kind.DURATION}.values())
    loosest.sort(key=lambda budget: budget.metric.source is not Source.TURN)
    return {
        "profile": profile.name,
        "title": profile.title,
        "stages": {
            stage: _view(own[0]) for stage, events in STAGES.items() if (own := list(_between(loosest, *events)))
        },
        "moments": {
            moment: sorted(map(_view, _between(loosest, *events)), key=lambda budget: not budget["wait_class"])
            for moment, events in MOMENTS.items()
        },
    }


def _between(budgets: Iterable[Budget], begins: tuple[str, ...], ends: str) -> Iterable[Budget]:
    for budget in budgets:
        metric = budget.metric
        if metric.begins in begins and metric.ends == ends and metric.unit_text == "ms" and budget.users is None:
            yield budget


def _view(budget: Budget) -> dict[str, Any]:
    limits = budget.thresholds
    return {
        "budget": budget.key,
        "wait_class": list(budget.where.get("wait_class", ())),
        "target": limits.target,
        "warning": limits.warning,
        "critical": limits.critical,
    }
