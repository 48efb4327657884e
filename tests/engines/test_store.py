"""What must not be lost: turns and notes, across restarts, kills, old schemas and broken files."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from repartee.core.errors import BadInput, NotKept
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.core.plan import Effect
from repartee.core.spans import Span
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.store import sqlite
from repartee.engines.store.database import MIGRATIONS
from repartee.engines.store.sqlite import CAPACITY, SqliteStore
from tests.disk import fill, free, small_disk

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
    assert "store-writer" not in [thread.name for thread in threading.enumerate() if thread is store.duty.thread]


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


def damaged(folder: Path) -> list[Path]:
    return [path for path in folder.glob("house.db.damaged-*") if not path.name.endswith(("-wal", "-shm"))]


def put_aside(folder: Path) -> bytes:
    (aside,) = damaged(folder)
    return aside.read_bytes()


def test_a_folder_that_can_not_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "house.db").mkdir()
    with pytest.raises(BadInput, match="choose another folder"):
        SqliteStore(tmp_path / "house.db")


WRITER = """
import asyncio, sys, itertools
from pathlib import Path
from typing import cast
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


async def test_whoever_waits_for_a_note_may_vanish(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        for number in range(200):
            writing = asyncio.create_task(store.write("timer", f"timer.{number}", {"due": number}))
            await asyncio.sleep(0 if number % 3 else 0.0005)
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
        await store.write("timer", "timer.last", {"due": 0})
        assert len(await store.read("timer")) == 201
        assert store.duty.restarts == 0


@pytest.mark.parametrize("words", ["\ud800 lamp", "a\x00b", "\udfff"])
async def test_what_no_file_can_hold_is_mended_or_refused_alone(tmp_path: Path, words: str) -> None:
    async with opened(tmp_path / "house.db") as store:
        store.record(turn(1, words))
        with suppress(NotKept):
            await store.write("timer", words, {"name": words})
        store.record(turn(2))
        await store.flush()
        assert [t.id for t in await store.recent(5)] == [turn(2).id, turn(1).id]
        assert (store.duty.restarts, store.dropped) == (0, 0)


async def test_an_error_that_is_not_the_databases_ends_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db") as store:
        store.record(replace(turn(1), at=cast(float, object())))
        with pytest.raises(NotKept):
            await store.write("timer", cast(str, object()), {})
        store.record(turn(2))
        await store.flush()
        assert [t.id for t in await store.recent(5)] == [turn(2).id]
        assert (store.dropped, store.duty.failures) == (1, 2)


async def test_a_writer_that_is_killed_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path / "house.db") as store:
        real, kills = store._next, iter(range(3))

        def broken() -> object:
            if next(kills, None) is not None:
                raise MemoryError("somebody took it")
            return real()

        monkeypatch.setattr(store, "_next", broken)
        await store.write("timer", "timer.b", None)  # the one that waited already
        await store.write("timer", "timer.a", {"due": 1})
        assert store.duty.restarts == 3
        assert store.duty.health.recent
        assert await store.read("timer") == {"timer.a": {"due": 1}}


async def test_a_full_disk_is_told_and_what_waits_is_kept_when_there_is_room(tmp_path: Path) -> None:
    async with small_disk(tmp_path / "disk") as disk, opened(disk / "house.db") as store:
        await store.write("timer", "timer.a", {"due": 1})
        filler = fill(disk)
        store.record(turn(1, "x" * 100_000))
        with pytest.raises(NotKept, match="full") as refused:
            await asyncio.gather(*(store.write("timer", f"timer.{n}", {"name": "n" * 20_000}) for n in range(100)))
        assert "/" not in str(refused.value)
        assert store.trouble
        assert (store.waiting, store.dropped) == (1, 0)
        free(filler)
        await store.flush()
        assert store.trouble is None
        assert (await store.recent(1))[0].id == turn(1).id
        assert "timer.a" in await store.read("timer")


async def test_a_full_disk_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with small_disk(tmp_path / "disk") as disk:
        store = SqliteStore(disk / "house.db")
        fill(disk)
        for number in range(10):
            store.record(turn(number, "x" * 100_000))
        async with asyncio.timeout(10):
            await store.close()
        assert store.dropped > 0


