"""`repartee report`: what the performance log says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import Settings
from repartee.contract import load_profile
from repartee.core.errors import BadInput
from repartee.observe.report import render
from repartee.proof import history

from .options import Config, chosen


def report(
    days: Annotated[float, typer.Option(help="How far back.", min=0.001, max=36_500)] = 7.0,
    week: Annotated[bool, typer.Option("--week", help="The last 7 days.")] = False,
    month: Annotated[bool, typer.Option("--month", help="The last 30 days.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One page that works offline.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: print.")] = None,
    config: Config = None,
) -> None:
    """What the assistant's performance log says: budgets, changes, what would help."""
    form = "html" if html else "json" if json else "markdown"
    text = _text(chosen(config), 30.0 if month else 7.0 if week else days, form)
    if output:
        output.write_text(text, encoding="utf-8")
        print(output)
    else:
        print(text)


def _text(settings: Settings, days: float, form: str) -> str:
    """Raises `BadInput` where nothing is kept."""
    folder = data_folder(settings)
    if folder is None:
        raise BadInput("nothing is kept: `data` in [system] is `-`")
    log, since = folder / "performance.jsonl", time.time() - days * history.DAY
    turns = history.read(log, since)
    used = history.uses(log, since)
    found = history.report(load_profile(settings.contract.profile), turns, used)
    if form == "markdown":
        return history.markdown(found, turns, history.changes(turns, used), used)
    return render(form, found)
