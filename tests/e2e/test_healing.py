"""A sentence with a pause in it, spoken at the pace of life: what is done of its beginning is amended to the whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.home_settings import HomeAssistantSettings, HomeSettings
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Audio, Settings, System
from tests.fakes.serving import page, serving
from tests.homes.home_assistant import Admin, HomeAssistantProcess
from tests.sound import noisy, silence, spoken

pytestmark = pytest.mark.real_time
PAUSE = 1.0
"""Seconds: longer than what is waited for, and within the moment in which a sentence may go on."""
HERE, THERE = "light.living_room_lamp", "light.desk_lamp"


@asynccontextmanager
async def living_in(home: HomeSettings) -> AsyncIterator[tuple[Assistant, str]]:
    """Without echo cancellation: the person of these tests has our own voice, which it takes out of what is heard."""
    settings = Settings(system=System(data=Path("-")), home=home, audio=Audio(echo="none"))
    async with open_assistant(settings) as assistant:
        await assistant.warm()
        async with serving(assistant) as url:
            yield assistant, url


async def say(url: str, *parts: str, pause: float) -> list[dict[str, Any]]:
    """All that the page is told until a second after the last turn."""
    sound = [silence(0.4)]
    for part in parts:
        sound += [spoken(part), silence(pause)]
    samples = noisy(np.concatenate([*sound, silence(4)]))
    async with page(url) as one:
        await one.send(type="listen")
        reading = asyncio.create_task(one.until("finished", 90))
        begun = asyncio.get_running_loop().time()
        for at in range(0, len(samples), 320):
            await one.socket.send(samples[at : at + 320].astype("<i2").tobytes())
            await asyncio.sleep(max(0.0, begun + at / 16_000 - asyncio.get_running_loop().time()))
        await one.send(type="end")
        await reading
        with suppress(TimeoutError):
            await one.until("started", 1)  # another turn
        return one.told


async def test_the_lights_here_come_back_and_those_in_the_office_go_off() -> None:
    async with living_in(HomeSettings(area="Living Room")) as (assistant, url):
        states = assistant.backend.states
        assert (states[HERE].value, states[THERE].value) == ("on", "on")
        told = await say(url, "turn off the lights", "in the office", pause=PAUSE)
        (record,) = [message["record"] for message in told if message["type"] == "finished"]
        assert (states[HERE].value, states[THERE].value) == ("on", "off")
        assert record["amended"]
        assert HERE in {action["entity"] for action in record["taken_back"]}
        assert THERE in {action["entity"] for action in record["actions"]}
        first, back, whole = ({action["entity"] for action in m["actions"]} for m in told if m["type"] == "acted")
        assert HERE in first & back
        assert THERE in whole


async def test_a_real_home_assistant_sees_them_go_off_and_come_back(
    home_assistant: HomeAssistantProcess, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPARTEE_TEST_TOKEN", home_assistant.token)
    here, there = "light.lamp_12", "light.lamp_13"
    for lamp, room in ((here, "Parlour"), (there, "Library")):
        admin.change(lamp, {"area_id": admin.area(room)})
        admin.call("light.turn_on", lamp)
    server = HomeAssistantSettings(url=home_assistant.url, token="env:REPARTEE_TEST_TOKEN")  # noqa: S106  # a name
    async with living_in(HomeSettings(home_assistant=server, area="Parlour")) as (assistant, url):
        states, seen = assistant.backend.states, list[tuple[str | None, str | None]]()

        async def watch() -> None:
            async for _ in assistant.backend.changes():
                now = states[here].value, states[there].value
                seen.extend([now] if now not in seen[-1:] else [])

        watching = asyncio.create_task(watch())
        told = await say(url, "turn off the lights", "in the library", pause=PAUSE)
        watching.cancel()
        (record,) = [message["record"] for message in told if message["type"] == "finished"]
        assert record["amended"]
        assert seen[-3:] == [("off", "on"), ("on", "on"), ("on", "off")]
    assert (admin.state(here), admin.state(there)) == ("on", "off")
