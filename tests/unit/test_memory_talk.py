"""Remembering in conversation: told, asked, corrected, forgotten; across a restart; and never a code."""

from __future__ import annotations

import json
import sqlite3
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from repartee.core.turn import Decision
from tests import talking
from tests.talking import Talk

pytestmark = pytest.mark.real_time  # the memory is a file, and has a thread


def talk(area: str | None = "Kitchen", **more: Any) -> AbstractAsyncContextManager[Talk]:
    """Patient: a machine that does other things as well takes its time to write."""
    return talking.talk(area, more={"brain": {"deadline": 60}}, **more)


async def test_what_was_told_is_told_again() -> None:
    async with talk() as say:
        assert (
            await say("Remember that my keys are in the drawer") == "I will remember that: your keys are in the drawer"
        )
        assert await say("where did I put my keys?") == "Your keys are in the drawer"
        assert await say("where are my glasses") == "You have not told me that"


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    async with talk(data=tmp_path) as say:
        await say("my name is Anna")
        await say("Tom's birthday is on May 3")
    async with talk(data=tmp_path) as say:
        assert await say("what's my name") == "Your name is Anna"
        assert await say("when is Tom's birthday") == "Tom's birthday is on May 3"


async def test_a_correction_ends_what_was_so_before(tmp_path: Path) -> None:
    async with talk(data=tmp_path) as say:
        await say("remember that my keys are in the drawer")
        await say("no, my keys are on the table")
        assert await say("where are my keys") == "Your keys are on the table"
        assert "drawer" not in await say("what do you remember")
    kept = sqlite3.connect(tmp_path / "memory.sqlite").execute("SELECT value, until IS NULL FROM facts ORDER BY id")
    assert kept.fetchall() == [("in the drawer", 0), ("on the table", 1)]


async def test_forgotten_by_topic_by_order_and_by_undo() -> None:
    async with talk() as say:
        for told in ("remember that my keys are in the drawer", "I don't like olives", "my name is Anna"):
            await say(told)
        assert await say("forget about my keys") == "Forgotten: my keys are in the drawer"
        assert await say("forget that") == "Forgotten: my name is Anna"
        assert await say("what do you remember") == "You don't like olives"
        assert await say("forget about my keys") == "You have not told me that"
        await say("my name is Bea")
        await say("undo that")
        assert await say("what's my name") == "You have not told me that"


async def test_everything_is_forgotten_only_after_a_yes() -> None:
    async with talk() as say:
        await say("my name is Anna")
        assert await say("forget everything") == "Really forget everything you told me?"
        await say("no")
        assert await say("what's my name") == "Your name is Anna"
        await say("forget everything you know about me")
        assert await say("yes") == "Forgotten"
        assert await say("what do you remember") == "I don't know anything about you yet"


@pytest.mark.parametrize(
    "told",
    [
        "remember that my pin is 83917462",
        "remember that the security code is 9 8 7 6",
        "remember the pin code 55281947",
    ],
)
async def test_a_code_is_neither_kept_nor_shown(told: str, tmp_path: Path) -> None:
    async with talk(data=tmp_path) as say:
        await say(told)
        assert say.record is not None
        assert "83917462" not in json.dumps(say.record.as_json())
        assert say.record.decision is Decision.REJECTED
    kept = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}  # noqa: ASYNC240
    assert not [
        file for file, data in kept.items() if any(code in data for code in (b"83917462", b"9 8 7 6", b"55281947"))
    ]


async def test_where_somebody_is_her_name_does_not_tell() -> None:
    async with talk() as say:
        await say("my name is Anna")
        assert await say("where is Anna") == "You have not told me that"


async def test_what_the_home_can_tell_it_tells() -> None:
    """Commands and questions of the grammar never reach the memory."""
    async with talk() as say:
        await say("remember that the kitchen light is broken")
        await say("turn on the kitchen lights")
        assert say.calls
        assert "broken" not in await say("are the kitchen lights on")


@pytest.mark.parametrize(
    ("language", "told", "asked", "value"),
    [
        ("de", "merk dir, dass meine Schlüssel in der Schublade sind", "wo sind meine Schlüssel", "Schublade"),
        ("fr", "retiens que mes clés sont dans le tiroir", "où sont mes clés", "tiroir"),
        ("es", "recuerda que mis llaves están en el cajón", "dónde están mis llaves", "cajón"),
        ("nl", "onthoud dat mijn sleutels in de la liggen", "waar zijn mijn sleutels", "la"),
    ],
)
async def test_in_other_languages(language: str, told: str, asked: str, value: str) -> None:
    async with talk(area=None, language=language) as say:
        await say(told)
        assert value in await say(asked)


async def test_each_fact_names_the_turn_it_came_from(tmp_path: Path) -> None:
    async with talk(data=tmp_path) as say:
        await say("my name is Anna")
        assert say.record is not None
        turn = say.record.id
    assert sqlite3.connect(tmp_path / "memory.sqlite").execute("SELECT source FROM facts").fetchone() == (turn,)


async def test_a_memory_that_cannot_be_read_does_not_stop_the_house(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite").write_bytes(b"this is no database at all, and long enough to be looked at" * 20)
    async with talk(data=tmp_path) as say:
        await say("turn on the kitchen lights")
        assert say.calls
        assert "understand" in await say("my name is Anna")


def told(say: Talk) -> list[str]:
    assert say.record is not None
    return [effect.service for effect in say.record.effects]


async def test_remembering_is_an_effect_that_was_confirmed() -> None:
    async with talk() as say:
        await say("my name is Anna")
        assert told(say) == ["memory.remember"]
        assert say.record is not None
        assert all(effect.confirmed for effect in say.record.effects)
