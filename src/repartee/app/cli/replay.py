"""`repartee replay`: recorded turns once more, with other models or settings; exit code 1 where one differs."""

from __future__ import annotations

import asyncio
import json as jsonlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from repartee.assembly.assistant import data_folder
from repartee.assembly.recording import FOLDER
from repartee.core.errors import BadInput
from repartee.proof import replay as again

from .options import Config, Json, chosen


def replay(
    turn: Annotated[str, typer.Argument(help="Id of a recorded turn (or how it begins), or a folder of turns.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as audio.wait_closed=0.3; several times.")
    ] = None,
    stt: Annotated[str | None, typer.Option(help="Another recogniser: the sound is heard anew.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Only how many decide the same, and what differs.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Run recorded turns again in virtual time, and show what is decided otherwise, and how much later.

    Exit code: 0 all decide the same, 1 one does not, 2 bad use.
    """
    changed = again.changes_of(set_ or []) | ({"brain.stt": stt} if stt else {})
    folders = again.turns_in(_place(turn, config))
    done = asyncio.run(_all(folders, changed))
    if json:
        for one in done:
            print(jsonlib.dumps(_row(one), ensure_ascii=False, default=str))
    else:
        _tell(done, Console(highlight=False), briefly=compare)
    raise typer.Exit(int(not all(one.equal for one in done)))


async def _all(folders: Sequence[Path], changed: again.Settable) -> list[again.Replayed]:
    return [one async for one in again.replay(folders, changed)]


def _place(turn: str, config: Path | None) -> Path:
    """Raises `BadInput`."""
    if Path(turn).exists():
        return Path(turn)
    data = data_folder(chosen(config))
    found = sorted((data / FOLDER).glob(f"{turn}*")) if data and turn.isalnum() else []
    if len(found) != 1:
        what = "several recorded turns begin" if found else "no recorded turn begins"
        raise BadInput(f"{what} with {turn}; `record = true` in [system] records them")
    return found[0]


def _tell(done: Sequence[again.Replayed], console: Console, *, briefly: bool) -> None:
    for one in done:
        if briefly and one.equal:
            continue
        how = "heard anew" if one.anew else "as it was heard"
        same = "decides the same" if one.equal else "decides otherwise"
        console.print(
            f"{one.turn.record.id} {one.before['transcript']!r}: {same} ({how})", markup=False, soft_wrap=True
        )
        for name, (before, now) in one.differences.items():
            console.print(f"  {name}: {_short(before)} -> {_short(now)}", markup=False, soft_wrap=True)
        if not briefly:
            console.print(_times(one))
    equal = sum(one.equal for one in done)
    console.print(f"{equal} of {len(done)} decide the same.")


def _times(one: again.Replayed) -> Table:
    table = Table("stage", "over then, ms", "now, ms (computed)", box=None, header_style="dim")
    for stage, times in one.times().items():
        table.add_row(f"  {stage}", *("" if time is None else f"{time:,.1f}" for time in times))
    return table


def _short(value: Any) -> str:
    text = jsonlib.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 160 else f"{text[:157]}..."


def _row(one: again.Replayed) -> dict[str, Any]:
    return {
        "turn": one.turn.record.id,
        "equal": one.equal,
        "heard_anew": one.anew,
        "before": one.before,
        "now": one.now,
        "differences": {name: list(both) for name, both in one.differences.items()},
        "times_ms": {stage: list(both) for stage, both in one.times().items()},
        "versions": one.turn.versions,
    }
