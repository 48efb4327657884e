"""The performance log read back: what a week or a month was like, and what has changed in it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from repartee.contract import (
    Budget,
    Case,
    Figure,
    Measurement,
    Metric,
    Origin,
    Profile,
    Provenance,
    Recommendation,
    Thresholds,
    advise,
    derive,
    judge_all,
    load_profile,
    ranked,
    recommend,
)
from repartee.core.errors import BadInput
from repartee.observe.ledger import Ledger
from repartee.observe.report import EVENTS, Report

from .change import Change, change

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
class Use:
    """What the process used at a moment, by metric."""

    at: float
    figures: Mapping[str, float]


def read(log: Path, since: float = 0.0) -> list[Past]:
    """Turns from Unix time `since` on, oldest first. A line that broke off is left out. Raises `BadInput` where there
    is no log."""
    files = _files(log)
    if not files:
        raise BadInput(f"{log}: no performance log; `repartee serve` writes one (`log` in [contract])")
    turns = [past for path in files for past in _lines(path) if past.at >= since]
    return sorted(turns, key=lambda past: past.at)[-MOST:]


def uses(log: Path, since: float = 0.0) -> list[Use]:
    """What the process used from Unix time `since` on, oldest first."""
    rows = (row for path in _files(log) for row in _rows(path) if "usage" in row)
    found = [Use(float(row["at"]), row["usage"]) for row in rows if row["at"] >= since]
    return sorted(found, key=lambda use: use.at)


def report(profile: Profile, turns: Sequence[Past]) -> Report:
    """Figures, verdicts and recommendations over these turns."""
    ledger = Ledger()
    for past in turns:
        for measurement in past.measured:
            ledger.record(measurement, past.provenance)
    verdicts = [v for v in judge_all(profile, ledger.figure) if v.figure]
    advice: list[Recommendation] = []
    for verdict in verdicts:
        of_turns = verdict.budget.metric.ends in EVENTS
        cases = _cases(turns, verdict.budget.where.get("wait_class")) if of_turns else []
        advice += recommend(verdict, cases) or advise(verdict, ledger.parts(verdict.budget))
    return Report(profile, ledger, verdicts, ranked(advice), len(turns))


def changes(turns: Sequence[Past], uses: Sequence[Use] = ()) -> list[Change]:
    """Figures of turns and of the process that have changed, and since when; worst first."""
    series: dict[str, tuple[list[float], list[float]]] = {}

    def add(name: str, at: float, value: float) -> None:
        times, values = series.setdefault(name, ([], []))
        times.append(at)
        values.append(value)

    for past in turns:
        for measurement in past.measured:
            if past.provenance.pace == "realtime" and measurement.value > 0:
                add(" ".join([measurement.metric, *measurement.labels.values()]), past.at, measurement.value)
    for use in uses:
        for metric, value in use.figures.items():
            if value > 0:
                add(metric, use.at, value)
    found = [change(name, times, values, len(series)) for name, (times, values) in series.items()]
    return sorted(filter(None, found), key=lambda change: -change.comparison.ratio)


def proposed(report: Report) -> list[Budget]:
    """The targets that these turns would set, by the rule of the profile whose targets are derived."""

    def figure(metric: Metric, statistic: str) -> Figure | None:
        return report.ledger.figure(Budget("", metric, statistic, Thresholds(0, 0, 0)))

    return list(derive(load_profile("orac"), figure).profile)


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
        *([] if report.verdicts else ["These turns are none that a budget speaks of."]),
        "",
        "## What has changed",
        "",
        *(f"- {_when(change.since)} {change.metric}: {change.comparison.text()}" for change in changed),
        *([] if changed else ["Nothing that could be told."]),
        "",
        "## What would help",
        "",
        *(f"- {recommendation.text()}" for recommendation in report.recommendations),
        *([] if report.recommendations else ["Nothing: no budget of a turn is broken."]),
        "",
        "## Targets that these turns would set",
        "",
        *(f"- {budget.text()}; warning {budget.metric.text(budget.thresholds.warning)}" for budget in proposed(report)),
        *([] if proposed(report) else ["None: that takes at least 20 spoken turns."]),
        "",
    ]
    return "\n".join(lines)


def _when(at: float) -> str:
    return time.strftime("since %Y-%m-%d %H:%M", time.localtime(at))


def _cases(turns: Sequence[Past], classes: tuple[str, ...] | None) -> list[Case]:
    return [
        Case(past.id, past.total, past.path)
        for past in turns
        if past.total is not None and past.provenance.pace == "realtime" and (not classes or past.wait_class in classes)
    ]


def _files(log: Path) -> list[Path]:
    return [path for path in (log.with_suffix(log.suffix + ".1"), log) if path.is_file()]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError):  # the power failed in the middle of a line
                row = json.loads(line)
                if isinstance(row, dict):
                    yield row


def _lines(path: Path) -> Iterator[Past]:
    for row in _rows(path):
        with suppress(ValueError, KeyError, TypeError):
            yield _past(row)


def _past(row: dict[str, Any]) -> Past:
    measured = tuple(Measurement(metric, float(value), labels) for metric, value, labels in row["measured"])
    provenance = Provenance(Origin(row["origin"]), row["pace"], engines=row["engines"])
    total = None if row["answered_ms"] is None else float(row["answered_ms"])
    return Past(
        row["turn"], float(row["at"]), measured, provenance, row["wait_class"], row["path"], total, bool(row["failed"])
    )