def written(path: Path, turns: int = 300) -> None:
    """A store with turns and notes, all of it in the one file."""

    async def write() -> None:
        async with opened(path) as store:
            for number in range(turns):
                store.record(turn(number, f"turn on the lamp number {number} " + "and on " * 30))
            for number in range(30):
                await store.write("timer", f"timer.{number}", {"due": number})
            await store.flush()

    asyncio.run(write())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("seed", range(8))
def test_bad_pages_take_only_what_was_on_them(tmp_path: Path, seed: int) -> None:
    path, chance = tmp_path / "house.db", random.Random(seed)
    written(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        page = chance.randrange(8, size // 4096)  # not the schema
        file.seek(page * 4096)
        file.write(chance.randbytes(4096))

    async def look() -> tuple[int, int]:
        async with opened(path) as store:
            await store.write("timer", "timer.new", {"due": 0})
            store.record(turn(10_000))
            await store.flush()
            return len(await store.recent(1000)), len(await store.read("timer"))

    turns, notes = asyncio.run(look())
    assert len(damaged(tmp_path)) == 1
    assert turns >= 250
    assert notes >= 1 + (30 if turns < 301 else 0)


def spoil(path: Path) -> None:
    """Nearly all pages."""
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(bytes(range(256)) * ((path.stat().st_size - 20 * 4096) // 256))


async def test_a_file_that_is_damaged_while_we_run_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    async with opened(path) as store:
        for number in range(400):
            store.record(turn(number, "turn on the lamp " * 20))
        await store.flush()
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        spoil(path)
        async with asyncio.timeout(10):
            while not damaged(tmp_path):
                await store.search("lamp")
                await store.recent(1000)
                store.record(turn(5000))
                await asyncio.sleep(0.05)
        await store.write("timer", "timer.a", {"due": 1})
        assert await store.read("timer") == {"timer.a": {"due": 1}}
        assert store.unreadable
        assert store.duty.restarts == 0


async def test_records_of_other_versions_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    async with opened(path) as store:
        store.record(turn(1))
        store.record(turn(2))
        store.record(turn(3))
        await store.write("timer", "timer.a", {"due": 1})
    with sqlite3.connect(path) as other:
        other.execute(
            """UPDATE turns SET record = json_set(record, '$.mood', 'good', '$.reading.tone', 1) WHERE number = 1"""
        )
        other.execute("""UPDATE turns SET record = json_remove(record, '$.transcript') WHERE number = 2""")
        other.execute("""INSERT INTO notes VALUES ('timer', 'timer.b', '{"due":')""")
        other.execute("""INSERT INTO notes VALUES ('timer', 'timer.c', '7')""")
    async with opened(path) as store:
        assert [t.id for t in await store.recent(5)] == [turn(3).id, turn(1).id]
        assert await store.read("timer") == {"timer.a": {"due": 1}}
        assert store.unreadable == 3
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT key FROM notes WHERE kind = 'damaged timer' ORDER BY key").fetchall() == [
            ("timer.b",),
            ("timer.c",),
        ]


async def test_two_assistants_do_not_share_a_folder(tmp_path: Path) -> None:
    async with opened(tmp_path / "house.db"):
        with pytest.raises(BadInput, match="another Repartee is at work"):
            SqliteStore(tmp_path / "house.db")
    async with opened(tmp_path / "house.db"):
        pass  # the first has gone


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
async def test_nobody_else_reads_what_is_kept(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        async with opened(tmp_path / "data" / "house.db") as store:
            store.record(turn())
            await store.flush()
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    finally:
        os.umask(before)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}
    assert {"house.db", "house.db-wal", "house.db-shm"} <= modes.keys()


async def test_what_others_could_read_is_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / "house.db").touch(0o644)
    async with opened(folder / "house.db"):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "house.db").stat().st_mode & 0o777 == 0o600


def test_a_file_in_the_folders_place_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(BadInput, match=r"can't hold what is kept: .*choose another folder") as told:
        SqliteStore(tmp_path / "data" / "house.db")
    assert "\n" not in str(told.value)
