"""The MCP door, with the SDK's own client: over HTTP in both generations of the protocol, and over stdio."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from repartee.app.doors.access import FILE, Scope, TokenFile
from repartee.app.doors.server import Address
from repartee.assembly.assistant import Assistant
from repartee.assembly.door_settings import DoorSettings, McpSettings
from repartee.assembly.settings import ConfirmationSettings
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
TOKEN = "a token of some length"  # noqa: S105  # nobody's
MODES = ["auto", "legacy"]


def with_mcp(assistant: Assistant, **confirmation: Any) -> Assistant:
    update = {"doors": DoorSettings(mcp=McpSettings(on=True)), "confirmation": ConfirmationSettings(**confirmation)}
    return replace(assistant, settings=assistant.settings.model_copy(update=update))


class Person:
    """At the client: answers what is asked."""

    def __init__(self, answer: str | None) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: Any) -> types.ElicitResult:
        self.asked.append(params.message)
        if self._answer is None:
            return types.ElicitResult(action="decline")
        return types.ElicitResult(action="accept", content={"answer": self._answer})


@asynccontextmanager
async def connected(url: str, token: str, person: Person | None, mode: str = "auto") -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(f"{url}mcp", http_client=http), elicitation_callback=person, mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def agent(
    person: Person | None = None, mode: str = "auto", **confirmation: Any
) -> AsyncIterator[tuple[Client, Assistant]]:
    async with (
        fake_assistant(backend=RecordingHome()) as assistant,
        serving(with_mcp(assistant, **confirmation), Address(port=0, token=TOKEN)) as url,
        connected(url, TOKEN, person, mode) as client,
    ):
        yield client, assistant


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool answers. An error is its text."""
    told = await client.call_tool(tool, arguments)
    text = told.content[0].text if told.content and isinstance(told.content[0], types.TextContent) else ""
    return text if told.is_error else told.structured_content or json.loads(text)


def state(assistant: Assistant, entity: str) -> str:
    return assistant.backend.states[entity].value or ""


@pytest.mark.parametrize("mode", MODES)
async def test_an_agent_finds_the_tools_and_switches_the_lamp(mode: str) -> None:
    async with agent(mode=mode) as (client, assistant):
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == {"say", "run", "states", "timers", "explain"}
        told = await call(client, "say", text="turn on the lamp")
        assert (told["understood"], told["reply"]) == (True, "Turned on the light")
        assert told["actions"][0]["confirmed"] is True
        assert state(assistant, "light.lamp") == "on"
        await call(client, "say", text="turn on the lamp", conversation="a")
        await call(client, "say", text="turn it off", conversation="a")
        assert state(assistant, "light.lamp") == "off"
        explained = await call(client, "explain", turn=told["turn"])
        assert explained


@pytest.mark.parametrize("mode", MODES)
async def test_a_lock_asks_a_person_and_does_what_that_says(mode: str) -> None:
    for answer, after in (("yes", "unlocked"), ("no", "locked"), (None, "locked")):
        person = Person(answer)
        async with agent(person, mode) as (client, assistant):
            told = await call(client, "say", text="unlock the front door")
            assert len(person.asked) == 1
            assert "Front door" in person.asked[0]
            assert state(assistant, "lock.front_door") == after
            assert told["question"] is None
            person.asked.clear()
            done = await call(client, "run", calls=[{"service": "lock.unlock", "entities": ["lock.front_door"]}])
            assert len(person.asked) == 1
            assert state(assistant, "lock.front_door") == after
            assert ("effects" in done) == (answer == "yes")


async def test_without_a_person_to_ask_a_lock_stays_and_the_agent_can_not_say_yes_itself() -> None:
    async with agent() as (client, assistant):
        await call(client, "say", text="unlock the front door", conversation="a")
        await call(client, "say", text="yes", conversation="a")
        refused = await call(client, "run", calls=[{"service": "lock.unlock", "entities": ["lock.front_door"]}])
        assert "a person must agree" in refused
        assert state(assistant, "lock.front_door") == "locked"


