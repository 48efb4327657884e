"""`repartee data`: what is kept about people, for them."""

from __future__ import annotations

import json as jsonlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from repartee.assembly.assistant import data_folder
from repartee.assembly.kept_data import KINDS, KeptData
from repartee.assembly.settings import read_settings
from repartee.core.errors import BadInput
from repartee.core.selection import Selection


@dataclass(frozen=True)
class Chosen:
    kept: KeptData
    retention_days: float


def selected(
    config: Path | None, what: Sequence[str] | None, person: str | None, since: str | None, until: str | None
) -> Chosen:
    """Raises `BadInput` for what can't be meant, and where nothing is kept."""
    settings = read_settings(config)
    folder = data_folder(settings)
    if folder is None:
        raise BadInput("nothing is kept: `data` in [system] is `-`")
    selection = Selection(_moment(since), _moment(until), person)
    return Chosen(KeptData(folder, selection, what or KINDS), settings.system.retention_days)


def show(chosen: Chosen, json: bool) -> None:
    counts, damaged = chosen.kept.counts(), [str(file) for file in chosen.kept.damaged()]
    if json:
        told = {"folder": str(chosen.kept.folder), "retention_days": chosen.retention_days, "damaged": damaged}
        print(jsonlib.dumps({**told, "kept": counts}, ensure_ascii=False))
        return
    print(f"in {chosen.kept.folder}; turns are kept for {chosen.retention_days:g} days")
    for kind, count in counts.items():
        print(f"{count:>8} {kind}")
    for file in damaged:
        print(f"damaged, put aside: {file}")


def export(chosen: Chosen, output: Path | None) -> None:
    if output is None:
        _write(chosen, sys.stdout)
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BadInput(f"{output} can't be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        _write(chosen, file)


def delete(chosen: Chosen, *, yes: bool) -> int:
    """0, or 1 where the person thought better of it."""
    counts = chosen.kept.counts()
    about = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    if not yes and input(f"Delete {about}, for good? [y/N] ").strip().casefold() not in ("y", "yes"):
        return 1
    for kind, count in chosen.kept.delete().items():
        print(f"{count:>8} {kind} deleted")
    if left := chosen.kept.damaged():
        print(
            f"{len(left)} damaged files are left: nobody can tell what is in them; deleting everything takes them too"
        )
    return 0


def _write(chosen: Chosen, file: TextIO) -> None:
    for row in chosen.kept.rows():
        file.write(jsonlib.dumps(row, ensure_ascii=True) + "\n")


def _moment(text: str | None) -> float | None:
    """A date is its first moment, here."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"{text!r} is no date like 2026-03-01 and no time like 2026-03-01T18:30") from error
