"""The performance log read back: what a week or a month was like, and what has changed in it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from repartee.contract import Case, Measurement, Origin, Profile, Provenance, judge_all, recommend
from repartee.core.errors import BadInput
from repartee.observe.ledger import Ledger
from repartee.observe.report import EVENTS, Report

from .gate import FEWEST, Answer, Comparison, compare

DAY = 86_400.0
MOST = 500_000
"""Turns that are looked at: the newest."""


@dataclass(frozen=True, slots=True)
class Past:
    """One line of the log."""

    id: str
    at: float
    measured: tuple[Measurement, ...]
    provenance: Provenance
    wait_class: str
    path: dict[str, float]
    total: float | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the later half of the time against the earlier."""

    metric: str
    comparison: Comparison


def read(log: Path, since: float = 0.0) -> list[Past]:
    """Turns from Unix time `since` on, oldest first. A line that broke off is left out. Raises `BadInput` where there
    is no log."""
    files = [path for path in (log.with_suffix(log.suffix + ".1"), log) if path.is_file()]
    if not files:
        raise BadInput(f"{log}: no performance log; `repartee serve` writes one (`log` in [contract])")
    turns = [past for path in files for past in _lines(path) if past.at >= since]
    return sorted(turns, key=lambda past: past.at)[-MOST:]


def report(profile: Profile, turns: Sequence[Past]) -> Report:
    """Figures, verdicts and recommendations over these turns."""
    ledger = Ledger()
    for past in turns:
        for measurement in past.measured:
            ledger.record(measurement, past.provenance)
    verdicts = [v for v in judge_all(profile, ledger.figure) if v.figure]
    advice = [
        recommendation
        for verdict in verdicts
        if verdict.severity and verdict.budget.metric.ends in EVENTS
        for recommendation in recommend(verdict, _cases(turns, verdict.budget.where.get("wait_class")))
    ]
    return Report(profile, ledger, verdicts, advice, len(turns))


def changes(turns: Sequence[Past]) -> list[Change]:
    """Figures that differ between the two halves of the time, worst first; both halves must have enough turns."""
    if not turns:
        return []
    middle = (turns[0].at + turns[-1].at) / 2
    series: dict[str, tuple[list[float], list[float]]] = {}
    for past in turns:
        for measurement in past.measured:
            if past.provenance.pace != "realtime" or measurement.value <= 0:
                continue
            name = " ".join([measurement.metric, *measurement.labels.values()])
            series.setdefault(name, ([], []))[past.at > middle].append(measurement.value)
    enough = {name: halves for name, halves in series.items() if min(map(len, halves)) >= FEWEST}
    found = [Change(name, compare(*halves, tests=len(enough))) for name, halves in enough.items()]
    told = [change for change in found if change.comparison.answer in (Answer.SLOWER, Answer.FASTER)]
    return sorted(told, key=lambda change: -change.comparison.ratio)


def dissatisfied(turns: Sequence[Past]) -> float:
    """Share of turns that failed, NaN of none."""
    return sum(past.failed for past in turns) / len(turns) if turns else float("nan")


def markdown(report: Report, turns: Sequence[Past], changed: Sequence[Change]) -> str:
    """Of a week or a month, for people."""
    if not turns:
        return "No turns in this time.\n"
    days = (turns[-1].at - turns[0].at) / DAY
    totals = [past.total for past in turns if past.total is not None]
    lines = [
        f"# {report.profile.name}: {time.strftime('%Y-%m-%d', time.gmtime(turns[0].at))} to "
        f"{time.strftime('%Y-%m-%d', time.gmtime(turns[-1].at))}",
        "",
        f"{len(turns)} turns in {days:.1f} days; {dissatisfied(turns):.1%} failed."
        + (f" Half were answered within {median(totals):.0f} ms." if totals else ""),
        "",
        "## Budgets",
        "",
        *(f"- {verdict.text()}" for verdict in report.verdicts),
        "",
        "## What has changed, later half against earlier",
        "",
        *(f"- {change.metric}: {change.comparison.text()}" for change in changed),
        *([] if changed else ["Nothing that could be told."]),
        "",
        "## What would help",
        "",
        *(f"- {recommendation.text()}" for recommendation in report.recommendations),
        *([] if report.recommendations else ["Nothing: no budget of a turn is broken."]),
        "",
    ]
    return "\n".join(lines)


def _cases(turns: Sequence[Past], classes: tuple[str, ...] | None) -> list[Case]:
    return [
        Case(past.id, past.total, past.path)
        for past in turns
        if past.total is not None and past.provenance.pace == "realtime" and (not classes or past.wait_class in classes)
    ]


def _lines(path: Path) -> Iterator[Past]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                yield _past(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue  # the power failed in the middle of a line


def _past(row: dict[str, Any]) -> Past:
    measured = tuple(Measurement(metric, float(value), labels) for metric, value, labels in row["measured"])
    provenance = Provenance(Origin(row["origin"]), row["pace"], engines=row["engines"])
    total = None if row["answered_ms"] is None else float(row["answered_ms"])
    return Past(
        row["turn"], float(row["at"]), measured, provenance, row["wait_class"], row["path"], total, bool(row["failed"])
    )
