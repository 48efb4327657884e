"""Kills a working household with SIGKILL at random moments and looks whether anything it had confirmed is lost.

A process keeps timers, list items and turns as fast as it can and says after each that it is kept; it is killed,
started again on what is left, and killed again. `REPARTEE_KILLS` says how often (200).
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.record import real, save
from repartee.core.plan import Action
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.home.household import Household
from repartee.engines.store.sqlite import SqliteStore

ALIVE = 0.25
"""Seconds at most that the process works before it is killed."""
LIST = "list.shopping_list"
MAX_ITEMS = 300
"""On the list at once; further ones replace the oldest."""


@dataclass
class Kept:
    """What the process said it had kept."""

    timers: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    turns: set[str] = field(default_factory=set)

    def hear(self, line: str) -> None:
        kind, _, name = line.strip().partition(" ")
        match kind:
            case "timer":
                self.timers.add(name)
            case "cancelling":
                self.timers.discard(name)  # from here on it may be gone
            case "item":
                self.items.add(name)
            case "removing":
                self.items.discard(name)
            case "turn":
                self.turns.add(name)


@dataclass
class Found:
    """What came of it."""

    kills: int = 0
    kept: int = 0
    lost: list[str] = field(default_factory=list)
    open_ms: list[float] = field(default_factory=list)


async def work(path: Path) -> None:
    """The process that gets killed: says a thing is kept when whoever asked for it would have been told so."""
    store = SqliteStore(path)
    async with Household(store) as household:
        print("ready", flush=True)
        run = random.randrange(16**6)
        for number in count():
            (started,) = await household.perform(Action("timer.start", (), {"hours": 1, "name": f"t{number}"}))
            print(f"timer {started.entity}", flush=True)
            timers = [entity.id for entity in household.home.entities if entity.domain == "timer"]
            if len(timers) > 50:
                print(f"cancelling {timers[0]}", flush=True)
                await household.perform(Action("timer.cancel", (timers[0],)))
            await _item(household, f"{run:06x}-{number}")
            turn = TurnRecord(f"{run:06x}{number:06x}", time.time(), "turn on the lamp", Decision.ACTED)
            store.record(turn)
            await store.flush()
            print(f"turn {turn.id}", flush=True)


async def _item(household: Household, name: str) -> None:
    items = household.states[LIST].attributes["items"]
    if len(items) >= MAX_ITEMS:
        oldest = items[0]["summary"]
        print(f"removing {oldest}", flush=True)
        await household.perform(Action("list.remove_item", (LIST,), {"item": [oldest]}))
    await household.perform(Action("list.add_item", (LIST,), {"item": name}))
    print(f"item {name}", flush=True)


async def kill_often(path: Path, kills: int, chance: random.Random) -> Found:
    found, kept = Found(), Kept()
    for _ in range(kills):
        await _one_life(path, kept, chance.uniform(0, ALIVE))
        found.kills += 1
        await _look(path, kept, found)
    found.kept = len(kept.timers) + len(kept.items) + len(kept.turns)
    return found


async def _one_life(path: Path, kept: Kept, seconds: float) -> None:
    program = (sys.executable, "-m", "bench.kills", "--work", str(path))
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    await asyncio.sleep(seconds)
    process.kill()
    for line in (await process.stdout.read()).decode().splitlines(keepends=True):
        if line.endswith("\n"):  # a line cut in half was not said
            kept.hear(line)
    await process.wait()


async def _look(path: Path, kept: Kept, found: Found) -> None:
    began = time.perf_counter()
    store = SqliteStore(path)
    timers = set(await store.read("timer"))
    found.open_ms.append((time.perf_counter() - began) * 1000)
    lists = await store.read("list")
    attributes = lists.get(LIST, {}).get("attributes", {})
    assert isinstance(attributes, dict)
    items = {item["summary"] for item in attributes.get("items", ())}
    turns = {turn.id for turn in await store.recent(1_000_000)}
    await store.close()
    lost = (kept.timers - timers) | (kept.items - items) | (kept.turns - turns)
    found.lost.extend(sorted(lost))


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        asyncio.run(work(Path(sys.argv[2])))
        return
    with tempfile.TemporaryDirectory() as folder:
        kills = int(os.environ.get("REPARTEE_KILLS", "200"))
        found = asyncio.run(kill_often(Path(folder) / "house.sqlite", kills, random.Random(7)))
    figures = {
        "kills": found.kills,
        "confirmed_and_there": found.kept,
        "lost": len(found.lost),
        "open_ms_max": round(max(found.open_ms), 1),
        "must_be_lost": 0,
    }
    save("kills", figures, real())
    print(figures)


if __name__ == "__main__":
    main()
