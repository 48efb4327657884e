"""Timers in the real assistant: told aloud, kept over a restart, done when they were commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.core.turn import Replying
from repartee.engines.audio import nowhere
from repartee.session import Session

pytestmark = pytest.mark.real_time


@asynccontextmanager
async def assistant(folder: Path) -> AsyncIterator[Assistant]:
    async with open_assistant(read_settings(None, {"system": {"data": str(folder)}})) as opened:
        yield opened


async def told(session: Session, seconds: float = 10.0) -> list[str]:
    """What is said within the time, until a timer is over."""
    texts: list[str] = []
    async with asyncio.timeout(seconds):
        async for event in session.events():
            if isinstance(event, Replying):
                texts.append(event.text)
                if "timer is done" in event.text:
                    break
    return texts


async def test_a_timer_is_set_and_told(tmp_path: Path) -> None:
    async with assistant(tmp_path) as house:
        session = house.session(nowhere.Sink(), "kitchen")
        hearing = asyncio.create_task(told(session))
        await asyncio.sleep(0)
        await session.ask("set a timer for 1 second")
        assert (await hearing)[-1] == "Your timer is done"


async def test_a_timer_outlives_the_assistant(tmp_path: Path) -> None:
    async with assistant(tmp_path) as house:
        await house.session(nowhere.Sink()).ask("set a timer for 2 seconds named pasta")
    async with assistant(tmp_path) as house:
        session = house.session(nowhere.Sink())
        assert (await told(session))[-1].startswith("Your pasta timer is done")


async def test_a_command_is_done_when_its_time_has_come(tmp_path: Path) -> None:
    async with assistant(tmp_path) as house:
        changes = house.backend.changes()
        record = await house.session(nowhere.Sink()).ask("turn on the coffee maker in 1 second")
        assert record.reply == "In 1 second: turn on the coffee maker"
        assert house.backend.states["switch.coffee_maker"].value == "off"
        async with asyncio.timeout(10):
            assert await anext(changes) == "switch.coffee_maker"
        assert house.backend.states["switch.coffee_maker"].value == "on"


async def test_a_delicate_command_waits_for_a_yes(tmp_path: Path) -> None:
    async with assistant(tmp_path) as house:
        session = house.session(nowhere.Sink())
        asked = await session.ask("unlock the front door")
        assert (asked.question, asked.alternatives) == ("Really unlock Front Door?", ("yes", "no"))
        assert house.backend.states["lock.front_door"].value == "locked"
        await session.ask("turn on the bed light")
        assert house.backend.states["lock.front_door"].value == "locked", "another sentence is no yes"
        await session.ask("unlock the front door")
        await session.ask("yes please")
        assert house.backend.states["lock.front_door"].value == "unlocked"
