"""The tables of the memory and the statements over them. One thread at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import BadInput
from repartee.core.memory import Fact

SCHEMA = """
    CREATE TABLE facts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
        value TEXT NOT NULL, person TEXT NOT NULL, event TEXT, source TEXT NOT NULL, learned REAL NOT NULL, until REAL
    );
    CREATE INDEX facts_about ON facts (subject, kind);
    CREATE INDEX facts_said ON facts (text COLLATE NOCASE);
    CREATE TABLE vectors (fact INTEGER PRIMARY KEY REFERENCES facts (id) ON DELETE CASCADE, model TEXT, vector BLOB);
    CREATE VIRTUAL TABLE facts_text USING fts5 (
        text, content='facts', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
    );
    CREATE VIRTUAL TABLE words USING fts5vocab ('facts_text', 'row');
    CREATE TRIGGER facts_added AFTER INSERT ON facts BEGIN
        INSERT INTO facts_text (rowid, text) VALUES (new.id, new.text);
    END;
    CREATE TRIGGER facts_gone AFTER DELETE ON facts BEGIN
        INSERT INTO facts_text (facts_text, rowid, text) VALUES ('delete', old.id, old.text);
    END;
    PRAGMA user_version = 1;
"""
COLUMNS = "text, kind, subject, value, person, event, source, learned, until, id"
RARE = 6
"""Words of a question that are looked up: those that the fewest facts have say the most."""
AT_ONCE = 500
"""Ids of one statement."""


class Tables:
    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises `BadInput` where that can't be, or where a newer version has written it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._sql = sqlite3.connect(path, check_same_thread=False, timeout=5)
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
                self._sql.execute(f"PRAGMA {pragma}")
            version = self._sql.execute("PRAGMA user_version").fetchone()[0]
            if version > 1:
                raise BadInput(f"{path} was written by a newer version; this one can't read it")
            if not version:
                self._sql.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise BadInput(f"{path} can't be used as memory: {error}; move it away to begin with a new one") from error

    def add(self, fact: Fact) -> int:
        row = (fact.text, fact.kind, fact.subject, fact.value, fact.person, fact.event, fact.source, fact.learned)
        sql = (
            "INSERT INTO facts (text, kind, subject, value, person, event, source, learned)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        return int(self._sql.execute(sql, row).lastrowid or 0)

    def set_vector(self, id: int, model: str, vector: NDArray[np.float32]) -> None:
        self._sql.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", (id, model, vector.tobytes()))

    def heard_again(self, id: int, learned: float) -> None:
        self._sql.execute("UPDATE facts SET learned = max(learned, ?) WHERE id = ?", (learned, id))

    def end(self, id: int, until: float) -> None:
        self._sql.execute("UPDATE facts SET until = ? WHERE id = ?", (until, id))

    def remove(self, ids: Sequence[int] | None) -> list[int]:
        """Those that there were. Nothing of their text stays in the file."""
        if ids is None:
            ids = [id for (id,) in self._sql.execute("SELECT id FROM facts")]
        gone = [fact.id for fact in self.facts(ids)]
        self._sql.executemany("DELETE FROM facts WHERE id = ?", ((id,) for id in gone))
        return gone

    def facts(self, ids: Iterable[int]) -> list[Fact]:
        wanted = list(ids)
        return [
            fact
            for start in range(0, len(wanted), AT_ONCE)
            for fact in self._facts(_among("id", wanted[start : start + AT_ONCE]), wanted[start : start + AT_ONCE])
        ]

    def all(self) -> list[Fact]:
        return self._facts("1 = 1", ())

    def about(self, fact: Fact) -> list[Fact]:
        """What holds and may say the same or the contrary."""
        if fact.key is None:
            return self._facts("text = ? COLLATE NOCASE AND until IS NULL", (fact.text,))
        return self._facts(
            "subject = ? AND kind = ? AND person = ? AND until IS NULL", (fact.subject, fact.kind, fact.person)
        )

    def of_subject(self, subject: str) -> list[int]:
        return [id for (id,) in self._sql.execute("SELECT id FROM facts WHERE subject = ? LIMIT 100", (subject,))]

    def matching(self, words: Sequence[str], most: int) -> dict[int, float]:
        """Facts that have the rarest of these words, and how well they fit (bm25, more is better)."""
        rare = self._rarest(words)
        if not rare:
            return {}
        rows = self._sql.execute(
            "SELECT rowid, -bm25(facts_text) AS fit FROM facts_text WHERE facts_text MATCH ? ORDER BY fit DESC LIMIT ?",
            (" OR ".join(f'"{word}"' for word in rare), most),
        )
        return dict(rows)

    def vectors(self, model: str, width: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        for id, data in self._sql.execute("SELECT fact, vector FROM vectors WHERE model = ?", (model,)):
            vector = np.frombuffer(data, np.float32)
            if len(vector) == width:
                yield id, vector

    def oldest(self, count: int) -> list[int]:
        """What goes first where there is no room: what does not hold any more, then what is longest ago."""
        rows = self._sql.execute("SELECT id FROM facts ORDER BY until IS NULL, learned LIMIT ?", (count,))
        return [id for (id,) in rows]

    def count(self) -> int:
        return int(self._sql.execute("SELECT count(*) FROM facts").fetchone()[0])

    def commit(self) -> None:
        self._sql.commit()

    def rollback(self) -> None:
        self._sql.rollback()

    def scrub(self) -> None:
        """What was deleted leaves the full text index and the write-ahead log too."""
        self._sql.execute("INSERT INTO facts_text (facts_text) VALUES ('optimize')")
        self._sql.commit()
        self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._sql.close()

    def _rarest(self, words: Sequence[str]) -> list[str]:
        unique = list(dict.fromkeys(words))[:100]
        known = self._sql.execute(f"SELECT term, doc FROM words WHERE {_among('term', unique)}", unique)  # noqa: S608  # ours
        return [term for term, _ in sorted(known, key=lambda row: row[1])[:RARE]]

    def _facts(self, where: str, values: Sequence[object]) -> list[Fact]:
        rows = self._sql.execute(f"SELECT {COLUMNS} FROM facts WHERE {where} ORDER BY id", values)  # noqa: S608  # ours
        return [Fact(*row) for row in rows]


def _among(column: str, values: Sequence[object]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})"
