"""`repartee data`: what is kept about people, for them."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from repartee.assembly.assistant import data_folder
from repartee.assembly.kept_data import KINDS, KeptData
from repartee.assembly.settings import read_settings
from repartee.core.errors import BadInput
from repartee.core.private import open_private
from repartee.core.selection import Selection

from .options import Config, WholeJson

data = typer.Typer(help="What is kept: shown, exported, deleted.", no_args_is_help=True)
What = Annotated[
    list[str] | None, typer.Option("--what", help="turns, household, memory or sound; several times. Default: all.")
]
Person = Annotated[str | None, typer.Option("--person", help="Only what is known to be of this person.")]
Since = Annotated[str | None, typer.Option("--since", help="Only from this date (2026-03-01) or time on.")]
Until = Annotated[str | None, typer.Option("--until", help="Only before this date or time.")]


@dataclass(frozen=True)
class Kept:
    store: KeptData
    retention_days: float


def selected(
    config: Path | None, what: Sequence[str] | None, person: str | None, since: str | None, until: str | None
) -> Kept:
    """Raises `BadInput` for what can't be meant, and where nothing is kept."""
    settings = read_settings(config)
    folder = data_folder(settings)
    if folder is None:
        raise BadInput("nothing is kept: `data` in [system] is `-`")
    selection = Selection(_moment(since), _moment(until), person)
    return Kept(KeptData(folder, selection, what or KINDS), settings.system.retention_days)


@data.command()
def show(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    json: WholeJson = False,
) -> None:
    """How much of what is kept where, and for how long."""
    kept = selected(config, what, person, since, until)
    counts, damaged = kept.store.counts(), [str(file) for file in kept.store.damaged()]
    if json:
        told = {"folder": str(kept.store.folder), "retention_days": kept.retention_days, "damaged": damaged}
        print(jsonlib.dumps({**told, "kept": counts}, ensure_ascii=False))
        return
    print(f"in {kept.store.folder}; turns are kept for {kept.retention_days:g} days")
    for kind, count in counts.items():
        print(f"{count:>8} {kind}")
    for file in damaged:
        print(f"damaged, put aside: {file}")


@data.command()
def export(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: print.")] = None,
) -> None:
    """Everything, one JSON object a line."""
    kept = selected(config, what, person, since, until)
    if output is None:
        _write(kept, sys.stdout)
        return
    with open_private(output) as file:
        _write(kept, file)


@data.command()
def delete(
    what: What = None,
    person: Person = None,
    since: Since = None,
    until: Until = None,
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Deletes it, for good. The assistant must not be running."""
    kept = selected(config, what, person, since, until)
    counts = kept.store.counts()
    about = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    if not yes and input(f"Delete {about}, for good? [y/N] ").strip().casefold() not in ("y", "yes"):
        raise typer.Exit(1)  # the person thought better of it
    for kind, count in kept.store.delete().items():
        print(f"{count:>8} {kind} deleted")
    if left := kept.store.damaged():
        print(f"{len(left)} damaged files are left: what is in them is unknown; deleting everything takes them too")


def _write(kept: Kept, file: TextIO) -> None:
    for row in kept.store.rows():
        file.write(jsonlib.dumps(row, ensure_ascii=True) + "\n")


def _moment(text: str | None) -> float | None:
    """A date is its first moment, here."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"{text!r} is no date like 2026-03-01 and no time like 2026-03-01T18:30") from error
