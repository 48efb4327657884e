"""A data folder that can't be one is told in one clear line, by the real command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from repartee.engines.store.sqlite import SqliteStore
from tests.disk import small_disk
from tests.e2e.cli import Result, repartee

pytestmark = pytest.mark.real_time


def ask(folder: Path, data: Path | str) -> Result:
    return repartee("ask", "what time is it", folder=folder, env={"REPARTEE_SYSTEM__DATA": str(data)})


def one_clear_line(ran: Result) -> str:
    assert ran.code == 2, ran.err
    assert "Traceback" not in ran.err
    line = " ".join(ran.err.split())
    assert line.startswith("repartee: ")
    assert "data" in line
    return line


def file_in_its_place(folder: Path) -> Path:
    (folder / "data").write_text("a file")
    return folder / "data"


def file_above_it(folder: Path) -> Path:
    (folder / "above").write_text("a file")
    return folder / "above" / "data"


def folder_in_the_files_place(folder: Path) -> Path:
    (folder / "data" / "repartee.sqlite").mkdir(parents=True)
    return folder / "data"


@pytest.mark.parametrize("wrong", [file_in_its_place, file_above_it, folder_in_the_files_place])
def test_what_stands_in_the_way_is_named(tmp_path: Path, wrong: Callable[[Path], Path]) -> None:
    assert "choose another folder" in one_clear_line(ask(tmp_path, wrong(tmp_path)))


async def test_a_folder_that_is_read_only_is_named(tmp_path: Path) -> None:
    async with small_disk(tmp_path / "disk", read_only=True) as disk:
        assert "choose another folder" in one_clear_line(ask(tmp_path, disk))


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    ran = ask(tmp_path, tmp_path / "deep" / "er" / "data")
    assert ran.code == 0, ran.err
    assert (tmp_path / "deep" / "er" / "data").stat().st_mode & 0o777 == 0o700


async def test_a_second_assistant_says_so_and_ends(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "repartee.sqlite")
    try:
        assert "another Repartee is at work" in one_clear_line(ask(tmp_path, tmp_path))
    finally:
        await store.close()
    assert ask(tmp_path, tmp_path).code == 0


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "repartee.sqlite") as newer:
        newer.execute("PRAGMA user_version = 999")
    assert "newer version" in one_clear_line(ask(tmp_path, tmp_path))
    assert (tmp_path / "repartee.sqlite").exists()


def test_nothing_is_kept_where_that_is_wanted(tmp_path: Path) -> None:
    ran = ask(tmp_path, "-")
    assert ran.code == 0, ran.err
    assert list(tmp_path.iterdir()) == []
