"""What was measured and what came of it, for people (text, HTML) and programs (JSON)."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from ..contract.budgets import Level, Profile
from ..contract.recommend import Recommendation
from ..contract.verdict import Verdict
from ..core.distribution import install
from .judged import MARKS
from .ledger import Ledger, Series, statistic_of
from .sketch import ERROR, Sketch

EVENTS = ("state_confirmed", "first_audible", "answered")
"""Where a turn's critical path may lead to."""
STATISTICS = ("mean", "p50", "p95", "p99", "max")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report tells."""

    profile: Profile
    ledger: Ledger
    verdicts: Sequence[Verdict]
    recommendations: Sequence[Recommendation]
    turns: int


def render(form: str, report: Report) -> str:
    if form == "json":
        return json.dumps(as_json(report), ensure_ascii=False, indent=1)
    if form == "html":
        return as_html(report)
    if form == "text":
        return as_text(report)
    raise ValueError(f"a report is text, html or json, not {form!r}")


def summary(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Metric to its statistics, labels and provenances together."""
    merged: dict[str, Sketch] = {}
    for series in ledger:
        merged.setdefault(series.metric, Sketch()).merge(series.sketch)
    return {
        name: {"n": sketch.count, **{s: round(statistic_of(sketch, s), 6) for s in STATISTICS}}
        for name, sketch in sorted(merged.items())
        if sketch.count
    }


def as_json(report: Report) -> dict[str, Any]:
    return {
        "profile": report.profile.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "turns": report.turns,
        "percentile_error": ERROR,
        "summary": summary(report.ledger),
        "verdicts": [verdict.as_json() for verdict in report.verdicts],
        "recommendations": [recommendation.as_json() for recommendation in report.recommendations],
        "refused": report.ledger.refused,
        "crowded": report.ledger.crowded,
        "series": report.ledger.as_json(),
    }


def as_text(report: Report) -> str:
    rows = summary(report.ledger)
    width = max([len(name) for name in rows] + [6])
    lines = [f"Profile {report.profile.name}: {report.profile.title}", ""]
    if not rows:
        lines.append("Nothing has been measured yet.")
    else:
        lines.append(f"{'':{width}}  {'n':>7}" + "".join(f"{s:>11}" for s in STATISTICS))
        for name, row in rows.items():
            figures = "".join(f"{row[s]:>11.3f}" for s in STATISTICS)
            lines.append(f"{name:{width}}  {row['n']:>7.0f}{figures}")
    lines += ["", *(f"{MARKS[v.outcome]} {v.text()}" for v in report.verdicts)]
    if report.recommendations:
        lines += ["", "What would help, on which evidence:", *(f"- {r.text()}" for r in report.recommendations)]
    if report.ledger.refused:
        lines.append(f"{report.ledger.refused} figures were refused: NaN, infinite or negative.")
    return "\n".join(lines)


def as_html(report: Report) -> str:
    """One file with everything in it; asks no address."""
    rows = summary(report.ledger)
    chart = _chart([s for s in report.ledger if s.sketch.count])
    verdicts = "".join(
        f"<tr class='{v.outcome.name.lower()} {v.level if v.level is not Level.WITHIN else ''}'>"
        f"<td>{MARKS[v.outcome]} {v.outcome}</td><td>{html.escape(v.budget.key)}</td>"
        f"<td>{html.escape(v.budget.metric.text(v.figure.value)) if v.figure else ''}</td>"
        f"<td>{html.escape(v.budget.metric.text(v.budget.thresholds.target))}</td>"
        f"<td>{v.figure.n if v.figure else 0}</td><td>{v.severity or ''}</td>"
        f"<td>{html.escape(v.reason)}</td></tr>"
        for v in report.verdicts
    )
    figures = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{row['n']:.0f}</td>"
        + "".join(f"<td>{row[s]:.3f}</td>" for s in STATISTICS)
        + "</tr>"
        for name, row in rows.items()
    )
    advice = "".join(f"<li>{html.escape(r.text())}</li>" for r in report.recommendations)
    return _PAGE.format(
        title=html.escape(f"{report.profile.name}: {report.profile.title}"),
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        turns=report.turns,
        verdicts=verdicts or "<tr><td colspan=7>No budget has a figure yet.</td></tr>",
        figures=figures or "<tr><td colspan=7>Nothing has been measured yet.</td></tr>",
        heads="".join(f"<th>{s}</th>" for s in STATISTICS),
        advice=f"<h2>What would help</h2><ul>{advice}</ul>" if advice else "",
        error=f"{ERROR:.1%}",
        plotly=plotly_script(),
        chart=json.dumps(chart).replace("</", "<\\/"),
    )


@cache
def plotly_script() -> str:
    """From the installed package; no network is asked. Without it the page says how to get the plots."""
    if find_spec("plotly") is None:
        told = json.dumps(f"No plots here: {install('report')}")
        return f"globalThis.Plotly = {{newPlot: (id) => document.getElementById(id).append({told})}};"
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _chart(series: Sequence[Series]) -> list[dict[str, Any]]:
    names = [s.metric + (f" {dict(s.labels)}" if s.labels else "") for s in series]
    return [
        {"type": "bar", "orientation": "h", "name": s, "y": names, "x": [statistic_of(r.sketch, s) for r in series]}
        for s in ("p50", "p95", "p99")
    ]


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;
max-width:70rem;padding:0 1rem;color-scheme:light dark}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #8884}}
.broken{{color:#c22}}.kept{{color:#282}}.unproven,.too_few{{color:#a70}}</style>
<h1>{title}</h1><p>{at}, {turns} turns. Percentiles are within {error}.</p>
<h2>Budgets</h2><table><tr><th>Verdict<th>Budget<th>Figure<th>Target<th>n<th>Severity<th>Why</tr>{verdicts}</table>
{advice}<h2>Figures</h2><table><tr><th>Metric<th>n{heads}</tr>{figures}</table>
<div id="chart" role="img" aria-label="Percentiles by metric; the same figures stand in the table above"></div>
<script>{plotly}</script>
<script>Plotly.newPlot("chart", {chart}, {{barmode:"group", xaxis:{{type:"log"}}, margin:{{l:220}}}})</script>
</html>"""
