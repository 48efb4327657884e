"""What the store costs with 100,000 turns in it: handing a turn over, an insert until it is on disk, simple queries.

Turns are synthetic (made of the words of the demo home's commands), the store and the disk are real.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.figures import spread
from bench.record import real, save
from repartee.contract.provenance import Origin
from repartee.core.intent import Intent, Part, Reading
from repartee.core.plan import Effect
from repartee.core.spans import Span
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.store.sqlite import CAPACITY, SqliteStore

TURNS = 100_000
QUERIES = 500
PLACES = ("kitchen", "bedroom", "office", "garage", "hallway", "living room")
THINGS = ("lamp", "ceiling light", "blinds", "heating", "fan", "radio", "coffee maker")
SPANS = tuple(Span(stage, 1.0, 1.1, 1.2) for stage in ("listen", "hear", "understand", "act", "speak"))


def turn(number: int, chance: random.Random) -> TurnRecord:
    thing, place = chance.choice(THINGS), chance.choice(PLACES)
    intent = Intent("HassTurnOn", {"name": thing, "area": place}, 0.97, (f"light.{thing}",))
    return TurnRecord(
        id=f"{number:012x}",
        at=time.time(),
        transcript=f"turn on the {thing} in the {place}",
        decision=Decision.ACTED,
        reading=Reading((Part(intent),), 0.97),
        effects=(Effect(f"light.{thing}", "light.turn_on", {}, confirmed=True),),
        reply="Turned on the light",
        spans=SPANS,
        engines={"stt": "moonshine", "tts": "espeak"},
    )


async def timed(count: int, work: Callable[[], Awaitable[object]]) -> dict[str, float]:
    """Milliseconds of `count` calls, one after the other."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return spread(times, 3)


async def fill(store: SqliteStore, chance: random.Random) -> list[float]:
    """Milliseconds that each hand-over took."""
    times = []
    for number in range(TURNS):
        made = turn(number, chance)
        began = time.perf_counter()
        store.record(made)
        times.append((time.perf_counter() - began) * 1000)
        if number % (CAPACITY // 2) == 0:
            await store.flush()
    await store.flush()
    return times


async def measure(path: Path) -> dict[str, dict[str, float]]:
    chance = random.Random(1)
    store = SqliteStore(path)
    handing_over = await fill(store, chance)
    number = TURNS

    async def insert() -> None:
        nonlocal number
        number += 1
        store.record(turn(number, chance))
        await store.flush()

    figures = {
        "hand_over_ms": spread(handing_over, 3),
        "insert_until_on_disk_ms": await timed(QUERIES, insert),
        "note_until_on_disk_ms": await timed(
            QUERIES, lambda: store.write("timer", f"t{chance.random()}", {"due": 1.0})
        ),
        "recent_20_ms": await timed(QUERIES, lambda: store.recent(20)),
        "turn_by_id_ms": await timed(QUERIES, lambda: store.turn(f"{chance.randrange(TURNS):012x}")),
        "search_20_ms": await timed(QUERIES, lambda: store.search(f"{chance.choice(THINGS)} {chance.choice(PLACES)}")),
    }
    figures["file"] = {"turns": TURNS, "mb": round(path.stat().st_size / 1e6, 1), "dropped": store.dropped}  # noqa: ASYNC240
    await store.close()
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder) / "store.db"))
    save("store", figures, real(origin=Origin.SYNTHETIC))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
