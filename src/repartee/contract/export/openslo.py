"""Objectives as OpenSLO documents (https://github.com/OpenSLO/OpenSLO, v1), and budgets from such documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import BadBudget
from ..budgets import QUANTILES, Budget, Level, Profile
from ..files import Place, budgets_from, shipped_metrics
from ..slo import Burn, Slo, burns, slos
from .promql import base, bucket, selector

Document = dict[str, Any]
VERSION = "openslo/v1"
SERVICE = "repartee"
LOOK_BACK = "28d"
OURS = "repartee.budget/"
"""Annotations from which a budget can be read back."""


def documents(profiles: Sequence[Profile]) -> Iterator[Document]:
    """One service, and for each objective an SLO with its burn-rate alerts."""
    yield {
        "apiVersion": VERSION,
        "kind": "Service",
        "metadata": {"name": SERVICE, "displayName": "Repartee"},
        "spec": {"description": "A local voice assistant for the home that keeps its latency promises"},
    }
    for burn in burns():
        yield _policy(burn)
    for profile in profiles:
        for slo in slos(profile):
            yield _objective(profile, slo)


def budgets_in(documents: Iterable[object], file: str) -> list[Budget]:
    """The budgets that such documents promise; those that others wrote need our annotations. Raises `BadBudget`."""
    found: list[Budget] = []
    for number, document in enumerate(documents):
        place = Place(file, f"document {number + 1}")
        if not isinstance(document, Mapping) or document.get("apiVersion") != VERSION:
            place.wrong(f"is no {VERSION} document")
        if document.get("kind") == "SLO":
            found += budgets_from(*_row(document, place), place, shipped_metrics())
    if not found:
        raise BadBudget(f"{file}: has no SLO")
    return found


def _objective(profile: Profile, slo: Slo) -> Document:
    budget = slo.budget
    family, name = budget.metric.family, f"{profile.name}-{slo.name}"
    within = selector(budget, le=bucket(base(budget, Level.TARGET)))
    return {
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": {"name": name, "displayName": budget.text(), "annotations": _annotations(budget)},
        "spec": {
            "description": f"{slo.objective:.0%} of turns: {budget.text()},"
            f" from {budget.metric.begins} to {budget.metric.ends}",
            "service": SERVICE,
            "indicator": {
                "metadata": {"name": name},
                "spec": {
                    "ratioMetric": {
                        "counter": True,
                        "good": _query(f"sum({family}_bucket{within})"),
                        "total": _query(f"sum({family}_count{selector(budget)})"),
                    }
                },
            },
            "timeWindow": [{"duration": LOOK_BACK, "isRolling": True}],
            "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": budget.key, "target": slo.objective}],
            "alertPolicies": [_name(burn) for burn in burns()],
        },
    }


def _policy(burn: Burn) -> Document:
    return {
        "apiVersion": VERSION,
        "kind": "AlertPolicy",
        "metadata": {"name": _name(burn)},
        "spec": {
            "description": f"The error budget burns {burn.rate:g} times too fast over {burn.long} and {burn.short}",
            "alertWhenBreaching": True,
            "alertWhenNoData": False,
            "conditions": [
                {
                    "kind": "AlertCondition",
                    "metadata": {"name": _name(burn)},
                    "spec": {
                        "severity": burn.severity,
                        "condition": {
                            "kind": "burnrate",
                            "op": "gte",
                            "threshold": burn.rate,
                            "lookbackWindow": burn.long,
                            "alertAfter": burn.short,
                        },
                    },
                }
            ],
            "notificationTargets": [],
        },
    }


def _query(query: str) -> Document:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def _name(burn: Burn) -> str:
    return f"burn-{burn.rate:g}-{burn.long}-{burn.short}".replace(".", "-")


def _annotations(budget: Budget) -> dict[str, str]:
    """Text only, as annotations are."""
    limits = budget.thresholds
    row = {
        "name": budget.name,
        "metric": budget.metric.name,
        "target": f"{limits.target:g}",
        "warning": f"{limits.warning:g}",
        "critical": f"{limits.critical:g}",
        **{f"where.{label}": ",".join(values) for label, values in budget.where.items()},
    }
    return {OURS + key: value for key, value in row.items()}


def _row(document: Mapping[str, Any], place: Place) -> tuple[str, dict[str, Any]]:
    """As an entry of a budget file."""
    metadata = document.get("metadata")
    notes = (metadata.get("annotations") or {}) if isinstance(metadata, Mapping) else {}
    ours = {key.removeprefix(OURS): str(value) for key, value in notes.items() if str(key).startswith(OURS)}
    if not {"name", "metric", "target"} <= set(ours):
        place.wrong(f"says not which figure it is about; annotate it with {OURS}name, {OURS}metric and {OURS}target")
    try:
        objective = float(document["spec"]["objectives"][0]["target"])
        limits = {level: float(ours[level]) for level in ("target", "warning", "critical") if level in ours}
    except (KeyError, IndexError, TypeError, ValueError) as error:
        place.wrong(f"its objective or thresholds can't be read ({error})")
    statistic = next((name for name, q in QUANTILES.items() if abs(q - objective) < 1e-9), None)
    if statistic is None:
        place.wrong(f"an objective of {objective:g} is none of {', '.join(f'{q:g}' for q in QUANTILES.values())}")
    where = {k.removeprefix("where."): v.split(",") for k, v in ours.items() if k.startswith("where.")}
    return ours["name"], {"metric": ours["metric"], statistic: limits, "where": where}
