"""The performance log read back: what a week or a month was like, and what has changed in it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
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
from repartee.contract.slo import slos
from repartee.core.errors import BadInput
from repartee.observe.ledger import Ledger
from repartee.observe.report import EVENTS, Report
from repartee.observe.tiers import Tiers

from .change import Change, change

DAY = 86_400.0
LONGEST_GAP = 3_600.0
"""Seconds between two samples of the process, beyond which it was not running."""
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
    dissatisfied: str = ""
    """How the person showed that it was not what they wanted."""
    severities: tuple[str, ...] = ()
    """Of the budgets that it broke."""
    users: int = 1


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


def report(profile: Profile, turns: Sequence[Past], uses: Sequence[Use] = ()) -> Report:
    """Figures, verdicts and recommendations over these turns, and over what the process used meanwhile."""
    ledger, tiers = Ledger(), Tiers(profile)
    for past in turns:
        for measurement in past.measured:
            ledger.record(measurement, past.provenance)
            tiers.record(measurement, past.provenance, past.users)
    for use in uses:
        for metric, value in use.figures.items():
            if metric in profile.metrics:
                ledger.record(Measurement(metric, value), Provenance())
    if turns:
        ledger.record(Measurement("turn_errors", 100 * sum(past.failed for past in turns) / len(turns)), Provenance())

    def figure(budget: Budget) -> Figure | None:
        return tiers.figure(budget) if budget.users else ledger.figure(budget)

    verdicts = [v for v in judge_all(profile, figure) if v.figure]
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
    """Share of turns after which a person showed that they wanted something else, NaN of none."""
    return sum(bool(past.dissatisfied) or past.failed for past in turns) / len(turns) if turns else float("nan")


def markdown(report: Report, turns: Sequence[Past], changed: Sequence[Change], uses: Sequence[Use] = ()) -> str:
    """Of a week or a month, for people."""
    if not turns:
        return "No turns in this time.\n"
    days = (turns[-1].at - turns[0].at) / DAY
    totals = [past.total for past in turns if past.total is not None]
    lines = [
        f"# {report.profile.name}: {time.strftime('%Y-%m-%d', time.gmtime(turns[0].at))} to "
        f"{time.strftime('%Y-%m-%d', time.gmtime(turns[-1].at))}",
        "",
        f"{len(turns)} turns in {days:.1f} days; {sum(past.failed for past in turns) / len(turns):.1%} failed."
        + (f" Half were answered within {median(totals):.0f} ms." if totals else ""),
        "",
        *_shown(turns),
        *_cost(turns, uses),
        "## Budgets",
        "",
        *(f"- {verdict.text()}" for verdict in report.verdicts),
        *([] if report.verdicts else ["These turns are none that a budget speaks of."]),
        "",
        *_left(report, turns),
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


def _shown(turns: Sequence[Past]) -> list[str]:
    """How people showed that something was not what they wanted, and how bad the broken budgets were."""
    kinds = Counter(past.dissatisfied for past in turns if past.dissatisfied)
    bad = Counter(severity for past in turns for severity in past.severities)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "none"
    broken = ", ".join(f"{bad[severity]} {severity}" for severity in sorted(bad)) or "none"
    return [f"Dissatisfied: {dissatisfied(turns):.1%} of turns ({said}). Violations by single turns: {broken}.", ""]


def _cost(turns: Sequence[Past], uses: Sequence[Use]) -> list[str]:
    """What the process used, by its samples, and what of that came to a turn."""
    if len(uses) < 2:
        return []
    lines = ["## Resources", ""]
    for metric in ("process_cpu", "process_memory", "file_descriptors", "threads"):
        values = [use.figures[metric] for use in uses if metric in use.figures]
        if values:
            lines.append(f"- {metric}: mean {fmean(values):,.1f}, most {max(values):,.1f} (n={len(values)})")
    spans = [(later.at - use.at, use, later) for use, later in pairwise(uses)]
    cpu = sum(s * use.figures.get("process_cpu", 0.0) / 100 for s, use, _ in spans if s < LONGEST_GAP)
    lines.append(f"- cost of a turn: {cpu / len(turns):.2f} s of CPU, idle time included" + _energy(spans, len(turns)))
    return [*lines, ""]


def _energy(spans: Sequence[tuple[float, Use, Use]], turns: int) -> str:
    used = [
        later.figures["energy_j"] - use.figures["energy_j"]
        for _, use, later in spans
        if "energy_j" in use.figures and "energy_j" in later.figures
    ]
    spent = sum(joules for joules in used if joules > 0)  # the counter begins anew now and then
    return f", {spent / turns:,.0f} J of the whole machine" if spent else "; this machine does not tell its energy"


def _left(report: Report, turns: Sequence[Past]) -> list[str]:
    """What is left of the error budgets."""
    lines = []
    for slo in slos(report.profile):
        metric, target = slo.budget.metric, slo.budget.thresholds.target
        values = [
            m.value
            for past in turns
            if not past.provenance.doubts(metric)
            for m in past.measured
            if m.metric == metric.name and slo.budget.covers({**metric.labels, **m.labels})
        ]
        if values:
            bad = sum(value > target for value in values)
            left = 1 - slo.spent(len(values) - bad, len(values))
            share = f"{bad} of {len(values)} beyond, {slo.error_budget:.0%} may be"
            lines.append(f"- {slo.budget.key}: {left:.0%} left ({share})")
    return ["## Error budgets", "", *lines, ""] if lines else []


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
        row["turn"],
        float(row["at"]),
        measured,
        provenance,
        row["wait_class"],
        row["path"],
        total,
        bool(row["failed"]),
        str(row.get("dissatisfied", "")),
        tuple(v["severity"] for v in row.get("verdicts", ()) if v.get("severity")),
        int(row.get("users", 1)),
    )