async def test_a_pin_is_asked_of_the_person_and_a_wrong_one_opens_nothing() -> None:
    unlock = [{"service": "lock.unlock", "entities": ["lock.front_door"]}]
    for pin, after in (("0000", "locked"), ("1234", "unlocked")):
        async with agent(Person(pin), pin="1234") as (client, assistant):
            await call(client, "run", calls=unlock)
            assert state(assistant, "lock.front_door") == after


async def test_what_is_forbidden_is_refused_whatever_a_person_says() -> None:
    async with agent(Person("yes"), never=["lock.unlock"]) as (client, assistant):
        refused = await call(client, "run", calls=[{"service": "lock.unlock", "entities": ["lock.front_door"]}])
        assert isinstance(refused, str)
        await call(client, "say", text="unlock the front door")
        assert state(assistant, "lock.front_door") == "locked"


async def test_states_timers_and_resources() -> None:
    async with agent() as (client, _):
        told = await call(client, "states", domain="light")
        assert [one["id"] for one in told["entities"]] == ["light.lamp"]
        assert "no area 'Cellar'" in await call(client, "states", area="Cellar")
        assert "no light.moon" in await call(client, "states", entities=["light.moon"])
        await call(client, "say", text="set a timer for ten minutes")
        assert (await call(client, "timers"))["entities"]
        for name in ("home", "household", "figures"):
            read = await client.read_resource(f"repartee://{name}")
            assert isinstance(read.contents[0], types.TextResourceContents)
            assert json.loads(read.contents[0].text)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("say", {}),
        ("say", {"text": 7}),
        ("say", {"text": ""}),
        ("say", {"text": "x" * 2000}),
        ("say", {"text": "turn on the lamp", "area": "Cellar"}),
        ("run", {"calls": []}),
        ("run", {"calls": "all"}),
        ("run", {"calls": [{"service": "turn on", "entities": ["light.lamp"]}]}),
        ("run", {"calls": [{"service": "light.turn_on", "entities": ["light.moon"]}]}),
        ("run", {"calls": [{"service": "light.turn_on", "entities": ["light.lamp"], "surprise": 1}]}),
        ("states", {"entities": 7}),
        ("explain", {"turn": "none"}),
    ],
)
async def test_wrong_arguments_are_told_and_nothing_is_done(tool: str, arguments: dict[str, Any]) -> None:
    async with agent() as (client, assistant):
        assert isinstance(await call(client, tool, **arguments), str)
        assert isinstance(assistant.backend, RecordingHome)
        assert not assistant.backend.performed
        assert (await call(client, "say", text="turn on the lamp"))["understood"]


async def test_a_token_that_may_not_act_gets_nowhere_and_one_that_may_sees_no_figures(tmp_path: Path) -> None:
    kept = TokenFile(tmp_path / FILE)
    listen, act = kept.add("ears", [Scope.LISTEN]), kept.add("hands", [Scope.ACT])
    async with (
        fake_assistant() as assistant,
        serving(with_mcp(assistant), Address(port=0, tokens=kept)) as url,
    ):
        async with httpx2.AsyncClient() as http:
            for token, status in ((listen, 403), ("wrong", 401)):
                answer = await http.post(f"{url}mcp", headers={"authorization": f"Bearer {token}"}, json={})
                assert answer.status_code == status
        async with connected(url, act, None) as client:
            turn = (await call(client, "say", text="turn on the lamp"))["turn"]
            assert "admin" in await call(client, "explain", turn=turn)


async def test_over_standard_input_and_output(tmp_path: Path) -> None:
    config = tmp_path / "repartee.toml"
    config.write_text('[system]\ndata = "-"\n')
    start = "from repartee.app.cli import main; main()"
    command = StdioServerParameters(
        command=sys.executable, args=["-c", start, "mcp", "--config", str(config)], env=dict(os.environ)
    )
    async with Client(command) as client:
        assert (await call(client, "say", text="turn on the bed light"))["understood"]
