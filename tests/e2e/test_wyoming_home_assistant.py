"""A real Home Assistant uses us by its own Wyoming integration: nothing of ours is installed there."""

from __future__ import annotations

import asyncio
import io
import json
import time
import urllib.request
import wave
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from repartee.engines.home.home_assistant import HomeAssistant
from tests.fakes.assistant import RATE, fake_assistant
from tests.fakes.wyoming import door, speech
from tests.homes.fixtures import absent
from tests.homes.home_assistant import Admin, HomeAssistantProcess
from tests.homes.install import NotInstalled

pytestmark = pytest.mark.real_time
T = TypeVar("T")
WITHIN = 60.0
"""Seconds: its first use of an integration may install what that needs."""
HOUSE = [{"name": f"Lamp {number}", "domain": "light"} for number in range(3)]


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantProcess]:
    try:
        process = HomeAssistantProcess(
            tmp_path_factory.mktemp("wyoming") / "config", HOUSE, "2025.4.4", ("stt", "tts", "assist_pipeline")
        )
    except NotInstalled as error:
        absent(f"no Home Assistant to test with: {error}")
    with process:
        yield process


class Client:
    """HTTP as its pages use it, in threads: our door runs on the loop."""

    def __init__(self, home_assistant: HomeAssistantProcess) -> None:
        self._home_assistant = home_assistant

    async def post(self, path: str, body: bytes | dict[str, Any], **headers: str) -> Any:
        return await asyncio.to_thread(self._post, path, body, headers)

    async def get(self, path: str) -> bytes:
        return await asyncio.to_thread(self._get, self._home_assistant.url + path)

    def _post(self, path: str, body: bytes | dict[str, Any], headers: dict[str, str]) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self._home_assistant.token}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self._home_assistant.url + path, data, sent)  # noqa: S310
        with urllib.request.urlopen(request, timeout=WITHIN) as answer:  # noqa: S310
            return json.load(answer)

    def _get(self, url: str) -> bytes:
        with urllib.request.urlopen(url, timeout=WITHIN) as answer:  # noqa: S310
            data: bytes = answer.read()
            return data


async def added(client: Client, port: int) -> None:
    """As a person does it: Settings, Devices & services, Add integration, Wyoming Protocol, host and port."""
    flow = await client.post("/api/config/config_entries/flow", {"handler": "wyoming"})
    step = await client.post(f"/api/config/config_entries/flow/{flow['flow_id']}", {"host": "127.0.0.1", "port": port})
    assert step["type"] == "create_entry", step
    assert step["title"] == "repartee"


async def entities(admin: Admin, *wanted: str) -> set[str]:
    """Once they are there."""
    limit = time.monotonic() + WITHIN
    while time.monotonic() < limit:
        found = {row["entity_id"] for row in await asyncio.to_thread(admin.ask, "get_states")}
        if found >= set(wanted):
            break
        await asyncio.sleep(0.2)
    return found


async def with_admin(process: HomeAssistantProcess, test: Callable[[Admin, Client], Awaitable[T]]) -> T:
    admin = await asyncio.to_thread(process.admin)
    try:
        return await test(admin, Client(process))
    finally:
        admin.close()


async def test_it_hears_speaks_wakes_and_obeys_through_us(newest: HomeAssistantProcess) -> None:
    home = HomeAssistant(newest.url, lambda: newest.token, confirm_within=5.0)

    async def use(admin: Admin, client: Client) -> None:
        async with fake_assistant(backend=home) as assistant, door(assistant) as port:
            await added(client, port)
            ours = {"stt.repartee", "tts.repartee", "wake_word.repartee", "conversation.repartee"}
            assert await entities(admin, *ours) >= ours
            await obeys(admin)
            await goes_on(admin)
            await hears(client)
            await speaks(client)

    await with_admin(newest, use)


async def obeys(admin: Admin) -> None:
    told = await say(admin, "turn on lamp 1")
    assert told["response"]["response_type"] == "action_done"
    assert await asyncio.to_thread(admin.state, "light.lamp_1") == "on"
    assert told["response"]["speech"]["plain"]["speech"] == "Turned on the light"
    refused = await say(admin, "the quick brown fox")
    assert refused["response"]["response_type"] == "error"


async def goes_on(admin: Admin) -> None:
    """Its conversation id is our conversation."""
    first = await say(admin, "turn on lamp 2", conversation_id="kitchen-talk")
    second = await say(admin, "turn it off", conversation_id=first["conversation_id"])
    assert second["conversation_id"] == first["conversation_id"]
    assert second["response"]["response_type"] == "action_done", second
    assert await asyncio.to_thread(admin.state, "light.lamp_2") == "off"


async def say(admin: Admin, text: str, **more: str) -> Any:
    message = {"text": text, "agent_id": "conversation.repartee", "language": "en", **more}
    return await asyncio.to_thread(admin.ask, "conversation/process", message)


async def hears(client: Client) -> None:
    told = await client.post(
        "/api/stt/stt.repartee",
        speech(),
        **{
            "X-Speech-Content": "format=wav; codec=pcm; sample_rate=16000; bit_rate=16; channel=1; language=en",
            "Content-Type": "audio/wav",
        },
    )
    assert told == {"text": "turn on the lamp", "result": "success"}


async def speaks(client: Client) -> None:
    told = await client.post(
        "/api/tts_get_url",
        {"engine_id": "tts.repartee", "message": "It is on.", "language": "en", "options": {"preferred_format": "wav"}},
    )
    with wave.open(io.BytesIO(await client.get(told["path"]))) as sound:
        assert sound.getframerate() == RATE
        assert sound.getnframes() > 0
