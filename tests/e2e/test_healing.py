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
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import HomeSettings, Settings, System
from tests.fakes.serving import page, serving
from tests.sound import noisy, silence, spoken

pytestmark = pytest.mark.real_time
HERE, THERE = "light.living_room_lamp", "light.desk_lamp"


@asynccontextmanager
async def in_the_living_room() -> AsyncIterator[tuple[Assistant, str]]:
    settings = Settings(system=System(data=Path("-")), home=HomeSettings(area="Living Room"))
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
    async with in_the_living_room() as (assistant, url):
        states = assistant.backend.states
        assert (states[HERE].value, states[THERE].value) == ("on", "on")
        told = await say(url, "turn off the lights", "in the office", pause=0.6)
        (record,) = [message["record"] for message in told if message["type"] == "finished"]
        assert (states[HERE].value, states[THERE].value) == ("on", "off")
        assert record["amended"]
        assert HERE in {action["entity"] for action in record["taken_back"]}
        assert THERE in {action["entity"] for action in record["actions"]}
        first, back, whole = ({action["entity"] for action in m["actions"]} for m in told if m["type"] == "acted")
        assert HERE in first & back
        assert THERE in whole
