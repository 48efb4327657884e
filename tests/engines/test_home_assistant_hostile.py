"""Nothing that a Home Assistant says ends the link or the start: nonsense is set aside, the rest of the home works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from repartee.app.doors.views import as_text, home_view
from repartee.core.errors import Unreachable
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.homes.combined import CombinedHome
from tests.hostile import ANYTHING, deep

pytestmark = pytest.mark.real_time

GOOD = '{"s": "on", "a": {"friendly_name": "Lamp", "brightness": 7}}'
STATES = {
    "light.lamp": GOOD,
    "light.endless": '{"s": "on", "a": {"friendly_name": "Endless", "brightness": Infinity, "x": 1e999}}',
    "light.half": '{"s": "on", "a": {"friendly_name": "Half \\ud800"}}',
    "light.deep": '{"s": "on", "a": {"friendly_name": "Deep", "x": ' + deep(100_000) + "}}",
    "light.long": '{"s": "on", "a": {"friendly_name": "' + "x" * 50_000 + '"}}',
    "light.list": "[1, 2]",
    "light.text": '"on"',
    "light.attributes": '{"s": "on", "a": [1]}',
    "sensor.class": '{"s": {"a": 1}, "a": {"device_class": ["temperature"]}}',
    "weather.features": '{"s": "sunny", "a": {"supported_features": "all"}}',
    "light.digits": '{"s": "on", "a": {"brightness": ' + "9" * 5000 + "}}",
}
RESULTS: Mapping[str, Any] = {
    "subscribe_entities": None,
    "config/floor_registry/list": [{"floor_id": "up"}, {"floor_id": 7, "name": ["x"]}, "x"],
    "config/area_registry/list": [
        {"area_id": "kitchen", "name": "Kitchen"}, {"name": "No id"}, 7, {"area_id": "x", "name": "y" * 5000},
    ],
    "config/device_registry/list": [{"id": ["a"]}, None],
    "homeassistant/expose_entity/list": {"exposed_entities": {"light.list": [1]}},
    "homeassistant/expose_new_entities/get": [],
    "config/entity_registry/get_entries": {"light.lamp": {"area_id": "kitchen", "aliases": "Glow"}, "light.half": [1]},
}  # fmt: skip


class Talker:
    """Speaks Home Assistant's protocol, with these states and results; then says whatever it is given."""

    def __init__(self, states: str, results: Mapping[str, Any] = RESULTS) -> None:
        self._states, self._results = states, results
        self.connection: ServerConnection | None = None
        self.subscription = 0

    async def speak(self, connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required", "ha_version": "2025.1.0"}')
        await connection.recv()
        await connection.send('{"type": "auth_ok", "ha_version": "2025.1.0"}')
        async for message in connection:
            request = json.loads(message)
            number, kind = request["id"], request["type"]
            if kind == "ping":
                await connection.send(json.dumps({"id": number, "type": "pong"}))
                continue
            result = self._results.get(kind)
            await connection.send(json.dumps({"id": number, "type": "result", "success": True, "result": result}))
            if kind == "subscribe_entities":
                self.connection, self.subscription = connection, number
                await connection.send(f'{{"id": {number}, "type": "event", "event": {{"a": {self._states}}}}}')

    async def says(self, event: str) -> None:
        assert self.connection
        await self.connection.send(f'{{"id": {self.subscription}, "type": "event", "event": {event}}}')


@asynccontextmanager
async def talking(talker: Talker) -> AsyncIterator[HomeAssistant]:
    async with serve(talker.speak, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield HomeAssistant(f"http://127.0.0.1:{port}", lambda: "")


def states(rows: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(entity)}: {row}" for entity, row in rows.items()) + "}"


async def test_whatever_states_and_registries_say_the_rest_of_the_home_is_there() -> None:
    async with talking(Talker(states(STATES))) as home, home:
        assert home.states["light.lamp"].attributes["brightness"] == 7
        assert home.home.by_id["light.lamp"].area == "kitchen"
        assert [area.id for area in home.home.areas] == ["kitchen"]
        assert {"light.endless", "light.deep", "light.digits"} <= set(home.home.by_id)
        assert home.states["light.endless"].attributes["brightness"] is None
        assert {"light.list", "light.text", "light.attributes", "light.long", "light.half"} <= set(home.set_aside)
        assert "50000 characters" in home.set_aside["light.long"]
        json.loads(as_text(home_view(home.home, home.states)), parse_constant=pytest.fail)


WORDS = [
    "[]", "null", '"x"', "{}", '{"a": []}', '{"a": null, "c": 7, "r": {}}', '{"r": [[1], {}, null]}',
    '{"c": {"light.lamp": {"+": {"a": [1]}}}}', '{"c": {"light.lamp": [1]}}', '{"c": {"light.lamp": {"-": {"a": 7}}}}',
    '{"c": {"light.lamp": {"+": {"a": {"brightness": NaN}}}}}', '{"c": {"light.lamp": {"+": ' + deep(5000) + "}}}",
    '{"c": {"light.lamp": {"+": {"a": {"friendly_name": {"a": 1}}}}}}', '{"a": {"light.lamp": 7}}', deep(100_000),
]  # fmt: skip


async def test_whatever_it_says_later_the_link_holds() -> None:
    talker = Talker(states({"light.lamp": GOOD}), {**RESULTS, "config/entity_registry/get_entries": {}})
    async with talking(talker) as home, home:
        changes = home.changes()
        assert talker.connection
        for word in WORDS:
            await talker.says(word)
        for message in ("", "x", "[1, [2], null]", '{"id": [1]}', '{"id": 1, "type": {}}', '{"id": 7, "success": 0}'):
            await talker.connection.send(message)
        await talker.says('{"a": {"light.lamp": {"s": "off", "a": {"friendly_name": "Moon", "brightness": 9}}}}')
        async with asyncio.timeout(10):
            while home.home.by_id["light.lamp"].name != "Moon":
                await anext(changes)
        assert home.connections == 1, "the link has held"
        assert home.trouble is None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.dictionaries(st.sampled_from("acr"), ANYTHING | st.dictionaries(st.just("light.lamp"), ANYTHING))))
def test_any_event_at_all(events: Sequence[Mapping[str, Any]]) -> None:
    asyncio.run(played(events))


async def played(events: Sequence[Mapping[str, Any]]) -> None:
    talker = Talker(states({"light.lamp": GOOD}), {**RESULTS, "config/entity_registry/get_entries": {}})
    async with talking(talker) as home, home:
        changes = home.changes()
        for event in events:
            await talker.says(json.dumps(event, default=str, skipkeys=True))
        await talker.says('{"a": {"light.end": ' + GOOD + "}}")
        async with asyncio.timeout(10):
            while "light.end" not in home.states:
                await anext(changes)
        assert home.connections == 1
        json.loads(as_text(home_view(home.home, home.states)), parse_constant=pytest.fail)


@pytest.mark.parametrize("hello", ["[]", "[[]]", '"auth_required"', "7", "null", "NaN", deep(5000), "{"])
async def test_a_hello_that_is_none_is_said_and_tried_again(hello: str) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(hello)

    async with serve(speak, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        home = HomeAssistant(f"http://127.0.0.1:{port}", lambda: "")
        with pytest.raises(Unreachable):
            await home.__aenter__()
        async with CombinedHome({"home_assistant": home}, patient=True) as patient:
            assert "hello" in patient.troubles["home_assistant"]
