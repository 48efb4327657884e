"""The commands of the performance contract; `cli` hangs them in. They load what they need when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

contract = typer.Typer(help="The budgets: shown, checked, and given to other programs.", no_args_is_help=True)
ProfileName = Annotated[str, typer.Argument(help="moonshot, alice, luna, companion, ptt, orac, or a TOML file.")]
profile = typer.Typer(help="Where the time goes inside a running assistant, and at its start.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@contract.command()
def show(profile: ProfileName = "moonshot", json: Json = False) -> None:
    """A line a budget: thresholds, the events it runs between, who can tell."""
    from repartee.contract import load_profile

    from .commands import contract as command

    command.show(load_profile(profile), json)


@contract.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Budget files (TOML) or OpenSLO documents (YAML).")],
) -> None:
    """Whether budget files can be used; says what is wrong where."""
    from .commands import contract as command

    raise typer.Exit(2 if command.check(files) else 0)


@contract.command()
def export(
    profile: Annotated[
        list[str] | None, typer.Option(help="Profile; may be given several times. Default: all.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.")] = Path("contract"),
) -> None:
    """Prometheus rules, Grafana dashboards and OpenSLO documents, generated from the budgets."""
    from .commands import contract as command

    command.export(profile or [], output)


@contract.command()
def derive(
    baseline: Annotated[Path, typer.Argument(help="A file that `repartee bench` wrote.")],
    profile: Annotated[str, typer.Option(help="Profile whose figures are derived.")] = "orac",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="TOML file to write; default: print.")] = None,
) -> None:
    """Budgets from what this machine was measured to do."""
    from .commands import contract as command

    raise typer.Exit(command.derived(baseline, profile, output))


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
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for the baseline report.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")] = None,
    json: Annotated[bool, typer.Option("--json", help="The whole result as one JSON object.")] = False,
) -> None:
    """Measure every stage and the whole turn on this machine; say which promises are kept.

    Exit code: 0 all kept, 1 a budget broken (or, with --compare, something slower), 2 bad use, 3 too few runs to say.
    """
    from repartee.assembly.settings import read_settings
    from repartee.proof.bench import Options

    from .commands import bench as command
    from .ptt.bench import measure_ptt

    settings = read_settings(config, {"system": {"data": Path("-")}})
    options = Options(seconds, recordings, home, turns, quality, measure_ptt, command.progress)
    raise typer.Exit(command.run(settings, command.Wanted(profile or ["moonshot"], options, compare, output, json)))


@profile.command()
def cpu(
    output: Annotated[Path, typer.Argument(help="File: .svg (flame graph), .json (speedscope) or .txt.")] = Path(
        "flame.svg"
    ),
    pid: Annotated[int | None, typer.Option(help="Process; default: the one `repartee serve` that runs.")] = None,
    seconds: Annotated[float, typer.Option(help="How long.", min=1, max=86_400)] = 10.0,
    rate: Annotated[int, typer.Option(help="Samples a second; 5 for hours.", min=1, max=1000)] = 100,
) -> None:
    """Flame graph of a running assistant. Needs the extra `profile`."""
    from .commands import profile as command

    command.cpu(output, pid, seconds, rate)


@profile.command()
def start(
    module: Annotated[str, typer.Argument(help="Module whose import is looked at.")] = "repartee.app.commands.serve",
    least: Annotated[float, typer.Option(help="Milliseconds that are worth a line.", min=0)] = 5.0,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")] = None,
) -> None:
    """What the start is spent on: imports as a tree, slowest first, and models."""
    from repartee.assembly.settings import read_settings

    from .commands import profile as command

    command.start(module, least, read_settings(config, {"system": {"data": Path("-")}}))


@profile.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def memory(
    output: Annotated[Path, typer.Argument(help="File: .html (flame graph of the highest moment).")] = Path(
        "heap.html"
    ),
    command: Annotated[
        list[str] | None, typer.Argument(help="What repartee shall do meanwhile; default: ask 'turn on all lights'.")
    ] = None,
) -> None:
    """What holds the memory: a flame graph of a command's allocations. Needs the extra `memory`."""
    from .commands import profile as commands

    commands.memory(output, command or ["ask", "turn on all lights"])


def report(
    days: Annotated[float, typer.Option(help="How far back.", min=0.001, max=36_500)] = 7.0,
    week: Annotated[bool, typer.Option("--week", help="The last 7 days.")] = False,
    month: Annotated[bool, typer.Option("--month", help="The last 30 days.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One page that works offline.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: print.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")] = None,
) -> None:
    """What the assistant's performance log says: budgets, changes, what would help."""
    from repartee.assembly.settings import read_settings

    from .commands import report as command

    form = "html" if html else "json" if json else "markdown"
    command.run(read_settings(config), 30.0 if month else 7.0 if week else days, form, output)


def capacity(
    baseline: Annotated[Path, typer.Argument(help="A file that `repartee bench -o FOLDER` wrote (JSON).")],
    profile: Annotated[str, typer.Option(help="Promises by the number of people.")] = "alice",
    turns_per_hour: Annotated[
        float, typer.Option(help="How often one person speaks in the busiest hour.", min=0.01, max=3600)
    ] = 30.0,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """How many people this machine carries, by what a turn was measured to take."""
    from .commands import capacity as command

    command.run(baseline, profile, turns_per_hour, json)
