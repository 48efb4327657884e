"""`repartee listen`: files and standard input, turn by turn."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import Budget, load_profile, loosest
from repartee.core.errors import BadAudio
from repartee.core.ports import AudioSource
from repartee.engines.audio import file, nowhere, pcm
from repartee.observe.judged import judged
from repartee.session import Session

from .console import show, show_json
from .options import Area, Config, HomeOption, Json, Language, chosen

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Options:
    json: bool
    keep: bool
    pace: str
    rate: int
    """Hz, of standard input."""


def listen(
    files: Annotated[list[str], typer.Argument(help="Sound files; - is raw 16-bit mono PCM on standard input.")],
    home: HomeOption = None,
    area: Area = None,
    language: Language = None,
    config: Config = None,
    json: Json = False,
    keep: Annotated[bool, typer.Option(help="Go on with home and context from file to file.")] = False,
    pace: Annotated[str, typer.Option(help="fast, or realtime (only then are latencies real).")] = "fast",
    rate: Annotated[int, typer.Option(help="Sample rate of standard input, Hz.")] = 16_000,
    stt: Annotated[str | None, typer.Option(help="Engine for speech to text.")] = None,
) -> None:
    """Act on recorded speech."""
    if pace not in ("fast", "realtime"):
        raise typer.BadParameter(f"--pace {pace}: it is fast or realtime")
    settings = chosen(config, home, area, language, brain={"stt": stt})
    raise typer.Exit(asyncio.run(_listen(files, settings, Options(json, keep, pace, rate))))


async def _listen(files: Sequence[str], settings: Settings, options: Options) -> int:
    """0, or 1 when a file could not be heard; the others are heard all the same."""
    failed = False
    budgets = loosest(load_profile(settings.contract.profile))
    async with open_assistant(settings) as assistant:
        await assistant.warm()
        kept = assistant.session(nowhere.Sink())
        for number, name in enumerate(files, 1):
            _progress(number, len(files), name, options)
            try:
                if options.keep:
                    failed |= await _hear(kept, name, options, budgets)
                else:
                    async with assistant.with_fresh_home() as fresh:
                        failed |= await _hear(fresh.session(nowhere.Sink()), name, options, budgets)
            except BadAudio as error:
                failed = True
                _complain(error, name, options)
    return int(failed)


async def _hear(session: Session, name: str, options: Options, budgets: Mapping[str, Sequence[Budget]]) -> bool:
    """Whether a turn of this file failed."""
    failed, console = False, Console(highlight=False)
    async for record in session.listen(_source(name, options)):
        failed |= record.error is not None
        if options.json:
            show_json(record, file=name)
        else:
            show(record, console, name, judged(record, budgets).lines())
    return failed


def _source(name: str, options: Options) -> AudioSource:
    realtime = options.pace == "realtime"
    if name == STDIN:
        return pcm.Source(sys.stdin.buffer, options.rate, realtime=realtime)
    return file.Source(Path(name), realtime=realtime)


def _progress(number: int, count: int, name: str, options: Options) -> None:
    if options.json and count > 1 and sys.stderr.isatty():
        print(f"\r{number}/{count} {name[-60:]:<60}", end="\n" if number == count else "", file=sys.stderr, flush=True)


def _complain(error: BadAudio, name: str, options: Options) -> None:
    if options.json:
        import json

        print(json.dumps({"file": name, "turn": None, "error": str(error)}, ensure_ascii=False), flush=True)
    print(f"repartee: {error}", file=sys.stderr)
