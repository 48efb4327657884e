"""Our own voice in our own microphone, in a simulated room on virtual time; the gate is the real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from bench.room import Room, response

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.engines.audio import fake, nowhere
from repartee.engines.echo.kalman import Engine
from repartee.engines.vad import silero
from repartee.stages.audio_in.echo import EchoCancelled, Loudspeaker
from repartee.stages.audio_in.endpointer import Endpointer, Endpointing
from tests import sound

SAYING = ("turned on the kitchen lights", "it is twenty past three", "the front door is locked")


def chunks(samples: sound.Samples) -> list[AudioChunk]:
    return [AudioChunk(samples[at : at + 1600], SAMPLE_RATE, 0.0) for at in range(0, len(samples), 1600)]


async def heard(room: Room, *, cancel: bool, interrupt: bool = False) -> list[float]:
    """Seconds at which somebody seems to begin to speak while we say our sentences, twice."""
    canceller = Engine()
    loudspeaker = Loudspeaker(room, canceller)
    ear = Endpointer(EchoCancelled(room, loudspeaker, canceller) if cancel else room, silero.Engine(), Endpointing())

    async def talk() -> None:
        for text in SAYING * 2:
            for chunk in chunks(sound.spoken(text)):
                await loudspeaker.play(chunk)
            await loudspeaker.drain()
            await asyncio.sleep(0.5)

    talking, onsets = asyncio.create_task(talk()), []
    while await ear.onset():
        onsets.append(room.now())
        ear._take_recent()
        if interrupt:
            talking.cancel()
            loudspeaker.stop()
    talking.cancel()
    return onsets


@pytest.mark.parametrize("delay", [0.02, 0.2])
async def test_we_do_not_hear_ourselves(delay: float) -> None:
    assert await heard(Room(response(delay, -6, 0.3, seed=1), 16), cancel=False)
    assert await heard(Room(response(delay, -6, 0.3, seed=1), 16), cancel=True) == []


async def test_somebody_else_is_heard_over_us_and_silences_us() -> None:
    room = Room(response(0.1, -6, 0.3, seed=2), 16)
    words = sound.spoken("stop it please")
    begin = 6 * SAMPLE_RATE
    room.person[begin : begin + len(words)] = words
    onsets = await heard(room, cancel=True, interrupt=True)
    assert onsets[0] == pytest.approx(6.15, abs=0.15)
    assert room.stopped[0] == onsets[0]


async def test_with_headphones_nothing_is_taken_from_a_person() -> None:
    room = Room(response(0.1, -200, 0.3, seed=2), 12)
    words = sound.spoken("stop it please")
    room.person[16_000 : 16_000 + len(words)] = words
    assert (await heard(room, cancel=True))[0] == pytest.approx(1.15, abs=0.2)


async def test_the_reference_is_what_plays_and_when() -> None:
    clock = LiveClock(asyncio.get_running_loop().time)
    loudspeaker = Loudspeaker(nowhere.Sink(), Engine())
    await loudspeaker.play(AudioChunk(np.ones(160, np.int16), SAMPLE_RATE, 0.0))
    loudspeaker.open(clock)
    clock.heard(0.0)
    await loudspeaker.play(AudioChunk(np.full(800, 7, np.int16), SAMPLE_RATE, 0.0))
    await loudspeaker.play(AudioChunk(np.full(800, 8, np.int16), SAMPLE_RATE, 0.0))
    assert loudspeaker.between(0, 1600).tolist() == [7] * 800 + [8] * 800
    await asyncio.sleep(1.0)
    await loudspeaker.play(AudioChunk(np.full(8000, 9, np.int16), SAMPLE_RATE, 0.0))
    await asyncio.sleep(0.1)
    loudspeaker.stop()
    playing = loudspeaker.between(1600, 40_000)
    assert set(playing.tolist()) == {0, 9}
    assert np.flatnonzero(playing)[[0, -1]] + 1600 == pytest.approx([16_000, 17_599], abs=1)


async def test_a_microphone_without_playback_is_passed_on_as_it_is() -> None:
    samples = sound.noisy(sound.silence(1), 500)

    class Odd:
        clock = LiveClock(asyncio.get_running_loop().time)

        async def __aiter__(self) -> AsyncIterator[AudioChunk]:
            for at in range(0, len(samples), 333):
                yield AudioChunk(samples[at : at + 333], SAMPLE_RATE, at / SAMPLE_RATE)

    canceller = Engine()
    got = [chunk async for chunk in EchoCancelled(Odd(), Loudspeaker(fake.Sink(), canceller), canceller)]
    assert (np.concatenate([chunk.samples for chunk in got]) == samples).all()
    assert [chunk.start for chunk in got[1:]] == pytest.approx([chunk.end for chunk in got[:-1]])
