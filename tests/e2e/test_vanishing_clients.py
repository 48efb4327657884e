"""Clients that vanish at any moment of setting a timer: memory and disk agree, nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.core.plan import Action
from repartee.core.ports import AudioSink
from repartee.engines.home.household import Household
from repartee.engines.store.sqlite import SqliteStore
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
AT_ONCE = 8
BATCH = 100
"""Timers that are there at once, at most; the household takes no more than 200."""
LONGEST = 0.12
"""Seconds after which the last of them has gone; a whole turn takes some 20 ms, with eight at once up to 100."""


async def vanish(page: str, name: str, after: float, told: set[str]) -> None:
    """Asks for a timer of this name and is gone after so many seconds; notes it if it was told that it is set."""
    with suppress(OSError, ConnectionClosed):
        socket = await connect(page.replace("http", "ws") + "api/socket", compression=None)
        try:
            async with asyncio.timeout(after):
                await socket.send(json.dumps({"type": "ask", "text": f"set a timer for 30 minutes named {name}"}))
                async for message in socket:
                    said = json.loads(message) if isinstance(message, str) else {}
                    if said.get("type") == "acted" and any(action["confirmed"] for action in said["actions"]):
                        told.add(name)
        except TimeoutError:
            pass
        finally:
            socket.transport.abort()  # no goodbye


def name_of(number: int) -> str:
    """A word of letters, which no number in it takes apart."""
    return "z" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")


def names(household: Household) -> Counter[str]:
    return Counter(entity.name for entity in household.home.entities if entity.domain == "timer")


async def on_disk(store: SqliteStore) -> Counter[str]:
    found: Counter[str] = Counter()
    for note in (await store.read("timer")).values():
        attributes = note["attributes"]
        assert isinstance(attributes, dict)
        found[attributes["name"]] += 1
    return found


async def settled(house: Assistant) -> None:
    """What was begun is over: nobody is answered, and all is on disk."""
    async with asyncio.timeout(30):
        while house.answering() or house.household.keeper.unkept:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # it ends by itself, nobody tells
        await asyncio.sleep(0.3)
        assert isinstance(house.store, SqliteStore)
        await house.store.flush()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[Assistant]:
    async with open_assistant(read_settings(None, {"system": {"data": str(folder)}})) as assistant:
        yield assistant


@pytest.mark.parametrize("clients", [48, pytest.param(1000, marks=pytest.mark.full)])
async def test_clients_that_vanish_while_they_set_timers(tmp_path: Path, clients: int) -> None:
    chance, gate = random.Random(clients), asyncio.Semaphore(AT_ONCE)
    told: set[str] = set()
    was_set = knew = 0
    async with house(tmp_path) as assistant, serving(assistant) as page:
        assert isinstance(assistant.store, SqliteStore)
        await assistant.session(assistant_sink()).ask("what time is it")  # models and grammar are loaded

        async def one(number: int) -> None:
            async with gate:
                await vanish(page, name_of(number), chance.uniform(0, LONGEST), told)

        for first in range(0, clients, BATCH):
            told.clear()
            await asyncio.gather(*(one(number) for number in range(first, min(clients, first + BATCH))))
            await settled(assistant)
            there = names(assistant.household)
            assert there == await on_disk(assistant.store)
            assert max(there.values(), default=1) == 1
            assert told <= there.keys()
            was_set, knew = was_set + len(there), knew + len(told)
            last = there
            if first + BATCH < clients:
                timers = tuple(entity.id for entity in assistant.household.home.entities if entity.domain == "timer")
                await assistant.household.perform(Action("timer.cancel", timers))
        assert all(duty.health.restarts == 0 for duty in assistant.duties)
        assert assistant.store.dropped == 0
    print(f"{clients} clients set {was_set} timers, {knew} were there to hear of it")
    assert 0 < knew < was_set  # some had gone before they were told, some had not
    async with house(tmp_path) as assistant:
        assert names(assistant.household) == last


def assistant_sink() -> AudioSink:
    from repartee.engines.audio import nowhere

    return nowhere.Sink()
