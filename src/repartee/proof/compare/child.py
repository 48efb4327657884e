"""One contestant in a process of its own, so that its memory, CPU and start are its own: `python -m` this.

Reads one JSON object from standard input ({"task", "name", "data", "config", "home", "realtime"}) and writes one to
standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil

from repartee.assembly.settings import Settings, read_settings
from repartee.core.errors import ReparteeError
from repartee.core.intent import Context
from repartee.grammar import compile_home
from repartee.stages.understand.planning import decide

from .data import Wanted, items_of
from .slots import same_slots
from .targets import contestant, home_of, port_of
from .work import Item, Made, Task, score


async def measure(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Raises `ReparteeError`, `OSError` where it can't be opened."""
    settings, task = settings_of(asked), Task(asked["task"])
    items = items_of(task, Wanted(**asked["data"]))
    one = contestant(task, asked["name"], settings, items, asked["realtime"])
    service = process_at(port_of(asked["name"]))
    began, cpu = time.perf_counter(), time.process_time()
    await one.open()
    try:
        opened = time.perf_counter() - began
        first = await one.do(items[0])
        ready, start_cpu = time.perf_counter() - began, time.process_time() - cpu
        used, theirs = time.process_time(), _cpu(service)
        made = [await one.do(item) for item in items]
        mine = time.process_time() - used
    finally:
        await one.close()
    spent = mine if theirs is None else (_cpu(service) or 0.0) - theirs
    row = {
        "open_s": opened, "first_answer_s": ready, "start_cpu_s": start_cpu if service is None else None,
        "cpu_ms_an_item": 1000 * spent / len(items) if service or port_of(asked["name"]) is None else None,
        "rss_mb": _rss(service), "local": service is not None or port_of(asked["name"]) is None,
    }  # fmt: skip
    del first
    found = replace(score(task, items, made), deeds=deeds(settings, items, made) if task is Task.HEAR else None)
    return {**row, "score": asdict(found), "made": [_row(i, m) for i, m in zip(items, made, strict=True)]}


def deeds(settings: Settings, items: Sequence[Item], made: Sequence[Made]) -> float | None:
    """What our understanding of this home makes of the words, whoever heard them: percent right; None: nobody said
    what would be."""
    told = [(item, one) for item, one in zip(items, made, strict=True) if item.plans]
    home = home_of(settings)
    understanding, right = compile_home(home, "en"), 0
    for item, one in told:
        area = home.area_named(item.area) if item.area else None
        reading = decide(understanding.parse(one.text, Context(area.id if area else None)))
        intents = [part.intent for part in reading.parts] if reading else []
        right += len(intents) == 1 and any(
            plan["intent"] == intents[0].name and same_slots(plan["slots"], intents[0].slots, item.area)
            for plan in item.plans
        )
    return 100 * right / len(told) if told else None


def settings_of(asked: Mapping[str, Any]) -> Settings:
    config = Path(asked["config"]) if asked.get("config") else None
    home = {"file": Path(asked["home"])} if asked.get("home") else {}
    return read_settings(config, {"home": home, "system": {"data": Path("-")}})


def process_at(port: int | None) -> psutil.Process | None:
    """The process that listens there, where we may know."""
    if port is None:
        return None
    with suppress(psutil.Error):
        for line in psutil.net_connections("tcp"):
            if line.status == psutil.CONN_LISTEN and line.laddr.port == port and line.pid:
                return psutil.Process(line.pid)
    return None


def _cpu(process: psutil.Process | None) -> float | None:
    """Seconds, with its children."""
    if process is None:
        return None
    with suppress(psutil.Error):
        all_of_it = [process, *process.children(recursive=True)]
        return float(sum(sum(one.cpu_times()[:2]) for one in all_of_it))
    return None


def _rss(process: psutil.Process | None) -> float:
    one = process or psutil.Process(os.getpid())
    return float(one.memory_info().rss) / 1e6


def _row(item: Item, made: Made) -> dict[str, Any]:
    told = {"name": item.name, "text": made.text, "intent": made.intent, "error": made.error, "seconds": made.seconds}
    times = {"first_ms": made.first_ms, "done_ms": made.done_ms, "stages": dict(made.stages)}
    return told | times | {"understood": made.understood}


def main() -> None:
    asked = json.load(sys.stdin)
    try:
        told = asyncio.run(measure(asked))
    except (ReparteeError, OSError) as error:
        told = {"error": str(error)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
