"""What a bench found, for people: a table in the terminal, a baseline report in Markdown and HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from repartee.contract import Outcome, Source, Verdict
from repartee.observe.judged import MARKS

from . import plotted
from .bench import Against, Bench
from .comparison import Outcome as Gate
from .gate import Answer
from .plotted import BUSY_PERCENT, Plot

STYLES = {Outcome.KEPT: "green", Outcome.BROKEN: "red", Outcome.UNPROVEN: "yellow", Outcome.TOO_FEW: "yellow"}


def table(held: Against, console: Console) -> None:
    """Every budget of the profile; what was not measured here is named."""
    profile, verdicts = held.profile, held.verdicts
    shown = Table(title=f"{profile.name}: {profile.title}", title_justify="left", box=None)
    for head in ("", "budget", "figure", "target", "n", "severity", "why"):
        shown.add_column(head, no_wrap=head != "why", justify="right" if head in ("figure", "target", "n") else "left")
    measured = [verdict for verdict in verdicts if verdict.outcome is not Outcome.NOT_MEASURED]
    for verdict in sorted(measured, key=lambda v: list(MARKS).index(v.outcome)):
        budget, figure = verdict.budget, verdict.figure
        shown.add_row(
            MARKS[verdict.outcome],
            budget.key,
            budget.metric.text(figure.value) if figure else "",
            budget.metric.text(budget.thresholds.target),
            str(figure.n) if figure else "",
            f"{verdict.severity} {verdict.respond_within}" if verdict.severity else "",
            escape(verdict.reason),
            style=STYLES.get(verdict.outcome, "dim"),
        )
    console.print(shown)
    for reason, keys in absent(held).items():
        console.print(f"- {reason}: {', '.join(keys)}", style="dim", markup=False)
    console.print(tally(verdicts))
    if busy := crowded(held.bench):
        console.print(busy, style="yellow")


LIVING = "a running assistant tells (/metrics, repartee report)"
LONGER = "needs more --seconds, or --turns"


def absent(held: Against) -> Mapping[str, Sequence[str]]:
    """Why to the budgets that were not measured here."""
    found: dict[str, list[str]] = {}
    for verdict in held.verdicts:
        if verdict.outcome is Outcome.NOT_MEASURED:
            other = LONGER if verdict.budget.metric.source is Source.BENCH else LIVING
            found.setdefault(verdict.reason or other, []).append(verdict.budget.key)
    for name, reason in held.left_out.items():
        found.setdefault(reason, []).append(name)
    return found


def tally(verdicts: Sequence[Verdict]) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in MARKS if counts[outcome])


def crowded(bench: Bench) -> str:
    """What to think of the figures where other programs were at work; empty where they hardly were."""
    others = bench.facts["others_cpu_percent"]
    if others < BUSY_PERCENT:
        return ""
    return (
        f"Other programs took {others:.0f} % of this machine meanwhile: whole turns are slower than on an idle one."
        " Measure again when it is quiet."
    )


def gate_table(gate: Gate, console: Console) -> None:
    """What became slower, what could not be told."""
    for row in gate.rows:
        style = {Answer.SLOWER: "red", Answer.TOO_FEW: "yellow", Answer.FASTER: "green"}.get(row.comparison.answer)
        console.print(f"{row.what}: {row.comparison.text()}", style=style)
    console.print(f"The machine itself takes {gate.drift:.2f} times the old time; that is taken out.")
    if gate.warning:
        console.print(gate.warning, style="yellow")


def bottlenecks(bench: Bench) -> list[tuple[str, int, float]]:
    """(stage, turns it is to blame in, its share of all time on critical paths), worst first."""
    blamed = Counter(way["blame"] for way in bench.ways)
    total = sum(way["total_ms"] for way in bench.ways) or 1.0
    spent: Counter[str] = Counter()
    for way in bench.ways:
        spent.update(way["parts"])
    return [(stage, blamed[stage], ms / total) for stage, ms in spent.most_common()]


def gains_table(rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Each optimisation, its switch, the claim and what was measured."""
    shown = Table(box=None)
    for head in ("optimisation", "switch", "with", "without", "gain", "claim", "why"):
        shown.add_column(
            head, no_wrap=head != "why", justify="right" if head in ("with", "without", "gain") else "left"
        )
    for row in rows:
        sides = [f"{row[side]:,.3g} {row['unit']}" if row[side] is not None else "" for side in ("on", "without")]
        style = {True: "green", False: "red"}.get(row["claim_kept"], "dim" if row["reason"] else "")
        shown.add_row(
            row["name"], f"{row['setting']} = {row['off']!r}", *sides,
            "" if row["gain"] is None else f"{row['gain']:g}",
            escape(row["claim"] or ""), escape(row["reason"] or row["what"]), style=style,
        )  # fmt: skip
    console.print(shown)


