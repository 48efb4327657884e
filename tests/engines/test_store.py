"""What must not be lost: turns and notes, across restarts, kills, old schemas and broken files."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from repartee.core.errors import BadInput
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.core.plan import Effect
from repartee.core.spans import Span
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.store import sqlite
from repartee.engines.store.sqlite import CAPACITY, MIGRATIONS, SqliteStore

pytestmark = pytest.mark.real_time


def turn(number: int = 1, transcript: str = "turn on the lamp", reply: str = "Turned on the light") -> TurnRecord:
    intent = Intent("HassTurnOn", {"name": "Lamp", "domain": ("light", "fan")}, 0.9, ("light.lamp",))
    return TurnRecord(
        id=f"{number:012x}",
        at=time.time(),
        transcript=transcript,
        decision=Decision.ACTED,
        reading=Reading(
            (Part(intent, after=(1,)),), doubt=Doubt("which_one", {}, (Choice("a", (Part(intent),)),), at=0)
        ),
        effects=(Effect("light.lamp", "light.turn_on", {"brightness_pct": 50}, confirmed=True),),
        reply=reply,
        spans=(Span("hear", 0.5, 0.6, 0.7),),
        engines={"stt": "moonshine"},
    )


@asynccontextmanager
async def opened(path: Path, retention_days: float = 365.0, max_turns: int = 1_000_000) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(path, retention_days, max_turns)
    try:
        yield store
    finally:
        await store.close()


async def test_a_turn_comes_back_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        store.record(turn(1))
        store.record(turn(2, "what time is it"))
        await store.flush()
        assert [t.transcript for t in await store.recent(10)] == ["what time is it", "turn on the lamp"]
    async with opened(tmp_path / "house.db") as store:
        assert (await store.recent(10))[1].reading == turn(1).reading
        kept = await store.turn(f"{1:012x}")
        assert kept is not None
        assert (kept.effects, kept.spans, kept.decision) == (turn(1).effects, turn(1).spans, Decision.ACTED)
        assert await store.turn("never") is None


async def test_closing_writes_what_is_still_waiting(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        for number in range(500):
            store.record(turn(number))
    async with opened(tmp_path / "house.db") as store:
        assert len(await store.recent(1000)) == 500
        assert store.dropped == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("lamp", [1]),
        ("the LAMP", [1]),
        ("cafe", [3]),
        ("kitch", [2]),
        ("turned light", [1]),
        ("lamp kitchen", []),
        ("", []),
        ('"; DROP TABLE turns --', []),
        ("NOT * OR (", []),
    ],
)
async def test_history_is_searched_by_words(tmp_path: Path, words: str, found: list[int]) -> None:
    async with opened(tmp_path / "house.db") as store:
        store.record(turn(1))
        store.record(turn(2, "is the kitchen window open", "No"))
        store.record(turn(3, "add café to the list", "Added café"))
        await store.flush()
        assert [int(t.id, 16) for t in await store.search(words)] == found


async def test_notes_are_written_replaced_and_forgotten(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        await store.write("timer", "timer.a", {"due": 1.5, "name": "eggs"})
        await store.write("timer", "timer.b", {"due": 2})
        await store.write("timer", "timer.a", {"due": 3})
        await store.write("timer", "timer.b", None)
    async with opened(tmp_path / "house.db") as store:
        assert await store.read("timer") == {"timer.a": {"due": 3}}
        assert await store.read("alarm") == {}


async def test_old_and_too_many_turns_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PRUNE_EVERY", 10)
    async with opened(tmp_path / "house.db", retention_days=1, max_turns=20) as store:
        old = TurnRecord("old", time.time() - 2 * 86_400, "long ago", Decision.REJECTED)
        store.record(old)
        for number in range(60):
            store.record(turn(number))
            await store.flush()
        kept = await store.recent(100)
        assert 20 <= len(kept) <= 30
        assert not await store.search("ago")


async def test_a_stuck_disk_never_holds_up_a_turn(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        other = sqlite3.connect(tmp_path / "house.db")
        other.execute("BEGIN IMMEDIATE")  # somebody holds the file
        for number in range(CAPACITY + 300):
            store.record(turn(number))
        assert store.dropped > 0
        other.rollback()
        other.close()
        await store.flush()
        assert (await store.recent(1))[0].id == turn(CAPACITY + 299).id


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        pass
    with pytest.raises(BadInput, match="closed"):
        await store.write("timer", "a", {})
    assert "store-writer" not in [thread.name for thread in threading.enumerate() if thread is store._writer]


async def test_an_older_file_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    with sqlite3.connect(path) as old:
        old.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
    async with opened(path) as store:
        await store.write("list", "a", {"x": 1})
        assert await store.read("list") == {"a": {"x": 1}}


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "house.db") as newer:
        newer.execute("PRAGMA user_version = 999")
    with pytest.raises(BadInput, match="newer version"):
        SqliteStore(tmp_path / "house.db")


async def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "house.db").write_bytes(b"this was a database once " * 100)
    async with opened(tmp_path / "house.db") as store:
        store.record(turn())
        await store.flush()
        assert len(await store.recent(5)) == 1
    assert put_aside(tmp_path).startswith(b"this was")


def put_aside(folder: Path) -> bytes:
    (aside,) = folder.glob("house.broken-*")
    return aside.read_bytes()


def test_a_folder_that_can_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "house.db").mkdir()
    with pytest.raises(BadInput, match="choose another folder"):
        SqliteStore(tmp_path / "house.db")


WRITER = """
import asyncio, sys, itertools
from pathlib import Path
from repartee.engines.store.sqlite import SqliteStore
async def main():
    store = SqliteStore(Path(sys.argv[1]))
    for number in itertools.count():
        await store.write("timer", f"timer.{number}", {"due": number})
        print(number, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 7, 40, 150])
async def test_a_kill_loses_no_note_that_was_confirmed(tmp_path: Path, after: int) -> None:
    """The real thing: a process that writes is killed in the middle of it."""
    program = (sys.executable, "-c", WRITER, str(tmp_path / "house.db"))
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    confirmed = [int(await process.stdout.readline()) for _ in range(after)]
    process.kill()
    confirmed += [int(line) for line in (await process.stdout.read()).split()]
    await process.wait()
    async with opened(tmp_path / "house.db") as store:
        kept = await store.read("timer")
        assert {f"timer.{number}" for number in confirmed} <= kept.keys()
        assert len(kept) <= len(confirmed) + 1


async def test_reading_goes_on_while_it_writes(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:

        async def read() -> int:
            return len(await store.recent(1000))

        for number in range(200):
            store.record(turn(number))
        counts = [await read() for _ in range(20)]
        await store.flush()
        assert counts == sorted(counts)
        assert await asyncio.wait_for(read(), 5) == 200
