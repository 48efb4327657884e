"""`repartee bench`: measured, judged, compared, reported.

Exit code 0 all kept, 1 a budget broken or slower than before, 3 too few runs to say (2 is bad use).
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

from repartee.app.ptt.bench import measure_ptt
from repartee.assembly.settings import Settings
from repartee.contract import Outcome, Verdict, load_profile
from repartee.proof import bench as measuring
from repartee.proof import comparison, interleaved, report, results
from repartee.proof.gate import Answer

from .options import Config, chosen

KEPT, BROKEN, TOO_FEW = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    profiles: Sequence[str]
    options: measuring.Options
    compare: Path | None = None
    output: Path | None = None
    """Folder of the baseline report: NAME.md, NAME.html and NAME.json."""
    json: bool = False


def bench(
    profile: Annotated[
        list[str] | None, typer.Option(help="Promises to hold the figures against; several are held in one run.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long it may take.", min=1, max=86_400)] = 120.0,
    compare: Annotated[
        Path | None,
        typer.Option(help="Results of an earlier bench, or the folder of another version: fails where now is slower."),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option(help="Folder of recorded commands; default: the test data.")
    ] = None,
    home: Annotated[Path | None, typer.Option("--home", help="Home in which the recordings are said.")] = None,
    turns: Annotated[bool, typer.Option(help="Play whole turns, at the pace of life.")] = True,
    quality: Annotated[bool, typer.Option(help="Measure accuracy beside speed (from 90 seconds on).")] = True,
    gains: Annotated[
        bool, typer.Option("--gains", help="Only what each optimisation gains, with and without it.")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the baseline report.")] = None,
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="The whole result as one JSON object.")] = False,
) -> None:
    """Measure every stage and the whole turn on this machine; say which promises are kept.

    Exit code: 0 all kept, 1 a budget broken (or, with --compare, something slower), 2 bad use, 3 too few runs to say.
    """
    options = measuring.Options(seconds, recordings, home, turns, quality, measure_ptt, progress)
    if gains:
        raise typer.Exit(run_gains(chosen(config, home=home, system={"data": Path("-")}), options, output, json))
    wanted = Wanted(profile or ["moonshot"], options, compare, output, json)
    raise typer.Exit(run(chosen(config, system={"data": Path("-")}), wanted))


def run_gains(settings: Settings, options: measuring.Options, output: Path | None, json: bool) -> int:
    """1 where a claim is not kept; what can't be measured here is told."""
    found = asyncio.run(measuring.run_gains(settings, options))
    document = jsonlib.dumps(found, ensure_ascii=False, indent=1)
    if output:
        output.mkdir(parents=True, exist_ok=True)
        (output / "gains.json").write_text(document + "\n", "utf-8")
    if json:
        print(document)
    else:
        report.gains_table(found["gains"], _console(stderr=False))
    return int(any(row["claim_kept"] is False for row in found["gains"]))


def run(settings: Settings, wanted: Wanted) -> int:
    """Measures, tells, and gives the exit code."""
    profiles = [load_profile(name) for name in wanted.profiles]
    if wanted.compare and wanted.compare.is_dir():
        return _gate(interleaved.against(wanted.compare, wanted.options.seconds, progress), _console(wanted.json))
    earlier = results.read(wanted.compare) if wanted.compare else None
    found = asyncio.run(measuring.run(settings, wanted.options))
    console = _console(wanted.json)
    verdicts: list[Verdict] = []
    for held in map(found.against, profiles):
        verdicts += held.verdicts
        if wanted.json:
            print(jsonlib.dumps(held.as_json(), ensure_ascii=False))
        else:
            report.table(held, console)
        if wanted.output:
            _write(wanted.output, held, console)
    if not earlier:
        return exit_code(verdicts)
    return _gate(comparison.against(earlier, found.taken, found.facts["reference"]), console)


def _gate(gate: comparison.Outcome, console: Console) -> int:
    report.gate_table(gate, console)
    return {Answer.SLOWER: BROKEN, Answer.TOO_FEW: TOO_FEW}.get(gate.answer, KEPT)


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Broken before too few; what is not measured here, or proves nothing, is told but is no failure."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if Outcome.BROKEN in outcomes:
        return BROKEN
    return TOO_FEW if Outcome.TOO_FEW in outcomes or Outcome.KEPT not in outcomes else KEPT


def _console(stderr: bool) -> Console:
    """Wide enough for a table where there is no terminal."""
    console = Console(highlight=False, stderr=stderr)
    return console if console.is_terminal else Console(highlight=False, stderr=stderr, width=140)


def progress(line: str) -> None:
    """On standard error: rewritten in place on a terminal, silent elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{line[:100]:<100}", end="", file=sys.stderr, flush=True)


def _write(folder: Path, held: measuring.Against, console: Console) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in (
        ("md", report.markdown(held)),
        ("html", report.page(held)),
        ("json", jsonlib.dumps(held.as_json(), ensure_ascii=False) + "\n"),
    ):
        path = folder / f"baseline-{held.profile.name}.{suffix}"
        path.write_text(text, encoding="utf-8")
        console.print(str(path), markup=False)
