"""`repartee compare TASK CONTESTANT...`: the same work done by us and by others, side by side.

Exit code 0 all were measured, 1 some could not be (2 is bad use).
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from repartee.core.errors import BadInput
from repartee.observe.monitor import Monitor
from repartee.proof.adapters import otlp
from repartee.proof.compare import report, session
from repartee.proof.compare import run as comparing
from repartee.proof.compare.data import Wanted as Data
from repartee.proof.compare.targets import MAKERS
from repartee.proof.compare.work import Task

from .options import Config, HomeOption, WholeJson

RECORDING, TRACES = "recording", "traces"
TASKS = (*Task, RECORDING, TRACES)


def compare(
    task: Annotated[str, typer.Argument(help=f"One of {', '.join(TASKS)}.")],
    contestants: Annotated[list[str], typer.Argument(help="Who takes part (docs/compare.md), or a session's files.")],
    recordings: Annotated[Path | None, typer.Option(help="Folder of recordings with a manifest.jsonl.")] = None,
    sentences: Annotated[Path | None, typer.Option(help="Sentences with their meaning (JSON lines), or texts.")] = None,
    most: Annotated[int, typer.Option(help="Items at most, spread evenly; 0: all.", min=0)] = 0,
    realtime: Annotated[bool, typer.Option("--realtime", help="Speech at the pace of life.")] = False,
    home: HomeOption = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for report and result.")] = None,
    config: Config = None,
    json: WholeJson = False,
) -> None:
    """Let us and others do the same work: right, quick, CPU, memory, start, side by side."""
    if task == RECORDING:
        return _recording(contestants, json)
    if task == TRACES:
        return _traces(contestants, json)
    if task not in list(Task):
        raise BadInput(f"there is no task {task!r}; choose one of {', '.join(TASKS)}")
    for name in contestants:
        if name.partition(":")[0] not in MAKERS[Task(task)]:
            raise BadInput(f"{name}: for {task} there are {', '.join(MAKERS[Task(task)])}")
    data = Data(_text(recordings), _text(sentences), most)
    wanted = comparing.Wanted(Task(task), contestants, data, config, home, realtime, _progress)
    told = asyncio.run(comparing.run(wanted))
    told["command"] = " ".join(Path(argument).name if "/" in argument else argument for argument in sys.argv)
    console = Console(highlight=False, stderr=json, width=None if sys.stdout.isatty() else 160)
    report.table(told, console)
    if json:
        print(jsonlib.dumps(told, ensure_ascii=False))
    if output:
        _write(output, told, console)
    raise typer.Exit(int(any(row["error"] for row in told["contestants"])))


def _recording(files: list[str], json: bool) -> None:
    """From the last voiced to the first audible sample, of any assistant."""
    if len(files) > 2:
        raise BadInput("give one file with two channels, or the microphone's and the loudspeaker's")
    microphone, loudspeaker = session.read(Path(files[0]), Path(files[1]) if len(files) > 1 else None)
    found = session.answers(microphone, loudspeaker)
    times = comparing.spread([one.ms for one in found])
    rows = [{"said_until_s": one.said.end, "ms": one.ms} for one in found]
    if json:
        print(jsonlib.dumps({"sentences": len(found), "answered": times, "turns": rows}))
        return
    shown = Table("sentence ended at", "answer after", box=None)
    for one in found:
        shown.add_row(f"{one.said.end:.2f} s", "no reply" if one.ms is None else f"{one.ms:.0f} ms")
    console = Console(highlight=False)
    console.print(shown)
    if times:
        console.print(
            f"p50 {times['p50']:.0f} ms, p95 {times['p95']:.0f} ms, p99 {times['p99']:.0f} ms (n={times['n']})"
        )


def _traces(files: list[str], json: bool) -> None:
    """Spans of any voice system by our stages; `NAME=STAGE` among the files names what nobody knows."""
    own = dict(file.split("=", 1) for file in files if "=" in file and not Path(file).exists())
    monitor = Monitor()
    spans = [span for file in files if "=" not in file or Path(file).exists() for span in otlp.read(Path(file), own)]
    unknown = otlp.feed(monitor, spans)
    told = {"spans": len(spans), "stages": monitor.summary(), "unknown": unknown}
    if json:
        print(jsonlib.dumps(told, ensure_ascii=False))
        return
    shown = Table("stage", "n", "p50", "p95", "p99", box=None)
    for stage, figures in monitor.summary().items():
        shown.add_row(stage, str(figures["n"]), *(f"{figures[name]:.0f} ms" for name in ("p50", "p95", "p99")))
    console = Console(highlight=False)
    console.print(shown)
    for name, count in unknown.items():
        console.print(f"{count} spans {name!r}: no stage of ours; say which with {name}=STAGE", markup=False)


def _write(folder: Path, told: dict[str, Any], console: Console) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    forms = {"json": jsonlib.dumps(told) + "\n", "md": report.markdown(told), "html": report.page(told)}
    for suffix, text in forms.items():
        path = folder / f"compare-{told['task']}.{suffix}"
        path.write_text(text, encoding="utf-8")
        console.print(str(path), markup=False)


def _text(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line[:100]:<100}\r", end="", file=sys.stderr, flush=True)
