"""Real disks that are full, and real databases that somebody else holds."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest


@asynccontextmanager
async def small_disk(folder: Path, size: str = "1m", read_only: bool = False) -> AsyncIterator[Path]:
    """A real file system that is soon full; a skip for who may not mount one."""
    await asyncio.to_thread(folder.mkdir)
    mounted = await asyncio.to_thread(
        subprocess.run,
        ["mount", "-t", "tmpfs", "-o", f"size={size}{',ro' if read_only else ''}", "tmpfs", str(folder)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"no disk of our own: {mounted.stderr.decode()[:80]}")
    try:
        yield folder
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """The file that takes all the room there was."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    return filler


def free(filler: Path) -> None:
    filler.unlink()


@asynccontextmanager
async def held(database: Path) -> AsyncIterator[None]:
    """Another program writes to it and does not come to an end."""
    other = await asyncio.to_thread(sqlite3.connect, database, check_same_thread=False, isolation_level=None)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()
