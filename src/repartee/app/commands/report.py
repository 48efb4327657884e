"""`repartee report`: what the performance log says."""

from __future__ import annotations

import time
from pathlib import Path

from repartee.assembly.assistant import data_folder
from repartee.assembly.settings import Settings
from repartee.contract import load_profile
from repartee.core.errors import BadInput
from repartee.observe.report import render
from repartee.proof import history


def run(settings: Settings, days: float, form: str, output: Path | None) -> None:
    """Printed, or written to a file. Raises `BadInput` where nothing is kept."""
    folder = data_folder(settings)
    if folder is None:
        raise BadInput("nothing is kept: `data` in [system] is `-`")
    log, since = folder / "performance.jsonl", time.time() - days * history.DAY
    turns = history.read(log, since)
    report = history.report(load_profile(settings.contract.profile), turns)
    if form == "markdown":
        text = history.markdown(report, turns, history.changes(turns, history.uses(log, since)))
    else:
        text = render(form, report)
    if output:
        output.write_text(text, encoding="utf-8")
        print(output)
    else:
        print(text)
