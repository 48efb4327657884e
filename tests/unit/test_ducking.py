"""Holding our tongue: in a simulated room on virtual time, with the real canceller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
from bench.room import Room, response

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.conversation import Conversation
from repartee.core.turn import INTERRUPTED
from repartee.engines.echo.kalman import Engine
from repartee.engines.vad import silero
from repartee.session import Ear, Session
from repartee.stages.audio_in.ducking import GOES_ON, LONGEST, Ducking
from repartee.stages.audio_in.echo import EchoCancelled, Loudspeaker
from repartee.stages.audio_in.endpointer import Endpointing
from tests import sound
from tests.house import House

BEGIN = 4.0


async def said_over(room: Room, noise: sound.Samples) -> list[tuple[float, bool]]:
    """While we say something for ten seconds, `noise` sounds at `BEGIN`; when we were held and when we went on."""
    canceller = Engine()
    loudspeaker = Loudspeaker(room, canceller)
    begin = int(BEGIN * SAMPLE_RATE)
    room.person[begin : begin + len(noise)] = noise

    async def talk() -> None:
        await asyncio.sleep(1.0)
        for _ in range(6):
            for at in range(0, len(words := sound.spoken("it is twenty past three")), 1600):
                await loudspeaker.play(AudioChunk(words[at : at + 1600], SAMPLE_RATE, 0.0))

    talking, changes, held = asyncio.create_task(talk()), list[tuple[float, bool]](), False
    async for _ in Ducking(EchoCancelled(room, loudspeaker, canceller), loudspeaker):
        if loudspeaker.held != held:
            held = not held
            changes.append((room.now(), held))
    talking.cancel()
    return changes


def thump(seconds: float) -> sound.Samples:
    return np.random.default_rng(1).normal(0, 3000, int(seconds * SAMPLE_RATE)).astype(np.int16)


def room() -> Room:
    return Room(response(0.05, -30, 0.3, seed=1), 9)


async def test_a_door_holds_us_at_once_and_then_we_go_on() -> None:
    (held, _), (on, _) = await said_over(room(), thump(0.15))
    assert 0 < held - BEGIN < 0.15
    assert GOES_ON - 0.05 < on - BEGIN - 0.15 < GOES_ON + 0.4  # the room rings on


async def test_a_machine_does_not_hold_us_for_ever_nor_make_us_stutter() -> None:
    (held, _), (on, _) = await said_over(room(), thump(4.0))
    assert abs(on - held - LONGEST) < 0.1


async def test_nobody_holds_us_and_we_speak_on() -> None:
    assert await said_over(room(), thump(0.0)) == []


async def test_somebody_is_let_speak() -> None:
    """The whole session: the reply is silent before it is known that somebody speaks, and is not taken up again."""
    house = House("what time is it")
    ear = Ear(silero.Engine, Endpointing(), echo=Engine)
    room = Room(response(0.05, -30, 0.3, seed=1), 12)
    session = Session(house.services, ear, room, Conversation(), house.records.append)
    words = sound.spoken("turn on the lamp")
    room.person[SAMPLE_RATE : SAMPLE_RATE + len(words)] = words
    house.voice = Talker()
    over = int(5.0 * SAMPLE_RATE)
    room.person[over : over + len(words)] = words
    first, _ = [record async for record in session.listen(room)]
    assert first.error == INTERRUPTED
    assert 0 < room.stopped[0] - 5.0 < 0.15
    assert room.holds == 1


class Talker:
    """Says one sentence for ten seconds."""

    async def warm(self) -> None:
        """Ready."""

    def close(self) -> None:
        """Nothing to give back."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        words = sound.spoken("it is twenty past three")
        for _ in range(8):
            yield AudioChunk(words, SAMPLE_RATE, 0.0)
