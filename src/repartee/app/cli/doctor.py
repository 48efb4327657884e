"""`repartee doctor`: why it is slow or hears badly here, and what to change.

Exit code 0 nothing found, 1 something found, 2 bad use.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from repartee.assembly.settings import Settings
from repartee.core.errors import BadInput
from repartee.proof.doctor import bundle as bundles
from repartee.proof.doctor.examination import Wanted, examine, mend
from repartee.proof.doctor.finding import Finding, Grade, Part, ordered

from .options import Config, Token, WholeJson, chosen

COLOURS = {Grade.BROKEN: "red", Grade.COSTS: "yellow", Grade.NOTE: "cyan"}


@dataclass(frozen=True, slots=True)
class Options:
    json: bool
    fix: bool
    bundle: Path | None
    words: bool
    """The bundle holds what was said."""
    sound: bool
    """The bundle holds the recording."""


def doctor(
    url: Annotated[str, typer.Argument(help="A running server to look at too, as it prints its address.")] = "",
    home: Annotated[
        Path | None, typer.Option("--home", help="JSON file of a home; default: that of the settings.")
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="Ten seconds of your microphone with somebody speaking; default: open it.")
    ] = None,
    played: Annotated[Path | None, typer.Option(help="What the loudspeaker played while it was recorded.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Do what is safe: rights of files, missing folders, caches.")
    ] = False,
    bundle: Annotated[Path | None, typer.Option(help="Archive (.zip) for a bug report to write.")] = None,
    words: Annotated[bool, typer.Option("--words", help="The bundle may hold what was said, and names.")] = False,
    sound: Annotated[bool, typer.Option("--sound", help="The bundle may hold the recording.")] = False,
    token: Token = None,
    config: Config = None,
    json: WholeJson = False,
) -> None:
    """Say why it is slow or hears badly here, with the evidence, what it costs, and what to change.

    Takes less than a minute; nothing is sent anywhere. Exit code: 0 nothing found, 1 something found, 2 bad use.
    """
    options = Options(json, fix, bundle, words, sound)
    raise typer.Exit(run(chosen(config, home), Wanted(url, token, recording, played), options))


def run(settings: Settings, wanted: Wanted, options: Options) -> int:
    if options.bundle and not options.bundle.parent.is_dir():
        raise BadInput(f"there is no folder {options.bundle.parent}")
    parts = asyncio.run(examine(settings, wanted, _progress))
    found = ordered(parts)
    done = mend(found) if options.fix else []
    console = Console(highlight=False, stderr=options.json)
    if options.json:
        told = {"parts": [part.as_json() for part in parts], "fixed": [what for what, why in done if not why]}
        print(jsonlib.dumps(told, ensure_ascii=False))
    else:
        _tell(parts, found, console)
    for what, why in done:
        console.print(
            f"could not {what}: {why}" if why else f"done: {what}", markup=False, style="red" if why else "green"
        )
    if options.bundle:
        recording = wanted.recording if options.sound else None
        names = bundles.write(options.bundle, settings, parts, words=options.words, recording=recording)
        told_so = "with what was said" if options.words else "without words"
        console.print(f"{options.bundle}: {', '.join(names)}; {told_so}; look into it before you send it", markup=False)
    return int(bool(found))


def _tell(parts: Sequence[Part], found: Sequence[Finding], console: Console) -> None:
    for part in parts:
        mark = "[dim]-[/]" if part.skipped else "[green]✓[/]" if not part.findings else "[yellow]![/]"
        console.print(f"{mark} {part.name}: {escape((part.skipped and f'not looked at: {part.skipped}') or part.seen)}")
    console.print()
    for number, finding in enumerate(found, 1):
        console.print(f"{number}. [{COLOURS[finding.grade]}]{finding.grade}[/] {escape(finding.evidence)}")
        console.print(f"   costs: {escape(finding.cost)}")
        console.print(f"   change: {escape(finding.advice)}")
        if finding.fix:
            console.print(f"   [dim]--fix does it: {escape(finding.fix.does)}[/]")
    console.print(f"{len(found)} found." if found else "Nothing is wrong that can be seen from here.")


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line:<60}\r", end="", file=sys.stderr, flush=True)
