"""The real assistant behind the real socket, spoken to at the pace of life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from tests.fakes.serving import Page, page, serving
from tests.sound import Samples, silence, spoken, utterance

pytestmark = pytest.mark.real_time
LIGHT = "light.hallway_light"
CROWD = 90.0
"""Seconds that a crowd of people may take on two cores."""
COMMAND = "turn off the hallway light"


@asynccontextmanager
async def real() -> AsyncIterator[tuple[Assistant, str]]:
    async with open_assistant(Settings(system=System(data=Path("-")))) as assistant:
        await assistant.warm()
        async with serving(assistant) as url:
            yield assistant, url


async def say(one: Page, sound: Samples) -> None:
    """As a microphone sends it: a frame every 20 ms."""
    for at in range(0, len(sound), 320):
        await one.socket.send(sound[at : at + 320].astype("<i2").tobytes())
        await asyncio.sleep(0.02)


async def command(url: str, sound: Samples) -> dict[str, Any]:
    async with page(url) as one:
        await one.send(type="listen")
        saying = asyncio.create_task(say(one, sound))
        record: dict[str, Any] = (await one.until("finished", CROWD))["record"]
        assert one.sound or record["error"]
        saying.cancel()
        return record


async def test_a_command_is_heard_acted_on_and_answered() -> None:
    async with real() as (assistant, url):
        record = await command(url, utterance(COMMAND, 0.3, 3)[0])
        assert (record["decision"], record["pace"], record["error"]) == ("acted", "realtime", None)
        assert assistant.backend.states[LIGHT].value == "off"
        assert {span["stage"] for span in record["spans"]} >= {"listen", "hear", "understand", "act", "speak"}


@pytest.mark.parametrize(
    ("text", "reply", "service"),
    [
        ("turn off the hallway light in one minute", "In 1 minute", "timer.start"),
        ("turn off the hallway light at ten", "10:00", "household.schedule"),
    ],
)
async def test_a_spoken_time_is_kept_and_nothing_is_done_now(text: str, reply: str, service: str) -> None:
    async with real() as (assistant, url):
        before = assistant.backend.states[LIGHT].value
        record = await command(url, utterance(text, 0.3, 3)[0])
        assert reply.lower() in record["reply"].lower()
        assert [action["service"] for action in record["actions"]] == [service]
        assert assistant.backend.states[LIGHT].value == before


async def test_the_release_of_the_button_ends_the_turn() -> None:
    async with real() as (assistant, url), page(url) as one:
        await one.send(type="listen")
        await say(one, np.concatenate([silence(0.3), spoken(COMMAND)]))
        await one.send(type="end")
        record = (await one.until("finished"))["record"]
        assert (record["wait_class"], record["decision"]) == ("released", "acted")
        assert assistant.backend.states[LIGHT].value == "off"


async def test_who_vanishes_in_the_middle_of_a_word_has_said_nothing() -> None:
    words = spoken(COMMAND)
    async with real() as (assistant, url):
        async with page(url) as one:
            await one.send(type="listen")
            await say(one, np.concatenate([silence(0.3), words[: len(words) * 9 // 10]]))
            one.socket.transport.abort()
        await command(url, utterance("turn on the counter light", 0.3, 3)[0])
        assert assistant.backend.states[LIGHT].value == "on"


async def test_nothing_but_silence_is_a_turn_of_silence() -> None:
    async with real() as (_, url), page(url) as one:
        await one.send(type="listen")
        await say(one, silence(1.0))
        await one.send(type="end")
        assert (await one.until("finished"))["record"]["decision"] == "silence"


@pytest.mark.full
async def test_twenty_people_at_once_are_all_answered() -> None:
    sound = utterance(COMMAND, 0.3, 8)[0]
    async with real() as (assistant, url):
        records = await asyncio.gather(*(command(url, sound) for _ in range(20)))
        assert len({record["turn"] for record in records}) == 20
        assert all(record["reply"] for record in records)
        assert assistant.backend.states[LIGHT].value == "off"
