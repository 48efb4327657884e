"""What is in the file of the store, for the people it is about: shown beside a running assistant, deleted alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from repartee.core.errors import BadInput
from repartee.core.selection import Selection

from .database import connect, damaged_files, lock

Row = Mapping[str, Any]
TURN = (
    "(?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR at < ?2) AND"
    " (?3 IS NULL OR (json_valid(record) AND json_extract(record, '$.person') = ?3))"
)


class StoredData:
    """`with` it: of one file, which may not be there. Raises `BadInput` where it can't be read, or (`delete`) where an
    assistant is at work on it."""

    def __init__(self, path: Path, *, delete: bool = False) -> None:
        self._path, self._delete = path, delete
        self._sql: sqlite3.Connection | None = None

    def __enter__(self) -> StoredData:
        if not self._path.exists():
            return self
        self._lock = lock(self._path) if self._delete else None
        try:
            uri = f"file:{quote(str(self._path))}?mode=ro"
            self._sql = connect(self._path) if self._delete else sqlite3.connect(uri, uri=True)
            self._sql.execute("SELECT count(*) FROM notes").fetchone()
        except sqlite3.Error as error:
            self._release()
            raise BadInput(
                f"{self._path} can't be read: {error}; start the assistant once, it mends what it can"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sql:
            self._sql.close()
            self._sql = None
            self._release()

    def turns(self, selection: Selection) -> Iterator[Row]:
        """Oldest first; as they are on disk."""
        sql = f"SELECT id, at, transcript, reply, record FROM turns WHERE {TURN} ORDER BY number"  # noqa: S608
        for id_, at, transcript, reply, record in self._rows(sql, *_bounds(selection)):
            try:
                yield dict(json.loads(record))
            except (ValueError, TypeError):
                yield {"id": id_, "at": at, "transcript": transcript, "reply": reply, "unreadable": True}

    def household(self, selection: Selection) -> Iterator[Row]:
        """Timers, alarms, reminders, lists, and what of them made no sense."""
        for kind, key, value in self._rows("SELECT kind, key, value FROM notes ORDER BY kind, key"):
            at, person = _about(value)
            if selection.holds(at, person):
                yield {"kind": kind, "id": key, "value": _value(value)}

    def damaged(self) -> list[Path]:
        """Files that were put aside. What is in them is unknown, so only everything includes them."""
        return damaged_files(self._path)

    def delete_turns(self, selection: Selection) -> int:
        return self._change(f"DELETE FROM turns WHERE {TURN}", *_bounds(selection))  # noqa: S608

    def delete_household(self, selection: Selection) -> int:
        gone = [(row["kind"], row["id"]) for row in self.household(selection)]
        return sum(self._change("DELETE FROM notes WHERE kind = ? AND key = ?", *each) for each in gone)

    def delete_damaged(self) -> int:
        files = self.damaged()
        for file in files:
            file.unlink(missing_ok=True)
        return len(files)

    def scrub(self) -> None:
        """Nothing of what was deleted stays in the file, its index or its log."""
        if self._sql:
            self._sql.execute("INSERT INTO turns_text (turns_text) VALUES ('optimize')")
            self._sql.commit()
            self._sql.execute("VACUUM")
            self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        if self._sql:
            yield from self._sql.execute(sql, values)

    def _change(self, sql: str, *values: object) -> int:
        if self._sql is None:
            return 0
        with self._sql:
            return self._sql.execute(sql, values).rowcount

    def _release(self) -> None:
        if self._lock:
            self._lock.release()


def _bounds(selection: Selection) -> tuple[object, ...]:
    return (selection.since, selection.until, selection.person)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _about(text: str) -> tuple[float | None, str]:
    """When it is due, and whose it is."""
    value = _value(text)
    attributes = value.get("attributes") if isinstance(value, dict) else None
    if not isinstance(attributes, dict):
        return None, ""
    due = attributes.get("due")
    return (float(due) if isinstance(due, int | float) else None), str(attributes.get("person") or "")
