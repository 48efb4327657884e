"""A load for people: a table in the terminal, Markdown to keep, and one page with plots that asks no address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from repartee.contract import Outcome
from repartee.observe.judged import MARKS
from repartee.proof import plotted
from repartee.proof.plotted import Plot, disturbed, markdown_table

HEADS = ("phase", "people", "said", "a second", "right", "asked", "wrong", "no answer", "p50", "p95", "CPU", "MB")
STYLES = {"kept": "green", "broken": "red", "too few": "yellow", "unproven": "yellow"}


def table(told: Mapping[str, Any], console: Console) -> None:
    """`told`: a result as JSON."""
    shown = Table(title=f"{told['shape']}: {told['title']}", title_justify="left", box=None)
    for head in HEADS:
        shown.add_column(head, justify="left" if head == "phase" else "right")
    for row in told["phases"]:
        shown.add_row(*cells(row))
    console.print(shown)
    for line in lines(told):
        console.print(line, markup=False, style=STYLES.get(line.partition(": ")[2].partition(",")[0], ""))


def cells(row: Mapping[str, Any]) -> list[str]:
    fates, answered = row["fates"], row["answered"] or {}
    right = fates.get("right", 0) + fates.get("answered", 0)
    none = sum(fates.get(name, 0) for name in ("lost", "failed", "busy"))
    users = f"{row['users']}" if row["users"] >= row["wanted"] else f"{row['users']} of {row['wanted']}"
    counts = [right, fates.get("asked", 0) + fates.get("rejected", 0), fates.get("wrong", 0), none]
    times = [f"{answered[name]:.0f} ms" if name in answered else "" for name in ("p50", "p95")]
    machine = [_figure(row["cpu_percent"], " %"), _figure(row["rss_mb"], "")]
    return [row["phase"], users, str(row["said"]), f"{row['per_s']:g}", *map(str, counts), *times, *machine]


def lines(told: Mapping[str, Any]) -> list[str]:
    """Checks, promises and what there is to say beside."""
    found = [_check(check) for check in told["checks"]]
    found += [_verdict(verdict) for verdict in told["verdicts"] if verdict["outcome"] != "not measured"]
    refused = told["refused"]
    if refused["n"]:
        why = refused["why"][0][0]
        found.append(f"{refused['n']} times nobody was let in ({why}), p95 of the answer {refused['p95_ms']:.0f} ms")
    if told["broke_at"]:
        found.append(f"It gave at: {told['broke_at']} ({told.get('broke_because', '')})")
    if told["nobody_free"]:
        found.append(f"{told['nobody_free']} sentences were not said, because everybody was in a turn already")
    return [*found, *disturbed(told["others_cpu_percent"])]


def markdown(told: Mapping[str, Any]) -> str:
    rows = markdown_table(HEADS, [cells(row) for row in told["phases"]])
    more = "\n".join(f"- {line}" for line in lines(told))
    return (
        f"## {told['shape']}: {told['title']}\n\nMeasured {told['at']} on {told['machine']}, {told['origin']} speech, "
        f"`{told['command']}`.\n\n{rows}\n\n{more}\n"
    )


def page(told: Mapping[str, Any]) -> str:
    """One file with plots."""
    moments = told["moments"]
    at = [moment["at"] for moment in moments]
    people = [
        _trace("people", at, [m["users"] for m in moments]),
        _trace("speaking", at, [m["speaking"] for m in moments]),
        _trace("refused (so far)", at, [m["refused"] for m in moments]),
    ]
    machine = [
        _trace("CPU of the server, % of a core", at, [m["cpu"] for m in moments]),
        _trace("memory, MB", at, [m["rss_mb"] for m in moments]),
        _trace("CPU of this tool", at, [m["tool_cpu"] for m in moments]),
    ]
    phases = [row for row in told["phases"] if row["answered"]]
    answers = [
        {"type": "bar", "name": name, "x": [r["phase"] for r in phases], "y": [r["answered"][name] for r in phases]}
        for name in ("p50", "p95", "p99")
    ]
    seconds = {"xaxis": {"title": {"text": "s"}}}
    return plotted.page(
        f"Load: {told['shape']}",
        markdown(told),
        [
            Plot("people", "People over time; the same figures are in the text", people, "People", seconds),
            Plot(
                "answers", "Answers by phase; the same figures are in the text", answers,
                "From the last voiced sample to the answer (ms)", {"barmode": "group"},
            ),
            Plot("machine", "The machine over time", machine, "The machine", seconds),
        ],
    )  # fmt: skip


def _check(check: Mapping[str, Any]) -> str:
    mark = MARKS[Outcome(check["outcome"])]
    figure = "" if check["figure"] is None else f", {check['figure']:g} {check['unit']}"
    limit = f"at most {check['limit']:g} {check['unit']}"
    return f"{mark} {check['name']}: {check['outcome']}{figure} ({limit}; {check['why']})"


def _verdict(verdict: Mapping[str, Any]) -> str:
    mark = MARKS[Outcome(verdict["outcome"])]
    why = f"; {verdict['reason']}" if verdict["reason"] else ""
    return (
        f"{mark} {verdict['budget']}: {verdict['outcome']}, {verdict['figure']:.0f} {verdict['unit']}"
        f" (promised {verdict['target']:g}, n={verdict['n']}{why})"
    )


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.0f}{unit}"


def _trace(name: str, x: Sequence[float], y: Sequence[float | None]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y}
