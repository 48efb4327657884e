"""A comparison: each contestant in turn in a process of its own, then side by side.

{"schema": 1, "kind": "compare", "task", "at", "machine", "command", "pace", "items", "others_cpu_percent",
 "contestants": [{"name", "title", "error", "right_percent", "wer_percent", "false_percent", "deeds_percent", "n",
 "note", "first", "done", "stages", "cpu_ms_an_item", "rss_mb", "local", "open_s", "first_answer_s", "start_cpu_s",
 "made": [...]}],
 "not_comparable": [text]}
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from repartee.core.errors import ReparteeError
from repartee.proof.bench import Crowd, machine

from .data import Wanted as Data
from .local import NAMES
from .work import Task

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
LONGEST = 3600.0
"""Seconds for one contestant."""


@dataclass(frozen=True, slots=True)
class Wanted:
    task: Task
    names: Sequence[str]
    data: Data = field(default_factory=Data)
    config: Path | None = None
    home: Path | None = None
    realtime: bool = False
    """Speech at the pace of life, and times from its last voiced sample."""
    tell: Callable[[str], None] = lambda _: None


async def run(wanted: Wanted) -> dict[str, Any]:
    """As documented above. Raises `ReparteeError` where no contestant could be measured."""
    crowd, rows = Crowd(), []
    for name in wanted.names:
        wanted.tell(f"{wanted.task}: {name}")
        rows.append(side(name, await _measured(wanted, name)))
    if all(row["error"] for row in rows):
        raise ReparteeError("; ".join(f"{row['name']}: {row['error']}" for row in rows))
    return {
        "schema": 1,
        "kind": "compare",
        "task": wanted.task.value,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "pace": "realtime" if wanted.realtime or wanted.task is Task.TURN else "fast",
        "others_cpu_percent": round(crowd.percent(), 1),
        "items": max(row.get("n") or 0 for row in rows),
        "contestants": rows,
        "not_comparable": not_comparable(wanted.task, rows),
    }


def side(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """One contestant's row."""
    row = {"name": name, "title": _title(name), "error": told.get("error", "")}
    if row["error"]:
        return row
    made, found = told["made"], told["score"]
    failed = [one["error"] for one in made if one["error"]]
    return {
        **row,
        "right_percent": found["right"],
        "wer_percent": found["wer"],
        "false_percent": found["false"],
        "deeds_percent": found["deeds"],
        "n": found["n"],
        "note": "; ".join(filter(None, (found["note"], f"{len(failed)} failed: {failed[0]}" if failed else ""))),
        "first": spread([one["first_ms"] for one in made]),
        "done": spread([one["done_ms"] for one in made]),
        "stages": _stages(made),
        **{key: told[key] for key in ("cpu_ms_an_item", "rss_mb", "local", "open_s", "first_answer_s", "start_cpu_s")},
        "made": made,
    }


def _title(name: str) -> str:
    """A folder by its last part alone."""
    kind, _, rest = name.partition(":")
    return NAMES.get(kind) or (f"{kind} {Path(rest).name}" if rest.startswith("/") else name)


def spread(values: Sequence[float | None]) -> dict[str, float | int] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {**{name: round(float(np.quantile(known, q)), 3) for name, q in SHARES.items()}, "n": len(known)}


def not_comparable(task: Task, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader must know before drawing a conclusion."""
    kinds = {row["name"].partition(":")[0] for row in rows if not row["error"]}
    found = []
    if len({bool(row.get("local")) for row in rows if not row["error"]}) > 1:
        found.append("some run elsewhere: their times hold the network, their CPU and memory are not known")
    if kinds & {"wyoming", "openai", "homeassistant", "socket"} and kinds - {
        "wyoming",
        "openai",
        "homeassistant",
        "socket",
    }:
        found.append("services carry a protocol (and a connection for each item), libraries are called directly")
    if task is Task.HEAR and "ours" in kinds and len(kinds) > 1:
        found.append("ours knows the names of this home and what can be said there; the others hear anything")
        found.append("here ours looks once and may not ask; in a turn it looks again while the silence lasts")
    if "pocketsphinx" in kinds and task is Task.HEAR:
        found.append("PocketSphinx may hear nothing but the sentences of this very test")
    if task is Task.UNDERSTAND and kinds & {"homeassistant"}:
        found.append("Home Assistant tells no intent: that it understood is counted, not whether it was right")
    if task is Task.TURN and "homeassistant" in kinds:
        found.append("its reply can be fetched at the counted moment, ours is audible then")
    return found


def _stages(made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = {name for one in made for name in one["stages"]}
    return {name: spread([one["stages"].get(name) for one in made]) for name in sorted(names)}


async def _measured(wanted: Wanted, name: str) -> dict[str, Any]:
    asked = {
        "task": wanted.task.value, "name": name, "data": asdict(wanted.data), "realtime": wanted.realtime,
        "config": wanted.config and str(wanted.config), "home": wanted.home and str(wanted.home),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "repartee.proof.compare.child",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LONGEST):
            out, err = await process.communicate(json.dumps(asked).encode())
    except TimeoutError:
        process.kill()
        return {"error": f"not done within {LONGEST:g} s"}
    lines = out.decode().strip().splitlines()
    if not lines:
        return {"error": (err.decode(errors="replace").strip().splitlines() or ["no word why"])[-1]}
    told: dict[str, Any] = json.loads(lines[-1])
    return told
