"""A comparison for people: a table, Markdown to keep, one page with plots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from repartee.proof import plotted
from repartee.proof.plotted import Plot, disturbed, markdown_table

HEADS = ("", "right", "deeds", "WER", "p50", "p95", "p99", "CPU an item", "memory", "first answer after", "n")
TITLES = {
    "hear": "Speech to text", "understand": "Sentences to deeds", "speak": "Text to speech (to the first sound)",
    "wake": "Wake words", "chat": "Questions to answers (to the first word)", "turn": "Whole assistants",
}  # fmt: skip


def table(told: Mapping[str, Any], console: Console) -> None:
    shown = Table(
        title=f"{TITLES[told['task']]}: {told['items']} items, {told['pace']} pace", title_justify="left", box=None
    )
    for head in HEADS:
        shown.add_column(head, justify="right" if head else "left")
    for row in told["contestants"]:
        shown.add_row(*cells(row, told["task"]))
    console.print(shown)
    for line in lines(told):
        console.print(f"- {line}", markup=False)


def cells(row: Mapping[str, Any], task: str) -> list[str]:
    if row["error"]:
        return [row["title"], row["error"], *[""] * (len(HEADS) - 2)]
    times = row["first"] if task in ("speak", "chat") else row["done"]
    right = _figure(row["right_percent"], " %", 1)
    if row["false_percent"] is not None:
        right += f" (false {row['false_percent']:.1f} %)"
    return [
        row["title"], right, _figure(row["deeds_percent"], " %", 1), _figure(row["wer_percent"], " %", 1),
        *(_time(times[name]) if times else "" for name in ("p50", "p95", "p99")),
        _figure(row["cpu_ms_an_item"], " ms", 2), _figure(row["rss_mb"], " MB", 0) if row["local"] else "",
        _figure(row["first_answer_s"], " s", 2), str(row["n"]),
    ]  # fmt: skip


def lines(told: Mapping[str, Any]) -> list[str]:
    """What must be known beside the figures."""
    found = [f"{row['title']}: {row['note']}" for row in told["contestants"] if not row["error"] and row["note"]]
    found += [f"Not comparable: {line}" for line in told["not_comparable"]]
    for row in told["contestants"]:
        stages = {} if row["error"] else row["stages"]
        if stages:
            parts = ", ".join(f"{name} {times['p50']:.0f} ms" for name, times in stages.items() if times)
            found.append(f"{row['title']}, by stage (median, by its own clock): {parts}")
    return [*found, *disturbed(told["others_cpu_percent"])]


def markdown(told: Mapping[str, Any]) -> str:
    rows = markdown_table(HEADS, [cells(row, told["task"]) for row in told["contestants"]])
    more = "\n".join(f"- {line}" for line in lines(told))
    return (
        f"## {TITLES[told['task']]}\n\nMeasured {told['at']} on {told['machine']}, {told['items']} items,"
        f" {told['pace']} pace: `{told.get('command', '')}`.\n\n{rows}\n\n{more}\n"
    )


def page(told: Mapping[str, Any]) -> str:
    """One file that asks no address."""
    sound = [row for row in told["contestants"] if not row["error"]]
    key = "first_ms" if told["task"] in ("speak", "chat") else "done_ms"
    boxes = [
        {"type": "box", "name": row["title"], "x": [one[key] for one in row["made"] if one[key] is not None]}
        for row in sound
    ]
    rights = {"type": "bar", "x": [r["title"] for r in sound], "y": [r["right_percent"] or 0 for r in sound]}
    return plotted.page(
        f"Comparison: {TITLES[told['task']]}",
        markdown(told),
        [
            Plot(
                "boxes", "Times of each contestant; the same figures are in the text", boxes, "Time (ms)",
                {"xaxis": {"type": "log"}, "margin": {"l": 260}, "showlegend": False},
            ),
            Plot("rights", "Percent right of each contestant", [rights], "Right (%)"),
        ],
    )  # fmt: skip


def _figure(value: float | None, unit: str, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}{unit}"


def _time(ms: float) -> str:
    return f"{ms * 1000:.0f} µs" if ms < 1 else f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"
