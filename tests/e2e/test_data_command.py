"""What is kept is shown, given out and deleted, by the real command on what the real assistant kept."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from repartee.core.memory import Fact
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.memory.sqlite.tables import Tables
from repartee.engines.store.sqlite import SqliteStore
from tests.e2e.cli import Result, repartee

pytestmark = pytest.mark.real_time
DAY = 86_400.0
OLD = datetime(2026, 1, 10, 12).timestamp()


def data(folder: Path, *arguments: str, stdin: bytes = b"") -> Result:
    return repartee("data", *arguments, folder=folder, env={"REPARTEE_SYSTEM__DATA": str(folder / "data")}, stdin=stdin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two turns of now and one of January, a timer, an alarm, a list, two facts and a sound."""

    async def fill() -> None:
        store = SqliteStore(tmp_path / "data" / "repartee.sqlite", retention_days=10_000)
        now = TurnRecord("aa", time.time(), "turn on the pangolin lamp", Decision.ACTED, reply="Turned on")
        for turn in (now, replace(now, id="bb", transcript="what about zebras"), replace(now, id="cc", at=OLD)):
            store.record(turn)
        due = time.time() + 600
        for kind in ("timer", "alarm"):
            value = {"state": "active", "attributes": {"due": due, "name": "quagga", "person": "anna"}}
            await store.write(kind, f"{kind}.1", value)
        await store.write("list", "list.x", {"state": "1", "attributes": {"items": [{"summary": "okapi"}]}})
        await store.flush()
        await store.close()

    asyncio.run(fill())
    tables = Tables(tmp_path / "data" / "memory.sqlite")
    tables.add(Fact("the keys are with the aardvark", person="anna"))
    tables.add(Fact("bins go out on monday", person="ben"))
    tables.commit()
    tables.close()
    (tmp_path / "data" / "speech").mkdir()
    (tmp_path / "data" / "speech" / "one.pcm").write_bytes(b"sound")
    return tmp_path


def kept(folder: Path, *arguments: str) -> dict[str, int]:
    ran = data(folder, "show", "--json", *arguments)
    assert ran.code == 0, ran.err
    counts: dict[str, int] = ran.rows[0]["kept"]
    return counts


def traces(folder: Path, word: str) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes()]


def test_all_of_it_is_counted(folder: Path) -> None:
    assert kept(folder) == {"turns": 3, "household": 3, "memory": 2, "sound": 1}
    assert kept(folder, "--what", "turns") == {"turns": 3}
    assert kept(folder, "--until", "2026-02-01") == {"turns": 1, "household": 0, "memory": 0, "sound": 0}
    assert kept(folder, "--person", "anna") == {"turns": 0, "household": 2, "memory": 1, "sound": 0}
    told = data(folder, "show").out
    assert "kept for 30 days" in told
    assert "3 turns" in told


def test_it_is_given_out_line_by_line(folder: Path) -> None:
    rows = data(folder, "export").rows
    assert [row["what"] for row in rows] == ["turn"] * 3 + ["household"] * 3 + ["memory"] * 2 + ["sound"]
    assert rows[0]["transcript"] == "turn on the pangolin lamp"
    ran = data(folder, "export", "--what", "turns", "--since", "2026-02-01", "-o", str(folder / "mine.jsonl"))
    assert ran.code == 0, ran.err
    assert len((folder / "mine.jsonl").read_text().splitlines()) == 2
    assert (folder / "mine.jsonl").stat().st_mode & 0o777 == 0o600


def test_what_is_deleted_leaves_no_trace(folder: Path) -> None:
    assert traces(folder, "pangolin")
    assert traces(folder, "okapi")
    assert data(folder, "delete", "--yes").code == 0
    assert kept(folder) == {"turns": 0, "household": 0, "memory": 0, "sound": 0}
    for word in ("pangolin", "zebras", "quagga", "okapi", "aardvark", "monday"):
        assert traces(folder, word) == []
    assert (
        repartee("ask", "what time is it", folder=folder, env={"REPARTEE_SYSTEM__DATA": str(folder / "data")}).code == 0
    )


def test_only_a_period_or_a_person_is_deleted(folder: Path) -> None:
    assert data(folder, "delete", "--yes", "--until", "2026-02-01").code == 0
    assert kept(folder) == {"turns": 2, "household": 3, "memory": 2, "sound": 1}
    assert data(folder, "delete", "--yes", "--person", "anna").code == 0
    assert kept(folder) == {"turns": 2, "household": 1, "memory": 1, "sound": 1}
    assert traces(folder, "quagga") == []
    assert traces(folder, "pangolin")


def test_it_asks_first(folder: Path) -> None:
    ran = data(folder, "delete", stdin=b"n\n")
    assert ran.code == 1
    assert "3 turns" in ran.out
    assert kept(folder)["turns"] == 3
    assert data(folder, "delete", stdin=b"y\n").code == 0
    assert kept(folder)["turns"] == 0


def test_while_an_assistant_is_at_work_it_is_shown_but_not_deleted(folder: Path) -> None:
    async def beside() -> None:
        store = SqliteStore(folder / "data" / "repartee.sqlite", retention_days=10_000)
        try:
            assert await asyncio.to_thread(kept, folder, "--what", "turns") == {"turns": 3}
            ran = await asyncio.to_thread(data, folder, "delete", "--yes")
            assert ran.code == 2
            assert "another Repartee is at work" in ran.err
        finally:
            await store.close()

    asyncio.run(beside())
    assert kept(folder)["turns"] == 3


def test_damaged_files_go_with_everything_and_are_named_otherwise(folder: Path) -> None:
    (folder / "data" / "repartee.sqlite.damaged-20260101-000000").write_text("pangolin")
    assert "damaged" in data(folder, "show").out
    assert "1 damaged files are left" in data(folder, "delete", "--yes", "--what", "turns").out
    assert data(folder, "delete", "--yes").code == 0
    assert traces(folder, "pangolin") == []


@pytest.mark.parametrize(
    "arguments",
    [("show", "--what", "secrets"), ("show", "--since", "yesterday"), ("export", "-o", "/no/such/folder/x")],
)
def test_bad_use_is_one_clear_line(folder: Path, arguments: tuple[str, ...]) -> None:
    ran = data(folder, *arguments)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_where_nothing_is_kept_there_is_nothing(tmp_path: Path) -> None:
    assert kept(tmp_path) == {"turns": 0, "household": 0, "memory": 0, "sound": 0}
    assert data(tmp_path, "delete", "--yes").code == 0
    assert not (tmp_path / "data").exists()


def test_damaged_files_are_forgotten_with_the_turns(tmp_path: Path) -> None:
    aside = tmp_path / "repartee.sqlite.damaged-20260101-000000"
    aside.write_text("words")
    os.utime(aside, (OLD, OLD))

    async def one_turn() -> None:
        store = SqliteStore(tmp_path / "repartee.sqlite", retention_days=1)
        store.record(TurnRecord("aa", time.time(), "x", Decision.ACTED))
        await store.close()

    asyncio.run(one_turn())
    assert not aside.exists()
    assert sqlite3.connect(tmp_path / "repartee.sqlite").execute("SELECT count(*) FROM turns").fetchone() == (1,)
