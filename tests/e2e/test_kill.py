"""A kill at any moment loses nothing that was confirmed: the real process, the real file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from bench.kills import kill_often

pytestmark = pytest.mark.real_time


async def lose_nothing(path: Path, kills: int, seed: int) -> None:
    found = await kill_often(path, kills, random.Random(seed))
    assert found.kills == kills
    assert found.kept > kills
    assert found.lost == []


async def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    await lose_nothing(tmp_path / "house.sqlite", 20, 1)


@pytest.mark.full
async def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    """`python -m bench.kills` keeps the result of the same."""
    await lose_nothing(tmp_path / "house.sqlite", 200, 2)
