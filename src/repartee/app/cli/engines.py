"""`repartee engines`: what is installed, what is missing and how to get it."""

from __future__ import annotations

import json as jsonlib

from rich.console import Console
from rich.table import Table

from repartee.assembly.engines import check, names

from .options import Json

KINDS = ("stt", "tts", "vad", "understanding", "home", "audio", "store")


def engines(json: Json = False) -> None:
    """What is installed, what is missing and how to get it."""
    rows = [(kind, name, check(kind, name)) for kind in KINDS for name in names(kind)]
    if json:
        for kind, name, remedy in rows:
            print(jsonlib.dumps({"kind": kind, "engine": name, "installed": remedy is None, "remedy": remedy}))
        return
    table = Table("kind", "engine", "", "how to get it", box=None)
    for kind, name, remedy in rows:
        table.add_row(kind, name, "[green]ready[/]" if remedy is None else "[red]missing[/]", remedy or "")
    Console(highlight=False).print(table)