def markdown(held: Against) -> str:
    """The baseline report."""
    bench, profile = held.bench, held.profile
    facts = bench.facts
    lines = [
        f"# Baseline: {profile.name}",
        "",
        f"{profile.title}. Measured {facts['at']} in {facts['seconds']:.0f} s on {facts['machine']}.",
        f"Engines: {', '.join(f'{kind} {name}' for kind, name in facts['engines'].items())}.",
        f"Versions: {', '.join(f'{name} {number}' for name, number in facts['versions'].items())}.",
        "",
        f"Result: {tally(held.verdicts)}. {crowded(bench)}".rstrip(),
        "",
        "## Where the time goes",
        "",
    ]
    rows = bottlenecks(bench)
    if rows:
        stage, _, share = rows[0]
        lines.append(
            f"Over {len(bench.ways)} turns, **{stage}** is the bottleneck: {share:.0%} of the time that people wait."
        )
        lines += ["", "| stage | to blame in turns | share of the wait |", "| --- | ---: | ---: |"]
        lines += [f"| {stage} | {times} | {share:.1%} |" for stage, times, share in rows]
    else:
        lines.append("No whole turn was played.")
    lines += ["", "## Budgets", "", "| | budget | figure | target | n | provenance | severity | why |"]
    measured = [verdict for verdict in held.verdicts if verdict.outcome is not Outcome.NOT_MEASURED]
    lines += ["| --- | --- | ---: | ---: | ---: | --- | --- | --- |", *map(_verdict, measured), ""]
    lines += [f"- Not measured here: {reason}: {', '.join(keys)}" for reason, keys in absent(held).items()]
    lines += ["", "## What would help", "", *(f"- {r.text()}" for r in held.recommendations)]
    lines += ["", "## Figures", "", "| what | metric | n | p50 | p95 | max | unit | input | |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: | --- | --- | --- |"]
    for taken in bench.taken:
        if taken.samples:
            metric = profile.metrics[taken.metric]
            figures = " | ".join(f"{taken.statistic(name):.4g}" for name in ("p50", "p95", "max"))
            labels = "".join(f" {value}" for value in taken.labels.values())
            origin = f"{taken.provenance.origin}, {taken.provenance.pace}"
            warm = "warm" if taken.provenance.warm else "cold"
            lines.append(
                f"| {taken.what} | {taken.metric}{labels} | {len(taken.samples)} | {figures} | {metric.unit_text} |"
                f" {origin} | {warm} |"
            )
    return "\n".join([*lines, ""])


def page(held: Against) -> str:
    """The same with plots, in one file that asks no address."""
    bench = held.bench
    turns = [t for t in bench.taken if t.metric.startswith("turn_") or t.what.startswith("a whole turn")]
    boxes = [
        {"type": "box", "name": t.metric + "".join(f" {v}" for v in t.labels.values()), "x": t.samples} for t in turns
    ]
    stages = [row[0] for row in bottlenecks(bench)]
    names = [way["file"] for way in bench.ways]
    bars = [{"type": "bar", "name": s, "x": names, "y": [way["parts"].get(s, 0) for way in bench.ways]} for s in stages]
    return plotted.page(
        f"Baseline: {held.profile.name}",
        markdown(held),
        [
            Plot(
                "bars", "Critical path of each turn, by stage; the same figures are in the text", bars,
                "The wait, turn by turn (ms)", {"barmode": "stack"},
            ),
            Plot(
                "boxes", "Spread of each figure; the same figures are in the text", boxes, "Figures (ms)",
                {"margin": {"l": 240}, "showlegend": False},
            ),
        ],
    )  # fmt: skip


def _verdict(verdict: Verdict) -> str:
    budget, figure = verdict.budget, verdict.figure
    value = budget.metric.text(figure.value) if figure else ""
    origin = f"{figure.provenance.origin}, {figure.provenance.pace}" if figure else ""
    severity = f"{verdict.severity} ({verdict.respond_within})" if verdict.severity else ""
    return (
        f"| {MARKS[verdict.outcome]} {verdict.outcome} | {budget.key} | {value} |"
        f" {budget.metric.text(budget.thresholds.target)} | {figure.n if figure else 0} | {origin} | {severity} |"
        f" {verdict.reason} |"
    )
