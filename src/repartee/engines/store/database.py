"""The file of the store: private, of the newest schema, used by one assistant; what is damaged is put aside and what
can still be read is taken over."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from repartee.core.errors import BadInput

log = logging.getLogger(__name__)
BUSY = 1.0
"""Seconds that a statement waits while another program holds the file."""
CHECKED = 16 * 2**20
"""Bytes up to which the whole file is checked at the start, at some 10 ms a megabyte; of larger ones what is used."""
CHUNK = 50
"""Turns read at once from a damaged file: no more are lost with one bad page."""
DISK = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
}  # fmt: skip
"""What is wrong with the disk or with who else holds the file, and may be right again later."""
SUFFIXES = ("", "-wal", "-shm")
"""Of the files that are one database."""
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

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


def lock(path: Path) -> FileLock:
    """Held until released or until the process ends. Raises `BadInput` where another assistant has it."""
    private_folder(path.parent)
    held = FileLock(path.with_name(f"{path.name}.lock"), mode=0o600, thread_local=False)
    try:
        held.acquire(timeout=0)
    except Timeout as error:
        raise BadInput(
            f"another Repartee is at work in {path.parent}: end that one, or choose another folder with `data` in"
            " [system] (`-` keeps nothing)"
        ) from error
    except OSError as error:
        raise _no_folder(path.parent, error) from error
    return held


def private_folder(folder: Path) -> None:
    """Makes it, for this user alone. Raises `BadInput` where that can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = folder.stat()
        shared = about.st_mode & stat.S_IWOTH  # /tmp and the like are other people's too
        if os.name == "posix" and about.st_uid == os.geteuid() and not shared and about.st_mode & 0o777 != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        raise _no_folder(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _no_folder(folder, PermissionError(0, "it is read-only"))


def private_file(path: Path) -> None:
    """Makes it, or takes it back from everybody else; whatever the umask."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o777 != 0o600:
        path.chmod(0o600)


def open_database(path: Path, busy: float = BUSY) -> sqlite3.Connection:
    """Of the newest schema, with all that can be read. Raises `BadInput` where there can be no such file, and for one
    that a newer version has written."""
    try:
        private_file(path)
        try:
            connection = _checked(path, busy)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return begin_anew(path, str(error), busy)
        _migrate(connection)
    except (OSError, sqlite3.OperationalError) as error:
        raise BadInput(f"{path} can't be opened: {error}; choose another folder with `data` in [system]") from error
    return connection


def begin_anew(path: Path, why: str, busy: float = BUSY) -> sqlite3.Connection:
    """Puts the damaged file aside and takes over what can be read of it."""
    aside = put_aside(path)
    try:
        private_file(path)
        connection = connect(path, busy)
        _migrate(connection)
    except (OSError, sqlite3.Error):  # no room for a new one: as before, for the next try
        for suffix in SUFFIXES:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        _rename(aside, path)
        raise
    turns = notes = 0
    try:
        turns, notes = _salvage(aside, connection)
    except sqlite3.DatabaseError as error:
        log.error("%s: nothing more can be read: %s", aside.name, error)
    log.error("%s is damaged (%s): it is now %s; kept: %d turns, %d notes", path, why, aside.name, turns, notes)
    return connection


def put_aside(path: Path) -> Path:
    """Under the name it has from now on."""
    name = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    taken = len(list(path.parent.glob(f"{name}*")))
    aside = path.with_name(f"{name}-{taken}" if taken else name)
    _rename(path, aside)
    return aside


def damaged_files(path: Path) -> list[Path]:
    """All that were put aside from here, with what belongs to them."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def forget_damaged(path: Path, before: float) -> None:
    """Those put aside before these Unix seconds: what is in them is as old as that at least."""
    for file in damaged_files(path):
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)


def _rename(path: Path, other: Path) -> None:
    for suffix in SUFFIXES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(other.with_name(other.name + suffix))


def connect(path: Path, busy: float = BUSY) -> sqlite3.Connection:
    """Raises `DatabaseError` for what is no database."""
    connection = sqlite3.connect(path, check_same_thread=False, timeout=busy)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is not left in free pages
    return connection


def is_damage(error: BaseException) -> bool:
    return _code(error) in DAMAGE


def is_disk(error: BaseException) -> bool:
    """Whether it may work later."""
    return _code(error) in DISK


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _no_folder(folder: Path, error: OSError) -> BadInput:
    why = error.strerror or str(error)
    return BadInput(f"{folder} can't hold what is kept: {why}; choose another folder with `data` in [system]")


def _checked(path: Path, busy: float) -> sqlite3.Connection:
    """Raises `DatabaseError` for a damaged file."""
    connection = None
    try:
        connection = connect(path, busy)
        _check(path, connection)
    except BaseException:
        if connection:
            connection.close()
        raise
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise BadInput(
            f"{path} was written by a newer version of Repartee (schema {version}); install that one, or choose"
            " another folder with `data` in [system]"
        )
    if path.stat().st_size <= CHECKED:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _damaged(found)
    if version >= 2:
        connection.execute("SELECT sum(length(value)) FROM notes").fetchone()
        connection.execute("SELECT record FROM turns ORDER BY number DESC LIMIT 100").fetchall()


def _damaged(found: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(found.splitlines()[-1])
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _migrate(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")


def _salvage(aside: Path, into: sqlite3.Connection) -> tuple[int, int]:
    """How many turns and notes were taken over. Raises `DatabaseError` where not even the schema can be read."""
    connection = sqlite3.connect(aside, timeout=BUSY)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        notes, turns = dict(_notes(connection)), list(_turns(connection))
    finally:
        connection.close()
    with into:
        into.executemany(
            "INSERT OR IGNORE INTO notes VALUES (?, ?, ?)", ((*key, value) for key, value in notes.items())
        )
        into.executemany("INSERT OR IGNORE INTO turns VALUES (?, ?, ?, ?, ?, ?)", turns)
    return len(turns), len(notes)


def _notes(connection: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str]]:
    """From both ends: a bad page takes those of its own page."""
    for order in ("ASC", "DESC"):
        rows = _readable(connection, f"SELECT kind, key, value FROM notes ORDER BY kind {order}, key {order}")  # noqa: S608
        for kind, key, value in rows:
            yield (str(kind), str(key)), str(value)


def _turns(connection: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    """Chunk by chunk, for each of them may be on a bad page."""
    last = 0
    for column in ("max(number)", "(SELECT max(rowid) FROM turns_text_docsize)"):
        for (number,) in _readable(connection, f"SELECT {column} FROM turns"):  # noqa: S608
            last = max(last, number if isinstance(number, int) else 0)
    for first in range(1, last + 1, CHUNK):
        sql = "SELECT number, id, at, transcript, reply, record FROM turns WHERE number >= ? AND number < ?"
        yield from _readable(connection, sql, first, first + CHUNK)


def _readable(connection: sqlite3.Connection, sql: str, *values: object) -> Iterator[tuple[object, ...]]:
    """Rows up to the first that can't be read."""
    try:
        yield from connection.execute(sql, values)
    except sqlite3.DatabaseError as error:
        log.info("a part of the damaged file can't be read: %s", error)
