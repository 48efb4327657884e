"""Deeds for later in the real product: the command line keeps them, the next process does them; typed and spoken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.engines.audio import nowhere
from tests.e2e.cli import repartee

pytestmark = pytest.mark.real_time


async def becomes(house: Assistant, entity: str, value: str) -> None:
    changes = house.backend.changes()
    async with asyncio.timeout(10):
        while house.backend.states[entity].value != value:
            await anext(changes)


def test_the_command_line_keeps_an_order_for_the_next_process(tmp_path: Path) -> None:
    asked = repartee("ask", "turn on the coffee maker every day at noon", "--json", folder=tmp_path)
    assert asked.code == 0, asked.err
    (record,) = asked.rows
    assert record["reply"] == "Every day at noon: turn on the coffee maker"
    assert record["plan"][0]["when"] == {
        "at": {"hour": 12, "half": "pm"},
        "repeat": {"days": [0, 1, 2, 3, 4, 5, 6]},
        "deed": "turn on the coffee maker",
    }
    listed = repartee("ask", "what is scheduled", "--json", folder=tmp_path)
    assert listed.rows[0]["reply"] == "Every day at noon: turn on the coffee maker"
    repartee("ask", "cancel everything scheduled", folder=tmp_path)
    assert repartee("ask", "what is scheduled", "--json", folder=tmp_path).rows[0]["reply"] == "Nothing is scheduled"


async def test_an_order_of_one_process_is_done_by_the_next(tmp_path: Path) -> None:
    settings = read_settings(None, {"system": {"data": str(tmp_path)}})
    async with open_assistant(settings) as first:
        record = await first.session(nowhere.Sink()).ask("turn on the coffee maker in 2 seconds")
        assert record.reply == "In 2 seconds: turn on the coffee maker"
        assert first.backend.states["switch.coffee_maker"].value == "off"
    async with open_assistant(settings) as second:
        await becomes(second, "switch.coffee_maker", "on")


async def test_the_front_door_is_asked_about_now(tmp_path: Path) -> None:
    async with open_assistant(read_settings(None, {"system": {"data": str(tmp_path)}})) as house:
        session = house.session(nowhere.Sink())
        record = await session.ask("unlock the front door in 1 second")
        assert record.question == "Really unlock Front Door in 1 second?"
        await asyncio.sleep(1.5)
        assert house.backend.states["lock.front_door"].value == "locked"
        await session.ask("yes")
        await becomes(house, "lock.front_door", "unlocked")
