"""`repartee load SHAPE`: many people at once, judged by what becomes of their sentences and by when.

Exit code 0 all kept, 1 something broken, 3 too few sentences to say (2 is bad use).
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from repartee.contract import Outcome, load_profile
from repartee.proof.load import report
from repartee.proof.load import run as loads
from repartee.proof.load.result import Result
from repartee.proof.load.shape import EXPECTED, SHAPES
from repartee.proof.load.shape import shape as shaped

from .options import Config, WholeJson, chosen

KEPT, BROKEN, TOO_FEW = 0, 1, 3


def load(
    shape: Annotated[str, typer.Argument(help=f"One of {', '.join(SHAPES)}.")],
    url: Annotated[str, typer.Option(help="A running server; default: one is started for the load.")] = "",
    scale: Annotated[
        float, typer.Option(help="Of the protocol's durations: 0.01 makes seconds of minutes.", min=0.0001, max=100)
    ] = 1.0,
    users: Annotated[
        int | None, typer.Option(help="People at the highest moment; all else in proportion.", min=1, max=10_000)
    ] = None,
    expected: Annotated[int, typer.Option(help="People that are expected (prerelease).", min=1)] = EXPECTED,
    sessions: Annotated[int, typer.Option(help="Sockets that our own server takes.", min=1, max=1000)] = loads.SESSIONS,
    profile: Annotated[str, typer.Option(help="Promises by the number of people.")] = "alice",
    recordings: Annotated[
        Path | None, typer.Option(help="Folder of recorded commands; default: the test data.")
    ] = None,
    home: Annotated[Path | None, typer.Option("--home", help="Home in which the recordings are said.")] = None,
    pid: Annotated[int | None, typer.Option(help="Process of the server, to watch its CPU and memory.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for report and result.")] = None,
    config: Config = None,
    json: WholeJson = False,
) -> None:
    """Let many people speak at once; say what becomes of their sentences, and of the machine.

    Exit code: 0 all kept, 1 something broken, 2 bad use, 3 too few sentences to say.
    """
    held = load_profile(profile)
    wanted = loads.Wanted(shaped(shape, expected).scaled(scale, users), url, pid, recordings, home, sessions, _live)
    result = asyncio.run(loads.run(chosen(config), wanted))
    result.facts["command"] = " ".join(Path(argument).name if "/" in argument else argument for argument in sys.argv)
    told = result.as_json(held)
    console = Console(highlight=False, stderr=json, width=None if sys.stdout.isatty() else 140)
    if sys.stderr.isatty():
        print(f"\r{'':<140}\r", end="", file=sys.stderr)
    report.table(told, console)
    if json:
        print(jsonlib.dumps(told, ensure_ascii=False))
    if output:
        output.mkdir(parents=True, exist_ok=True)
        for suffix, text in (
            ("json", jsonlib.dumps(told) + "\n"),
            ("md", report.markdown(told)),
            ("html", report.page(told)),
        ):
            path = output / f"load-{shape}.{suffix}"
            path.write_text(text, encoding="utf-8")
            console.print(str(path), markup=False)
    raise typer.Exit(exit_code(outcomes(result, told)))


def outcomes(result: Result, told: dict[str, object]) -> list[Outcome]:
    verdicts = told["verdicts"]
    assert isinstance(verdicts, list)
    return [check.outcome for check in result.checks()] + [Outcome(verdict["outcome"]) for verdict in verdicts]


def exit_code(found: Sequence[Outcome]) -> int:
    """Broken before too few; what proves nothing is told but is no failure."""
    if Outcome.BROKEN in found:
        return BROKEN
    return TOO_FEW if Outcome.TOO_FEW in found or Outcome.KEPT not in found else KEPT


def _live(line: str) -> None:
    """Rewritten in place on a terminal; elsewhere a line now and then would only be in the way."""
    if sys.stderr.isatty():
        print(f"\r{line[:140]:<140}", end="", file=sys.stderr, flush=True)
