"""Text to confirmed state change: through us, and through Home Assistant's own conversation agent on its WebSocket.

Both act on the same real Home Assistant in the same run. Each is given the same 200 different sentences once (its agent
remembers the last 128; none is said twice), in turn, and the device is put back in between. Ours counts from the
sentence to the end of the stage that acts, that is after the state is confirmed; its own from sending the sentence
until the state arrives on the same socket. Sentences that one of the two does not understand are counted and left out
of both.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from tests.homes.home_assistant import HomeAssistantProcess

from bench.figures import spread
from bench.homes import enlarged
from bench.record import real, save
from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import read_settings
from repartee.core.home import Entity, Home, HomeVersion, State
from repartee.core.plan import Action
from repartee.engines.audio import nowhere
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.engines.home.home_assistant.compressed import changed, whole
from repartee.engines.home.home_assistant.socket import Socket, connect
from repartee.homes.expectations import expectation

SIZES = (40, 1000)
SENTENCES = 200
VARIABLE = "REPARTEE_HOME_TOKEN"
RENAMES = 10
WITHIN = 3.0
"""Seconds for one sentence."""
DOMAINS = ("light", "switch", "cover")


@dataclass(frozen=True)
class PriorityLimiter:
    """One sentence, what it leads to and what has to be so before."""

    text: str
    entity: Entity
    service: str
    data: dict[str, Any]
    undo: str


def forms(entity: Entity, percent: int) -> Iterator[PriorityLimiter]:
    """The public templates say these things in these words, among others."""
    name = entity.name.lower()
    if entity.domain == "cover":
        yield PriorityLimiter(f"open the {name}", entity, "cover.open_cover", {}, "cover.close_cover")
        yield PriorityLimiter(f"close {name}", entity, "cover.close_cover", {}, "cover.open_cover")
        yield PriorityLimiter(f"open {name}", entity, "cover.open_cover", {}, "cover.close_cover")
        yield PriorityLimiter(f"close the {name}", entity, "cover.close_cover", {}, "cover.open_cover")
        return
    on, off = f"{entity.domain}.turn_on", f"{entity.domain}.turn_off"
    yield PriorityLimiter(f"turn on the {name}", entity, on, {}, off)
    yield PriorityLimiter(f"turn {name} off", entity, off, {}, on)
    yield PriorityLimiter(f"switch on {name}", entity, on, {}, off)
    yield PriorityLimiter(f"switch the {name} off", entity, off, {}, on)
    yield PriorityLimiter(f"turn on {name}", entity, on, {}, off)
    yield PriorityLimiter(f"turn the {name} off", entity, off, {}, on)
    if entity.domain == "light":
        yield PriorityLimiter(
            f"set {name} brightness to {percent} percent", entity, on, {"brightness_pct": percent}, off
        )
        yield PriorityLimiter(f"set the {name} to {percent}% brightness", entity, on, {"brightness_pct": percent}, off)


def house(size: int) -> Home:
    return enlarged(Home(HomeVersion("house", 0, 0)), size)


def lines(home: Home) -> list[PriorityLimiter]:
    rng = random.Random(2)
    entities = [entity for entity in home.entities if entity.domain in DOMAINS]
    rng.shuffle(entities)
    all_forms = [list(forms(entity, 10 + number % 80)) for number, entity in enumerate(entities)]
    mixed = [form[turn] for turn in range(8) for form in all_forms if turn < len(form)]
    return mixed[:SENTENCES]


class Agent:
    """Home Assistant's own conversation agent, asked as its pages do."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._changed = asyncio.Event()
        self._states: dict[str, State] = {}

    async def follow(self) -> None:
        await (await self._socket.send({"type": "subscribe_entities"}, self._heard))
        await self._socket.ask({"type": "conversation/prepare", "language": "en"})

    async def say(self, line: PriorityLimiter) -> float | None:
        """Milliseconds until the state is there; None where it was not understood."""
        before = self._states[line.entity.id]
        began = time.perf_counter()
        answer = await self._socket.send({"type": "conversation/process", "text": line.text, "language": "en"})
        expected = expectation(line.service, line.entity.id, line.data, before)
        assert expected
        try:
            async with asyncio.timeout(WITHIN):
                while not expected(self._states[line.entity.id]):
                    self._changed.clear()
                    await self._changed.wait()
            took = (time.perf_counter() - began) * 1000
        except TimeoutError:
            took = None
        await answer
        return took

    def _heard(self, event: Any) -> None:
        for entity, row in (event.get("a") or {}).items():
            self._states[entity] = whole(row)
        for entity, diff in (event.get("c") or {}).items():
            self._states[entity] = changed(self._states[entity], diff)
        self._changed.set()


async def ours(session: Any, line: PriorityLimiter) -> float | None:
    """Milliseconds from the sentence to the confirmed state; None where another thing or nothing was done."""
    record = await session.ask(line.text)
    done = [effect for effect in record.effects if effect.entity == line.entity.id and effect.confirmed]
    if not done or len(record.effects) != 1:
        return None
    end = max(span.end for span in record.spans if span.stage == "act")
    return float(end - record.speech_end) * 1000


