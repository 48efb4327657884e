"""Sound as bad microphones give it: what was said is found all the same, and nothing is made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import FastClock
from repartee.engines.stt.moonshine import Engine
from repartee.engines.vad import silero
from repartee.stages.audio_in.endpointer import TOO_LONG, Endpoint, Endpointer, Endpointing
from repartee.stages.audio_in.noise_gate import GatedVad
from tests import sound

pytestmark = pytest.mark.real_time
SAID = "turn on the kitchen lights"


class Source:
    """Samples as fast as they are asked for; `jumps`: (sample, seconds) at which the stream's time jumps ahead."""

    def __init__(self, samples: sound.Samples, jumps: tuple[tuple[int, float], ...] = ()) -> None:
        self._samples, self._jumps = samples, jumps
        self.clock = FastClock(asyncio.get_running_loop().time)

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        for at in range(0, len(self._samples), 320):
            ahead = sum(seconds for sample, seconds in self._jumps if at >= sample)
            await asyncio.sleep(0)
            yield AudioChunk(self._samples[at : at + 320], SAMPLE_RATE, at / SAMPLE_RATE + ahead)


async def utterances(source: Source, timing: Endpointing | None = None) -> list[tuple[Endpoint, list[AudioChunk]]]:
    ear, found = Endpointer(source, GatedVad(silero.Engine()), timing or Endpointing()), []
    while await ear.onset():
        endpoint = Endpoint()
        found.append((endpoint, [chunk async for chunk in ear.utterance(endpoint)]))
    return found


async def words(chunks: list[AudioChunk]) -> str:
    async def audio() -> AsyncIterator[AudioChunk]:
        for chunk in chunks:
            yield chunk

    engine = Engine()
    try:
        return [hearing async for hearing in engine.transcribe(audio(), None)][-1].text.lower()
    finally:
        engine.close()


def clipped(samples: sound.Samples) -> sound.Samples:
    """Peaks cut at a third."""
    return np.clip(samples.astype(np.int32), -5000, 5000).astype(np.int16)


def offset(samples: sound.Samples) -> sound.Samples:
    return np.clip(samples.astype(np.int32) + 4000, -32767, 32767).astype(np.int16)


def humming(samples: sound.Samples) -> sound.Samples:
    hum = 1500 * np.sin(2 * np.pi * 50 * np.arange(len(samples)) / SAMPLE_RATE)
    hummed: sound.Samples = np.clip(samples + hum, -32767, 32767).astype(np.int16)
    return hummed


def clicking(samples: sound.Samples) -> sound.Samples:
    """A click of two samples every half second."""
    clicks = samples.copy()
    for at in range(4000, len(clicks) - 2, SAMPLE_RATE // 2):
        clicks[at : at + 2] = (30_000, -30_000)
    return clicks


SPOILT = [clipped, offset, humming, clicking]


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_command_is_found_whatever_the_microphone_does(spoil: Callable[[sound.Samples], sound.Samples]) -> None:
    samples, end = sound.utterance(SAID, before=1.5, after=1.5)
    ((endpoint, chunks),) = await utterances(Source(spoil(samples)))
    near = 0.35 if spoil is humming else 0.25  # hum raises the floor over the soft end of a word
    assert endpoint.speech_end == pytest.approx(end, abs=near)
    assert "kitchen" in await words(chunks)


@pytest.mark.parametrize("spoil", [offset, humming, clicking])
async def test_a_bad_microphone_in_an_empty_room_says_nothing(spoil: Callable[[sound.Samples], sound.Samples]) -> None:
    assert await utterances(Source(spoil(sound.noisy(sound.silence(6))))) == []


async def test_talk_without_a_pause_is_ended_and_what_follows_is_heard() -> None:
    talk = np.concatenate([sound.spoken(SAID)] * 24)
    assert len(talk) > 30 * SAMPLE_RATE
    found = await utterances(Source(np.concatenate([sound.silence(0.5), talk, sound.silence(1.5)])))
    assert found[0][0].reason == TOO_LONG
    assert sum(chunk.seconds for chunk in found[0][1]) == pytest.approx(30.5, abs=0.3)
    assert len(found) >= 2


async def test_one_short_word_is_an_utterance() -> None:
    samples, end = sound.utterance("stop", before=1.0, after=1.5)
    ((endpoint, _),) = await utterances(Source(samples))
    assert endpoint.speech_end == pytest.approx(end, abs=0.15)


async def test_a_stream_that_jumps_in_time_ends_the_turn_and_begins_another() -> None:
    """Sound is missing after the first sentence: the second is not glued to it, nor given its pre-roll."""
    first, _ = sound.utterance(SAID, before=0.5, after=0.1)
    second, _ = sound.utterance("what time is it", before=0.1, after=1.5)
    one, two = await utterances(Source(np.concatenate([first, second]), ((len(first), 10.0),)))
    assert one[0].speech_end < 3
    jump = len(first) / SAMPLE_RATE + 10.0
    assert two[0].speech_end > jump
    assert min(chunk.start for chunk in two[1][1:]) > jump - 0.05
