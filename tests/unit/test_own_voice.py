"""Our own voice from a page in a room, through the whole session: no turn comes of it, at any loudness and delay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from repartee.assembly.audio_models import AudioModels
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.turn import Started
from repartee.engines.echo.alignment import FURTHEST, Alignment
from repartee.engines.stt import fake as stt
from repartee.session import Session
from tests import sound
from tests.fakes.assistant import still_assistant
from tests.fakes.echoing_page import EchoingPage, Recorded

REPLIES = (
    "turned on the kitchen lights", "it is twenty past three", "the front door is locked", "timer set for ten minutes",
    "the living room lamp is now blue",
)  # fmt: skip
ALL = "all of it"
BLOCK = 256


def voice() -> Recorded:
    """At 16 kHz, in chunks of a tenth of a second."""
    said = {}
    for text in REPLIES:
        samples = sound.spoken(text)
        said[text] = [AudioChunk(samples[at : at + 1600], SAMPLE_RATE, 0.0) for at in range(0, len(samples), 1600)]
    said[ALL] = [chunk for chunks in said.values() for chunk in chunks]
    return Recorded(said)


@asynccontextmanager
async def listening(page: EchoingPage) -> AsyncIterator[Session]:
    """Hands-free: the microphone is open all the time, the detector of speech is the real one."""
    names = {"stt": "fake", "vad": "silero", "tts": "fake", "home": "fake"}
    models = AudioModels(stt.Engine("turn on the lamp"), voice(), names)
    session = replace(still_assistant(), models=models).session(page.sink)

    async def listen() -> None:
        async for _ in session.listen(page.source):
            pass

    tasks = [asyncio.create_task(work) for work in (page.read(), page.hear(60), listen())]
    await asyncio.sleep(1.0)
    yield session
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def turns_of(page: EchoingPage) -> int:
    """That began while nobody but us spoke."""
    async with listening(page) as session:
        events = session.events()
        for text in REPLIES:
            await session.announce(text)
            await asyncio.sleep(0.8)
        told = [await anext(events) for _ in range(len(events))]
    return sum(isinstance(event, Started) for event in told)


@pytest.mark.parametrize(
    ("gain", "delay", "decay", "jitter"),
    [
        (0.3, 0.12, 0.2, 0.03),
        (1.0, 0.4, 0.0, 0.1),
        (1.0, 0.12, 0.3, 0.0),
        pytest.param(0.6, 0.25, 0.3, 0.05, marks=pytest.mark.full),
        pytest.param(1.0, 0.4, 0.2, 0.1, marks=pytest.mark.full),
        pytest.param(0.3, 0.4, 0.3, 0.1, marks=pytest.mark.full),
    ],
)
async def test_no_turn_comes_of_our_own_voice(gain: float, delay: float, decay: float, jitter: float) -> None:
    assert await turns_of(EchoingPage(gain, delay, decay, jitter=jitter, seed=1)) == 0


async def test_somebody_who_speaks_over_a_reply_that_began_late_is_heard() -> None:
    page = EchoingPage(0.5, 0.2, 0.2, jitter=0.08, seed=2)
    async with listening(page) as session:
        for text in REPLIES[:2]:
            await session.announce(text)
            await asyncio.sleep(0.8)
        events = session.events()
        saying = asyncio.create_task(session.announce(ALL))
        await asyncio.sleep(2.0)
        page.person = sound.spoken("stop it please").astype(np.float32)
        assert not await saying, "it was spoken over"
        told = [await anext(events) for _ in range(len(events))]
    assert any(isinstance(event, Started) for event in told)


def blocks(samples: NDArray[np.floating[Any]]) -> Iterator[NDArray[np.float32]]:
    for at in range(0, len(samples) // BLOCK * BLOCK, BLOCK):
        yield samples[at : at + BLOCK].astype(np.float32)


def found(heard: NDArray[np.floating[Any]], expected: NDArray[np.floating[Any]]) -> int | None:
    """Where the echo lies, once it is known."""
    alignment = Alignment()
    lags = (alignment.find(*pair) for pair in zip(blocks(heard), blocks(expected), strict=True))
    return next((lag for lag in lags if lag is not None), None)


@pytest.mark.parametrize("lag", [0, 1, -700, 1500])
def test_an_echo_is_found_where_it_lies(lag: int) -> None:
    expected = np.pad(sound.spoken(REPLIES[0])[: 60 * BLOCK] / 32768, FURTHEST)
    heard = np.roll(expected, lag) * 0.5 + np.random.default_rng(0).normal(0, 0.001, len(expected))
    assert found(heard, expected) == pytest.approx(lag, abs=1)


def test_what_holds_no_echo_is_another_room() -> None:
    expected = np.tile(sound.spoken(REPLIES[0]) / 32768, 3)
    with pytest.raises(LookupError):
        found(np.random.default_rng(0).normal(0, 0.05, len(expected)), expected)