async def compare(process: HomeAssistantProcess, sentences: Sequence[PriorityLimiter]) -> dict[str, Any]:
    os.environ[VARIABLE] = process.token
    overrides: dict[str, dict[str, Any]] = {
        "home": {"home_assistant": {"url": process.url}},
        "system": {"data": Path("-")},
    }
    async with (
        open_assistant(read_settings(None, overrides)) as assistant,
        HomeAssistant(process.url, lambda: process.token) as hand,
        aiohttp.ClientSession() as http,
    ):
        await assistant.warm()
        socket = await connect(http, process.url, process.token)
        listening = asyncio.create_task(socket.listen())
        agent = Agent(socket)
        await agent.follow()
        rows = await _both(assistant, agent, hand, sentences)
        sayable = await renames(process, assistant, sentences)
        listening.cancel()
    known = [(mine, its) for mine, its in rows if mine is not None and its is not None]
    mine, its = [m for m, _ in known], [i for _, i in known]
    found = {"ours": spread(mine, 3), "conversation_agent": spread(its, 3)}
    return {
        **found,
        "rename_sayable": sayable,
        "ratio_p50": round(found["ours"]["p50"] / found["conversation_agent"]["p50"], 3),
        "sentences": len(rows),
        "not_understood_by_us": sum(m is None for m, _ in rows),
        "not_understood_by_it": sum(i is None for _, i in rows),
    }


async def _both(
    assistant: Assistant, agent: Agent, hand: HomeAssistant, sentences: Sequence[PriorityLimiter]
) -> list[tuple[float | None, float | None]]:
    """The first says it first half of the time, so that none profits from what the other has warmed."""
    session = assistant.session(nowhere.Sink())
    rows: list[tuple[float | None, float | None]] = []
    for number, line in enumerate(sentences):
        took: dict[str, float | None] = {}
        for who in ("us", "it") if number % 2 else ("it", "us"):
            await hand.perform(Action(line.undo, (line.entity.id,)))
            await asyncio.sleep(0.01)
            took[who] = await (ours(session, line) if who == "us" else agent.say(line))
        rows.append((took["us"], took["it"]))
    return rows


async def renames(
    process: HomeAssistantProcess, assistant: Assistant, sentences: Sequence[PriorityLimiter]
) -> dict[str, float]:
    """A device is renamed in Home Assistant, until a sentence with the new name has done something."""
    admin, session, times = process.admin(), assistant.session(nowhere.Sink()), []
    lamps = [line.entity.id for line in sentences if line.service == "light.turn_on"][:RENAMES]
    for number, lamp in enumerate(lamps):
        changes = assistant.backend.changes()
        began = time.perf_counter()
        await asyncio.to_thread(admin.change, lamp, {"name": f"Moon Lantern {number}"})
        while assistant.backend.home.by_id[lamp].name != f"Moon Lantern {number}":
            await anext(changes)
        record = await session.ask(f"turn on moon lantern {number}")
        if [effect.entity for effect in record.effects if effect.confirmed] != [lamp]:
            raise RuntimeError(f"not sayable: {record.transcript}: {record.reply}")
        times.append((time.perf_counter() - began) * 1000)
        changes.close()
    admin.close()
    return dict(spread(times, 3))


def furnish(process: HomeAssistantProcess, home: Home) -> None:
    """Areas, and which device stands where."""
    admin = process.admin()
    areas = {area.id: admin.area(area.name) for area in home.areas}
    for entity in home.entities:
        if entity.area and entity.domain in DOMAINS:
            admin.change(entity.id, {"area_id": areas[entity.area]})
    admin.close()


def main() -> None:
    found: dict[str, Any] = {}
    for size in SIZES:
        home = house(size)
        rows = [
            {"name": e.name, "domain": e.domain if e.domain in (*DOMAINS, "lock") else "light"} for e in home.entities
        ]
        home = home.changed(entities=tuple(_placed(entity) for entity in home.entities))
        with (
            tempfile.TemporaryDirectory() as folder,
            HomeAssistantProcess(Path(folder) / "config", rows, integrations=()) as process,
        ):
            furnish(process, home)
            found[f"{size}_entities"] = asyncio.run(compare(process, lines(home)))
            found["home_assistant"] = process.version
        print(json.dumps(found[f"{size}_entities"], indent=1))
    save("conversation", found, real(), ("aiohttp", "home-assistant-intents"))


def _placed(entity: Entity) -> Entity:
    """What the test house makes of it: its other devices are lamps."""
    if entity.domain in (*DOMAINS, "lock"):
        return entity
    slugged = entity.id.split(".", 1)[1]
    return Entity(f"light.{slugged}", entity.name, entity.area)


if __name__ == "__main__":
    main()
