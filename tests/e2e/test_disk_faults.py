"""The disk takes nothing for a while, the real one: everybody is answered, every timer rings, and all of it is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.assembly.telemetry import sampling
from repartee.core.turn import Decision, Replying, TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.store.sqlite import SqliteStore
from repartee.session import Session
from tests.disk import fill, free, held, small_disk
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
TURNS = 20
RUNS = [2.0, pytest.param(30.0, marks=pytest.mark.full)]
"""Seconds for which nothing can be written."""


class House:
    """The whole assistant behind its server."""

    def __init__(self, assistant: Assistant, page: str) -> None:
        self.assistant, self._page = assistant, page
        self.rang: list[str] = []

    @property
    def store(self) -> SqliteStore:
        assert isinstance(self.assistant.store, SqliteStore)
        return self.assistant.store

    async def health(self) -> dict[str, dict[str, str]]:
        async with aiohttp.ClientSession() as client, client.get(f"{self._page}health") as answer:
            told: dict[str, Any] = await answer.json()
        components: dict[str, dict[str, str]] = told["components"]
        return components

    async def metric(self, name: str) -> float:
        async with aiohttp.ClientSession() as client, client.get(f"{self._page}metrics") as answer:
            found = re.findall(rf"^{re.escape(name)} (\S+)$", await answer.text(), re.M)
        return float(found[0])

    async def hear(self, session: Session) -> None:
        async for event in session.events():
            if isinstance(event, Replying) and "timer is done" in event.text:
                self.rang.append(event.text)

    async def talk(self, seconds: float) -> list[TurnRecord]:
        """Turns over so many seconds; every second of them sets a timer that is due within them or soon after."""
        session = self.assistant.session(nowhere.Sink())
        records = []
        for number in range(TURNS):
            text = (
                f"set a timer for {1 + number % 3} seconds named number {number}"
                if number % 2
                else "turn on the bed light"
            )
            records.append(await asyncio.wait_for(session.ask(text), 5))
            await asyncio.sleep(seconds / TURNS)
        return records


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    async with (
        open_assistant(read_settings(None, {"system": {"data": str(folder)}})) as assistant,
        sampling(assistant.telemetry),
        serving(assistant) as page,
    ):
        made = House(assistant, page)
        hearing = asyncio.create_task(made.hear(assistant.session(nowhere.Sink())))
        yield made
        hearing.cancel()


async def unwell(made: House, fault: AbstractAsyncContextManager[Any], seconds: float, why: str) -> None:
    async with fault:
        records = await made.talk(seconds)
        health = await made.health()
        assert health["household"]["status"] == "degraded"
        assert why in health["household"]["reason"]
        assert health["store"]["status"] == "degraded"
        assert not any("/" in each["reason"] for each in (health["household"], health["store"]))
        assert await made.metric('repartee_kept_lost_total{component="household"}') == TURNS / 2
        assert await made.metric('repartee_kept_waiting{component="store"}') == TURNS
    assert [record.decision for record in records] == [Decision.ACTED] * TURNS
    assert [record.error for record in records] == [None] * TURNS
    for record in records[1::2]:
        assert "until I am restarted" in record.reply
        assert "/" not in record.reply
        assert [effect.kept for effect in record.effects] == [False]
    assert not any("restarted" in record.reply for record in records[::2])
    async with asyncio.timeout(20):
        while len(made.rang) < TURNS / 2 or (await made.health())["household"]["status"] != "ok":  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # another thread and a server are waited for
    assert len(made.rang) == len(set(made.rang)) == TURNS / 2
    await asyncio.wait_for(made.store.flush(), 20)
    kept = {turn.id for turn in await made.store.recent(100)}
    assert {record.id for record in records} <= kept
    assert (await made.health())["store"]["status"] == "ok"
    assert made.store.dropped == 0


@pytest.mark.parametrize("seconds", RUNS)
async def test_a_database_that_somebody_holds(tmp_path: Path, seconds: float) -> None:
    async with house(tmp_path) as made:
        await unwell(made, held(tmp_path / "repartee.sqlite"), seconds, "locked")


@asynccontextmanager
async def full(disk: Path) -> AsyncIterator[None]:
    filler = await asyncio.to_thread(fill, disk)
    try:
        yield
    finally:
        free(filler)


@pytest.mark.parametrize("seconds", RUNS)
async def test_a_disk_that_is_full(tmp_path: Path, seconds: float) -> None:
    async with small_disk(tmp_path / "disk") as disk, house(disk) as made:
        await unwell(made, full(disk), seconds, "full")
