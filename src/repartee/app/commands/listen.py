"""`repartee listen`: files and standard input, turn by turn."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from repartee.app.console import show, show_json
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.contract import Budget, load_profile, loosest
from repartee.core.errors import BadAudio
from repartee.core.ports import AudioSource
from repartee.engines.audio import file, nowhere, pcm
from repartee.observe.judged import judged
from repartee.session import Session

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Options:
    json: bool
    keep: bool
    pace: str
    rate: int
    """Hz, of standard input."""


def run(files: Sequence[str], settings: Settings, options: Options) -> int:
    return asyncio.run(_listen(files, settings, options))


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
