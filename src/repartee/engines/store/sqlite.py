"""What the house remembers, in one SQLite file: turns (searchable by full text) and the notes of the household.

One thread writes, in transactions of whatever has come together; another reads. A turn is handed over in microseconds
and never waits: when the disk can't keep up, the oldest unwritten turns are dropped and counted. A note is on disk when
`write` returns. WAL with synchronous NORMAL survives a kill of the process at any moment; a power cut may cost the last
transactions, never the file (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repartee.core.errors import BadInput
from repartee.core.intent import Intent, Part, Reading
from repartee.core.plan import Effect
from repartee.core.spans import Span
from repartee.core.turn import Decision, TurnRecord
from repartee.core.when import when_from_json
from repartee.core.worker import Worker

log = logging.getLogger(__name__)
CAPACITY = 1000
"""Turns that may wait to be written."""
BATCH = 200
"""Jobs of one transaction."""
PRUNE_EVERY = 1000
"""Turns written between two looks at what is too old."""
MAX_SEARCH = 200
"""Characters of a search."""

MIGRATIONS = (
    """
    CREATE TABLE turns (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at REAL NOT NULL, transcript TEXT NOT NULL,
        reply TEXT NOT NULL, record TEXT NOT NULL
    );
    CREATE INDEX turns_at ON turns (at);
    CREATE VIRTUAL TABLE turns_text USING fts5 (
        transcript, reply, content='turns', content_rowid='number', tokenize="unicode61 remove_diacritics 2"
    );
    CREATE TRIGGER turns_added AFTER INSERT ON turns BEGIN
        INSERT INTO turns_text (rowid, transcript, reply) VALUES (new.number, new.transcript, new.reply);
    END;
    CREATE TRIGGER turns_gone AFTER DELETE ON turns BEGIN
        INSERT INTO turns_text (turns_text, rowid, transcript, reply)
        VALUES ('delete', old.number, old.transcript, old.reply);
    END;
    """,
    """
    CREATE TABLE notes (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    """,
)
"""SQL from each version of the schema to the next; `PRAGMA user_version` counts them. Never change one, add one."""


ADD_TURN = "INSERT OR IGNORE INTO turns (id, at, transcript, reply, record) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class _Job:
    """One statement, and who waits for it."""

    sql: str = "SELECT 1"
    values: tuple[object, ...] = ()
    done: Future[None] | None = None
    turn: TurnRecord | None = None
    """Gives the values; taken apart by the writer, not by whoever hands it over."""

    def run(self, connection: sqlite3.Connection) -> None:
        turn = self.turn
        if turn is None:
            connection.execute(self.sql, self.values)
        else:
            record = json.dumps(asdict(turn), default=str)
            connection.execute(ADD_TURN, (turn.id, turn.at, turn.transcript, turn.reply, record))


class SqliteStore:
    """Satisfies `TurnStore` and `Notebook`."""

    connections = 2
    """One writes, one reads."""

    def __init__(self, path: Path, retention_days: float = 365.0, max_turns: int = 1_000_000) -> None:
        """Opens or makes the file. Raises `BadInput` where that can't be, or where a newer version has written it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.dropped = 0
        """Turns lost because the disk could not keep up."""
        self._retention, self._max_turns = retention_days * 86_400, max_turns
        self._writing = _open(path)
        self._reading = _connect(path)
        self._reader = Worker("store-reader")
        self._jobs: deque[_Job] = deque()
        self._notes: deque[_Job] = deque()
        self._more = threading.Condition()
        self._closing = False
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()

    def record(self, turn: TurnRecord) -> None:
        with self._more:
            if len(self._jobs) >= CAPACITY:
                self._dropped(self._jobs.popleft())
            self._jobs.append(_Job(turn=turn))
            self._more.notify()

    async def recent(self, limit: int) -> Sequence[TurnRecord]:
        return await self._reader.run(self._turns, "SELECT record FROM turns ORDER BY number DESC LIMIT ?", limit)

    async def search(self, text: str, limit: int = 20) -> Sequence[TurnRecord]:
        """Turns in whose words or reply all these words are (the last may be unfinished); newest first."""
        words = "".join(c if c.isalnum() else " " for c in text[:MAX_SEARCH]).split()
        if not words:
            return ()
        sql = (
            "SELECT record FROM turns WHERE number IN (SELECT rowid FROM turns_text WHERE turns_text MATCH ?"
            " ORDER BY rowid DESC LIMIT ?) ORDER BY number DESC"
        )
        return await self._reader.run(self._turns, sql, " ".join(f'"{word}"' for word in words) + "*", limit)

    async def turn(self, id: str) -> TurnRecord | None:
        found = await self._reader.run(self._turns, "SELECT record FROM turns WHERE id = ?", id)
        return found[0] if found else None

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        done: Future[None] = Future()
        if value is None:
            job = _Job("DELETE FROM notes WHERE kind = ? AND key = ?", (kind, key), done)
        else:
            job = _Job("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", (kind, key, json.dumps(value)), done)
        self._hand_over(self._notes, job)
        await asyncio.wrap_future(done)

    async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
        return await self._reader.run(self._read, kind)

    async def flush(self) -> None:
        """Returns when all that was handed over is on disk."""
        done: Future[None] = Future()
        self._hand_over(self._jobs, _Job(done=done))
        await asyncio.wrap_future(done)

    async def close(self) -> None:
        with self._more:
            self._closing = True
            self._more.notify()
        await asyncio.to_thread(self._writer.join)
        await self._reader.run(self._reading.close)
        self._reader.close()

    def _hand_over(self, queue: deque[_Job], job: _Job) -> None:
        with self._more:
            if self._closing:
                raise BadInput(f"{self.path} is closed")
            queue.append(job)
            self._more.notify()

    def _dropped(self, job: _Job) -> None:
        if job.done:
            job.done.set_result(None)
        else:
            self.dropped += 1

    def _turns(self, sql: str, *values: object) -> list[TurnRecord]:
        return [_turn(json.loads(record)) for (record,) in self._reading.execute(sql, values)]

    def _read(self, kind: str) -> dict[str, Mapping[str, object]]:
        rows = self._reading.execute("SELECT key, value FROM notes WHERE kind = ?", (kind,))
        return {key: json.loads(value) for key, value in rows}

    def _write(self) -> None:
        """The writer's thread: a transaction of whatever has come, notes first, until closed and empty."""
        written = PRUNE_EVERY
        while True:
            with self._more:
                while not (self._jobs or self._notes or self._closing):
                    self._more.wait()
                batch = [_take(self._notes, self._jobs) for _ in range(min(BATCH, len(self._notes) + len(self._jobs)))]
            if not batch:
                break
            self._commit(batch)
            written += len(batch)
            if written >= PRUNE_EVERY:
                written = 0
                self._commit(self._too_old())
        self._writing.execute("PRAGMA optimize")
        self._writing.close()

    def _commit(self, batch: Sequence[_Job]) -> None:
        try:
            with self._writing:
                for job in batch:
                    job.run(self._writing)
        except sqlite3.Error as error:
            if len(batch) > 1:  # one bad entry does not take the others with it
                for job in batch:
                    self._commit((job,))
                return
            log.warning("%s: an entry could not be written: %s", self.path, error)
            if batch[0].done:
                batch[0].done.set_exception(BadInput(f"{self.path} can't be written: {error}"))
            else:
                self.dropped += 1
            return
        for job in batch:
            if job.done:
                job.done.set_result(None)

    def _too_old(self) -> list[_Job]:
        return [
            _Job("DELETE FROM turns WHERE at < ?", (time.time() - self._retention,)),
            _Job(
                "DELETE FROM turns WHERE number <= (SELECT max(number) FROM turns) - ?",
                (self._max_turns,),
            ),
        ]


Engine = SqliteStore


def _take(*queues: deque[_Job]) -> _Job:
    """From the first queue that has something."""
    return next(queue for queue in queues if queue).popleft()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, timeout=5)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _open(path: Path) -> sqlite3.Connection:
    """Brings the file to the newest schema. A file that is no database is put aside, not overwritten."""
    try:
        connection = _connect(path)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise BadInput(f"{path} can't be opened: {error}; choose another folder with `data` in [system]") from error
    except sqlite3.DatabaseError as error:
        aside = path.with_suffix(f".broken-{time.strftime('%Y%m%d-%H%M%S')}")
        log.warning("%s is no database (%s); it is now %s and a new one begins", path, error, aside.name)
        path.rename(aside)
        return _open(path)
    if version > len(MIGRATIONS):
        raise BadInput(f"{path} was written by a newer version of Repartee (schema {version}); install that one")
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
    return connection


def _turn(row: dict[str, Any]) -> TurnRecord:
    """The record that `asdict` took apart."""
    return TurnRecord(
        **{
            **row,
            "decision": Decision(row["decision"]),
            "reading": _reading(row["reading"]) if row["reading"] else None,
            "alternatives": tuple(row["alternatives"]),
            "effects": tuple(Effect(**effect) for effect in row["effects"]),
            "spans": tuple(Span(**span) for span in row["spans"]),
        }
    )


def _reading(row: dict[str, Any]) -> Reading:
    parts = tuple(
        Part(
            **{
                **part,
                "intent": _intent(part["intent"]),
                "after": tuple(part["after"]),
                "when": when_from_json(part["when"]) if part.get("when") else None,
            }
        )
        for part in row["parts"]
    )
    return Reading(**{**row, "parts": parts, "alternatives": tuple(row["alternatives"])})


def _intent(row: dict[str, Any]) -> Intent:
    slots = {name: tuple(value) if isinstance(value, list) else value for name, value in row["slots"].items()}
    return Intent(**{**row, "slots": slots, "entities": tuple(row["entities"])})
