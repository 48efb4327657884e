"""One page of a result: its text and plots, in one file that asks no address; and what its text has in common."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from repartee.observe.report import plotly_script

BUSY_PERCENT = 15
"""Of the machine: what other programs took beyond this is told beside the figures."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Traces and layout as Plotly has them."""

    name: str
    """Id of its place."""
    label: str
    """For those who don't see it."""
    traces: Sequence[Mapping[str, Any]]
    title: str
    layout: Mapping[str, Any] = field(default_factory=dict)


def page(title: str, text: str, plots: Sequence[Plot]) -> str:
    return _PAGE.format(
        title=html.escape(title),
        places="\n".join(map(_place, plots)),
        text=html.escape(text),
        plotly=plotly_script(),
        calls="\n".join(map(_call, plots)),
    )


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, figures to the right."""
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def disturbed(others_cpu_percent: float) -> list[str]:
    """What is to be said of other programs; nothing where they kept still."""
    if others_cpu_percent <= BUSY_PERCENT:
        return []
    return [f"Other programs took {others_cpu_percent:.0f} % of this machine meanwhile."]


def _place(plot: Plot) -> str:
    return f'<div id="{plot.name}" role="img" aria-label="{html.escape(plot.label)}"></div>'


def _call(plot: Plot) -> str:
    layout = {"title": {"text": plot.title}, **plot.layout}
    return f'Plotly.newPlot("{plot.name}", {_script(plot.traces)}, {_script(layout)});'


def _script(data: Any) -> str:
    return json.dumps(data).replace("</", "<\\/")


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;
max-width:80rem;padding:0 1rem;color-scheme:light dark}}
pre{{white-space:pre-wrap}}</style><h1>{title}</h1>
{places}
<pre>{text}</pre><script>{plotly}</script>
<script>{calls}
</script></html>"""
