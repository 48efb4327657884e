"""`repartee profile`: flame graphs of a running assistant, and what its start is spent on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.proof import profiler

from .options import Config, chosen

profile = typer.Typer(help="Where the time goes inside a running assistant, and at its start.", no_args_is_help=True)
SERVER = "repartee.app.cli.serve"


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
    profiler.flame(output, pid or profiler.running(), seconds, rate)
    print(output)


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
    profiler.heap(output, command or ["ask", "turn on all lights"])
    print(output)


@profile.command()
def start(
    module: Annotated[str, typer.Argument(help="Module whose import is looked at.")] = SERVER,
    least: Annotated[float, typer.Option(help="Milliseconds that are worth a line.", min=0)] = 5.0,
    config: Config = None,
) -> None:
    """What the start is spent on: imports as a tree, slowest first, and models."""
    roots = profiler.imports(module)
    print(f"{sum(root.total_ms for root in roots):8.1f} ms importing {module} (a fresh Python; its own start included)")
    for line in profiler.tree(roots, least):
        print(line)
    parts, whole = asyncio.run(_parts(chosen(config, system={"data": Path("-")})))
    print(f"{whole:8.1f} ms opening and warming the assistant, the imports of its engines included")
    for name, ms in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"{ms:8.1f} ms               {name}")
    print(f"{whole - sum(parts.values()):8.1f} ms               the rest")


async def _parts(settings: Settings) -> tuple[dict[str, float], float]:
    began = time.perf_counter()
    async with open_assistant(settings) as assistant:
        await assistant.warm()
        whole = (time.perf_counter() - began) * 1000
        return {name: seconds * 1000 for name, seconds in assistant.telemetry.footprints.seconds.items()}, whole
