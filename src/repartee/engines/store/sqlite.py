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
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from repartee.core.backoff import pauses
from repartee.core.duty import Duty
from repartee.core.errors import BadInput, NotKept
from repartee.core.kept import Keeping
from repartee.core.turn import TurnRecord
from repartee.core.worker import Worker

from .database import begin_anew, connect, forget_damaged, is_damage, is_disk, lock, open_database

R = TypeVar("R")
log = logging.getLogger(__name__)
CAPACITY = 1000
"""Turns that may wait to be written."""
BATCH = 200
"""Jobs of one transaction."""
PRUNE_EVERY = 1000
"""Turns written between two looks at what is too old."""
PRUNE_AFTER = 3600.0
"""Seconds between them, at most."""
MAX_SEARCH = 200
"""Characters of a search."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until the disk is tried again, when nothing new comes."""

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
            record = _json(asdict(turn))
            connection.execute(ADD_TURN, (turn.id, turn.at, _text(turn.transcript), _text(turn.reply), record))

    def settle(self, error: Exception | None = None) -> None:
        if self.done and self.done.done():
            return
        if self.done and error:
            self.done.set_exception(error)
        elif self.done:
            self.done.set_result(None)


def _waited_for(sql: str = "SELECT 1", *values: object) -> tuple[_Job, Future[None]]:
    """Whoever waits may be cancelled; the job is done all the same, so its future can't be."""
    done: Future[None] = Future()
    done.set_running_or_notify_cancel()
    return _Job(sql, values, done), done


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds."""

    query: float = 60.0
    """That a question may take; then it is broken off."""
    busy: float = 1.0
    """To wait while another program holds the file."""


class SqliteStore:
    """Satisfies `TurnStore` and `Notebook`."""

    connections = 2
    """One writes, one reads."""

    def __init__(
        self, path: Path, retention_days: float = 30.0, max_turns: int = 1_000_000, timeouts: Timeouts = Timeouts()
    ) -> None:
        """Opens or makes the file. Raises `BadInput` where that can't be, where a newer version has written it, and
        where another assistant is at work on it."""
        self.path = path
        self.dropped = 0
        """Turns lost because the disk could not keep up, or would not take them."""
        self.unreadable = 0
        """Turns and notes that were there and could not be read."""
        self.trouble: str | None = None
        """Why nothing can be written now; None while it can."""
        self._timeouts = timeouts
        self._retention, self._max_turns = retention_days * 86_400, max_turns
        self._lock = lock(path)
        try:
            self._writing = open_database(path, timeouts.busy)
            self._reading = connect(path, timeouts.busy)
        except BaseException:
            self._lock.release()
            raise
        self._reader = Worker("store-reader")
        self._jobs: deque[_Job] = deque()
        self._notes: deque[_Job] = deque()
        self._in_hand: list[_Job] = []
        """What the writer is writing now."""
        self._more = threading.Condition()
        self._closing = self._damaged = False
        self._pruned = (float("-inf"), 0)
        """When, and how many turns were written since."""
        self._waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        self.duty = Duty("store-writer")
        self.duty.start_thread(self._write)

    @property
    def duties(self) -> Sequence[Duty]:
        return (self.duty,)

    @property
    def waiting(self) -> int:
        """Turns that are not on disk yet."""
        with self._more:
            return len(self._jobs) + sum(job.turn is not None for job in self._in_hand)

    @property
    def keeping(self) -> Keeping:
        return Keeping("store", self.waiting, self.dropped, self.unreadable, self.trouble)

    def record(self, turn: TurnRecord) -> None:
        with self._more:
            self._jobs.append(_Job(turn=turn))
            self._bound()
            self._more.notify()

    async def recent(self, limit: int) -> Sequence[TurnRecord]:
        return await self._asked(self._turns, "SELECT record FROM turns ORDER BY number DESC LIMIT ?", limit)

    async def search(self, text: str, limit: int = 20) -> Sequence[TurnRecord]:
        """Turns in whose words or reply all these words are (the last may be unfinished); newest first."""
        words = "".join(c if c.isalnum() else " " for c in text[:MAX_SEARCH]).split()
        if not words:
            return ()
        sql = (
            "SELECT record FROM turns WHERE number IN (SELECT rowid FROM turns_text WHERE turns_text MATCH ?"
            " ORDER BY rowid DESC LIMIT ?) ORDER BY number DESC"
        )
        return await self._asked(self._turns, sql, " ".join(f'"{word}"' for word in words) + "*", limit)

    async def by_day(self) -> Sequence[tuple[str, int, int]]:
        """Each day (UTC) with its turns, and how many of them were acted on; newest first."""
        sql = (
            "SELECT date(at, 'unixepoch'), count(*), sum(json_extract(record, '$.decision') = 'acted')"
            " FROM turns GROUP BY 1 ORDER BY 1 DESC"
        )
        return await self._asked(self._days, sql)

    async def turn(self, id: str) -> TurnRecord | None:
        found = await self._asked(self._turns, "SELECT record FROM turns WHERE id = ?", _text(id))
        return found[0] if found else None

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        if value is None:
            job, done = _waited_for("DELETE FROM notes WHERE kind = ? AND key = ?", kind, key)
        else:
            job, done = _waited_for("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", kind, key, _json(value))
        self._hand_over(self._notes, job)
        await asyncio.wrap_future(done)

    async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
        return await self._asked(self._read, kind)

    async def flush(self) -> None:
        """Returns when all that was handed over is on disk."""
        job, done = _waited_for()
        self._hand_over(self._jobs, job)
        await asyncio.wrap_future(done)

    async def close(self) -> None:
        with self._more:
            self._closing = True
            self._more.notify()
        await asyncio.to_thread(self.duty.join)
        await self._reader.run(self._reading.close)
        self._reader.close()
        self._lock.release()

    async def _asked(self, read: Callable[..., R], *values: object) -> R:
        """On the reader's thread. Raises `NotKept` for a question that takes too long: the thread is needed."""
        try:
            async with asyncio.timeout(self._timeouts.query):
                return await self._reader.run(read, *values)
        except TimeoutError as error:
            self._reading.interrupt()
            raise NotKept(f"{self.path.name}: no answer within {self._timeouts.query:g} s") from error

    def _hand_over(self, queue: deque[_Job], job: _Job) -> None:
        with self._more:
            if self._closing:
                raise BadInput(f"{self.path} is closed")
            queue.append(job)
            self._more.notify()

    def _bound(self) -> None:
        """The oldest turns go when too many wait."""
        while len(self._jobs) > CAPACITY:
            self._give_up(self._jobs.popleft())

    def _give_up(self, job: _Job, error: Exception | None = None) -> None:
        job.settle(error)
        self.dropped += job.turn is not None

    def _turns(self, sql: str, *values: object) -> list[TurnRecord]:
        found = []
        for (record,) in self._rows(sql, *values):
            try:
                found.append(_record_type().validate_json(record))
            except ValidationError as error:
                self._can_not_read(f"a turn ({error.error_count()} fields)")
        return found

    def _days(self, sql: str) -> list[tuple[str, int, int]]:
        return [(day, int(turns), int(acted or 0)) for day, turns, acted in self._rows(sql)]

    def _read(self, kind: str) -> dict[str, Mapping[str, object]]:
        notes: dict[str, Mapping[str, object]] = {}
        for key, value in self._rows("SELECT key, value FROM notes WHERE kind = ?", kind):
            try:
                notes[key] = dict(json.loads(value))
            except (ValueError, TypeError):
                self._can_not_read(f"a {kind} ({key[:40]})")
                move = _Job(
                    "UPDATE OR REPLACE notes SET kind = ? WHERE kind = ? AND key = ?", (f"damaged {kind}", kind, key)
                )
                self._hand_over(self._notes, move)
        return notes

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[str, ...]]:
        """What can be read; the reader's thread."""
        try:
            yield from self._reading.execute(sql, values)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise NotKept(f"{self.path.name} can't be read: {error}") from error
            self._can_not_read("a page")
            with self._more:
                self._damaged = True
                self._more.notify()

    def _can_not_read(self, what: str) -> None:
        self.unreadable += 1
        log.error("%s: %s can't be read; it is left out", self.path.name, what)

    def _write(self) -> None:
        """The writer's thread: a transaction of whatever has come, notes first, until closed and empty."""
        while not self._over():
            if self._damaged:
                self._begin_anew("a page can't be read")
            batch = self._next()
            if batch:
                self._commit(batch)
            self._in_hand = []
            self._prune(len(batch))
        with suppress(sqlite3.Error):
            self._writing.execute("PRAGMA optimize")
        self._writing.close()

    def _over(self) -> bool:
        with self._more:
            return self._closing and not (self._jobs or self._notes or self._in_hand)

    def _next(self) -> list[_Job]:
        """Waits for something to do; in trouble only so long, for the disk may be well again."""
        with self._more:
            wait = min(next(self._waits), LONGEST_PAUSE) if self.trouble else PRUNE_AFTER
            if (self.trouble or not (self._jobs or self._notes)) and not (self._closing or self._damaged):
                self._more.wait(wait)
            room = BATCH - len(self._in_hand)  # of a life before, where that ended in the middle
            taken = [_take(self._notes, self._jobs) for _ in range(min(room, len(self._notes) + len(self._jobs)))]
            self._in_hand = [*self._in_hand, *taken]
            return self._in_hand

    def _commit(self, batch: Sequence[_Job]) -> None:
        error = self._tried(batch)
        if error is None:
            self._is_well()
            for job in batch:
                job.settle()
        elif is_disk(error) or is_damage(error):
            self._put_back(batch, error)
            self._damaged = self._damaged or is_damage(error)
        elif len(batch) > 1:  # one bad entry does not take the others with it
            for job in batch:
                self._commit((job,))
        else:
            self.duty.failed(error)
            self._give_up(batch[0], NotKept(f"{self.path.name} does not take it: {error}"))

    def _tried(self, batch: Sequence[_Job]) -> Exception | None:
        try:
            with self._writing:
                for job in batch:
                    job.run(self._writing)
        except (sqlite3.Error, ArithmeticError, TypeError, ValueError) as error:  # a job's error is that job's
            return error
        return None

    def _put_back(self, batch: Sequence[_Job], error: Exception) -> None:
        """Turns wait for better times; a note is refused now, whoever wrote it knows it and may try again."""
        if self.trouble is None:
            log.error("%s can't be written: %s; turns wait in memory", self.path, error)
            self._waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        self.trouble = str(error)
        refused = NotKept(f"{self.path.name} can't be written: {error}")
        with self._more:
            again = [job for job in batch if job.turn or job.sql == _Job.sql]
            for job in batch:
                if job not in again or self._closing:
                    self._give_up(job, refused)
            self._in_hand = []
            if not self._closing:
                self._jobs.extendleft(reversed(again))
                self._bound()

    def _is_well(self) -> None:
        if self.trouble:
            log.error("%s can be written again; %d turns were lost so far", self.path, self.dropped)
        self.trouble = None

    def _begin_anew(self, why: str) -> None:
        """The file is damaged while we run."""
        self._writing.close()
        self._writing = begin_anew(self.path, why, self._timeouts.busy)
        self._damaged = False
        self._reader.submit(self._read_anew)

    def _read_anew(self) -> None:
        self._reading.close()
        self._reading = connect(self.path, self._timeouts.busy)

    def _prune(self, written: int) -> None:
        at, since = self._pruned
        self._pruned = (at, since + written)
        if since + written >= PRUNE_EVERY or time.monotonic() - at >= PRUNE_AFTER:
            self._pruned = (time.monotonic(), 0)
            if (error := self._tried(self._too_old())) is not None:
                self.duty.failed(error)
            with self.duty.item():
                forget_damaged(self.path, time.time() - self._retention)

    def _too_old(self) -> list[_Job]:
        return [
            _Job("DELETE FROM turns WHERE at < ?", (time.time() - self._retention,)),
            _Job(
                "DELETE FROM turns WHERE number <= (SELECT max(number) FROM turns) - ?",
                (self._max_turns,),
            ),
        ]


Engine = SqliteStore


@cache
def _record_type() -> TypeAdapter[TurnRecord]:
    """The record that `asdict` took apart; fields that other versions have are passed over."""
    return TypeAdapter(TurnRecord)


def _json(value: object) -> str:
    return _text(json.dumps(value, default=str, ensure_ascii=False))


def _text(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _take(*queues: deque[_Job]) -> _Job:
    """From the first queue that has something."""
    return next(queue for queue in queues if queue).popleft()
