"""Every loudspeaker: held it is silent and nobody is hurried on; it goes on where it stopped, or never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from bench.room import Room, response

from repartee.core.audio import AudioChunk
from repartee.core.channel import Channel
from repartee.core.clock import LiveClock
from repartee.core.ports import AudioSink
from repartee.engines.audio import browser, fake, nowhere
from repartee.engines.echo.kalman import Engine
from repartee.stages.audio_in.echo import Loudspeaker

HELD = 5.0
LIVE: dict[str, Callable[[], AudioSink]] = {
    "browser": lambda: browser.Sink(Channel(1000), asyncio.get_running_loop().time),
    "fake": fake.Sink,
    "loudspeaker": lambda: loudspeaker(),
    "room": lambda: Room(response(0.1, -6, 0.3, seed=0), 60),
}
SINKS = LIVE | {"nowhere": nowhere.Sink}


def loudspeaker() -> Loudspeaker:
    made = Loudspeaker(fake.Sink(), Engine())
    made.open(LiveClock(asyncio.get_running_loop().time))
    return made


def hum(seconds: float) -> AudioChunk:
    return AudioChunk(np.full(round(seconds * 16_000), 1000, np.int16), 16_000, 0.0)


async def say(sink: AudioSink, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        await sink.play(hum(0.1))
    await sink.drain()


@pytest.mark.parametrize("name", LIVE)
async def test_what_is_held_is_heard_later(name: str) -> None:
    sink = LIVE[name]()
    loop = asyncio.get_running_loop()
    saying = asyncio.create_task(say(sink, 2.0))
    await asyncio.sleep(1.0)
    sink.hold()
    sink.hold()
    await asyncio.sleep(HELD)
    assert not saying.done()
    sink.resume()
    sink.resume()
    resumed = loop.time()
    await saying
    assert loop.time() - resumed >= 0.95


@pytest.mark.parametrize("name", SINKS)
async def test_a_stop_ends_it_and_the_next_sentence_is_heard(name: str) -> None:
    sink = SINKS[name]()
    saying = asyncio.create_task(say(sink, 2.0))
    await asyncio.sleep(1.0)
    sink.hold()
    saying.cancel()
    sink.stop()
    await asyncio.wait_for(say(sink, 1.0), 4.0)


@pytest.mark.parametrize("name", SINKS)
async def test_who_was_not_held_need_not_go_on(name: str) -> None:
    sink = SINKS[name]()
    sink.resume()
    await asyncio.wait_for(say(sink, 1.0), 4.0)


async def test_the_page_is_told() -> None:
    outbox: browser.Outbox = Channel(1000)
    sink = browser.Sink(outbox, asyncio.get_running_loop().time)
    sink.hold()
    assert not len(outbox)
    await sink.play(hum(0.1))
    sink.hold()
    sink.resume()
    told = [item for item in outbox._items if isinstance(item, str)]
    assert ["hold" in told[1], "resume" in told[2]] == [True, True]
