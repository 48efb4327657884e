"""The listening stage on virtual time: where utterances begin and end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.hearing import Clarity
from repartee.core.intent import Status
from repartee.engines.audio.fake import Source
from repartee.engines.vad import fake, silero
from repartee.stages.audio_in.endpointer import RELEASED, TOO_LONG, Endpoint, Endpointer, Endpointing, NoiseFloor
from tests import sound, virtual_time

FRAME = 512 / SAMPLE_RATE


def endpointer(*pattern: tuple[float, bool], timing: Endpointing | None = None) -> Endpointer:
    return Endpointer(Source(*pattern), fake.Engine(), timing or Endpointing())


async def heard(ear: Endpointer, status: Status = Status.FREE) -> tuple[Endpoint, list[AudioChunk]]:
    return await ended(ear, Endpoint(status))


async def ended(ear: Endpointer, endpoint: Endpoint) -> tuple[Endpoint, list[AudioChunk]]:
    return endpoint, [chunk async for chunk in ear.utterance(endpoint)]


@pytest.mark.parametrize(
    ("endpoint", "wait"),
    [
        (Endpoint(Status.CLOSED), 0.14),
        (Endpoint(Status.CLOSED, Clarity.FAINT), 0.25),
        (Endpoint(Status.COMPLETE, Clarity.FAINT), 0.35),
        (Endpoint(Status.COMPLETE, Clarity.DOUBTFUL), 0.7),
        (Endpoint(Status.OPEN, Clarity.DOUBTFUL), 1.5),
        (Endpoint(Status.CLOSED, sensible=False), 0.14),
        (Endpoint(Status.COMPLETE), 0.35),
        (Endpoint(Status.COMPLETE, sensible=False), 0.8),
        (Endpoint(Status.OPEN), 1.5),
        (Endpoint(Status.IMPOSSIBLE), 1.25),
        (Endpoint(Status.FREE), 0.7),
    ],
)
def test_the_waits(endpoint: Endpoint, wait: float) -> None:
    assert Endpointing().wait(endpoint) == wait


@pytest.mark.parametrize("status", list(Status))
async def test_the_wait_depends_on_how_far_the_sentence_has_got(status: Status) -> None:
    timing = Endpointing()
    ear = endpointer((1, False), (2, True), (5, False))
    assert await ear.onset()
    endpoint, _ = await heard(ear, status)
    assert endpoint.speech_end == pytest.approx(3.0, abs=FRAME)
    assert endpoint.decided - endpoint.speech_end == pytest.approx(timing.wait(endpoint), abs=2 * FRAME)
    assert endpoint.reason == status.value


async def test_a_changed_mind_changes_the_wait() -> None:
    ear = endpointer((0.5, False), (1, True), (5, False))
    await ear.onset()
    endpoint = Endpoint(Status.OPEN)
    async for chunk in ear.utterance(endpoint):
        if chunk.start > 2.0:
            endpoint.status = Status.CLOSED
    assert endpoint.decided == pytest.approx(2.0, abs=3 * FRAME)


async def test_a_pause_within_the_wait_does_not_end_the_turn() -> None:
    ear = endpointer((0.5, False), (1, True), (0.5, False), (1, True), (3, False))
    await ear.onset()
    endpoint, _ = await heard(ear)
    assert endpoint.speech_end == pytest.approx(3.0, abs=FRAME)


async def test_sound_from_before_the_onset_is_handed_on() -> None:
    ear = endpointer((2, False), (1, True), (2, False))
    await ear.onset()
    assert ear.onset_at == pytest.approx(2.0, abs=FRAME)
    _, chunks = await heard(ear)
    assert chunks[0].start == pytest.approx(1.5, abs=2 * FRAME)
    assert [c.start for c in chunks[1:]] == pytest.approx([c.end for c in chunks[:-1]])
    assert not chunks[0].voiced


async def test_an_onset_is_not_counted_over_a_hole() -> None:
    """A frame of speech, sound that is lost, and speech again: a device that stalls in the middle of a word."""

    class Stalls:
        clock = Source().clock

        async def __aiter__(self) -> AsyncIterator[AudioChunk]:
            loud = np.full(512, 9000, np.int16)
            for start in (0.0, 1.0, 1.0 + FRAME, 1.0 + 2 * FRAME):
                yield AudioChunk(loud, SAMPLE_RATE, start)

    ear = Endpointer(Stalls(), fake.Engine(), Endpointing())
    assert await ear.onset()
    assert ear.onset_at == 1.0


async def test_a_click_is_no_utterance() -> None:
    ear = endpointer((1, False), (0.02, True), (2, False))
    assert not await ear.onset()


async def test_two_utterances_follow_each_other() -> None:
    ear = endpointer((0.5, False), (1, True), (2, False), (1, True), (2, False))
    ends = []
    while await ear.onset():
        ends.append((await heard(ear))[0].speech_end)
    assert ends == pytest.approx([1.5, 4.5], abs=FRAME)


async def test_the_end_of_the_sound_ends_the_turn_at_once() -> None:
    ear = endpointer((0.5, False), (1, True))
    await ear.onset()
    endpoint, _ = await heard(ear, Status.OPEN)
    assert endpoint.reason == RELEASED
    assert endpoint.decided == pytest.approx(1.5, abs=FRAME)


async def test_talk_without_end_is_ended() -> None:
    ear = endpointer((0.5, False), (60, True), timing=Endpointing(longest=10))
    await ear.onset()
    endpoint, _ = await heard(ear)
    assert endpoint.reason == TOO_LONG
    assert endpoint.decided == pytest.approx(10.5, abs=3 * FRAME)


async def test_silence_is_nothing() -> None:
    assert not await endpointer((600, False)).onset()
    assert not await endpointer().onset()


@given(st.lists(st.integers(1, 3000), max_size=30))
def test_frames_lose_no_sample(sizes: list[int]) -> None:
    """Whatever the chunks of the source are, the frames say the same."""

    async def check() -> None:
        samples = np.arange(sum(sizes), dtype=np.int16) + 1000
        cuts = np.cumsum([0, *sizes])

        class Odd(Source):
            async def __aiter__(self) -> AsyncIterator[AudioChunk]:
                for begin, end in pairwise(cuts):
                    yield AudioChunk(samples[begin:end], SAMPLE_RATE, begin / SAMPLE_RATE)
                    await asyncio.sleep(0)

        ear = Endpointer(Odd(), fake.Engine(loud=1), Endpointing(onset=0.001, pre_roll=3, longest=100))
        if await ear.onset():
            _, chunks = await heard(ear)
            got = np.concatenate([chunk.samples for chunk in chunks])[: len(samples)]
            assert (got == samples).all()

    virtual_time.run(check())


def test_the_noise_floor_finds_the_end_within_a_frame() -> None:
    floor = NoiseFloor()
    room = np.random.default_rng(0).normal(0, 100, SAMPLE_RATE).astype(np.int16)
    floor.hear(room)
    frame = np.concatenate([np.full(240, 3000, np.int16), room[:272]])
    assert floor.last_loud(frame) == pytest.approx(240, abs=80)
    assert floor.last_loud(room[:512]) == 0


@pytest.mark.real_time
@pytest.mark.parametrize("text", ["turn on the kitchen lights", "what time is it", "stop"])
async def test_the_last_voiced_sample_is_where_speech_ends(text: str) -> None:
    """With the real gate, on speech whose end is known. How exact it is, is measured by the bench."""
    samples, end = sound.utterance(text)

    class Recording:
        clock = Source().clock

        async def __aiter__(self) -> AsyncIterator[AudioChunk]:
            async for chunk in sound.stream(samples):
                self.clock.heard(chunk.end)
                yield chunk

    ear = Endpointer(Recording(), silero.Engine(), Endpointing())
    assert await ear.onset()
    endpoint, _ = await heard(ear)
    assert endpoint.speech_end == pytest.approx(end, abs=0.1)


async def silence_begins(soft: float) -> tuple[float, list[AudioChunk]]:
    """Where the first unvoiced chunk after speech starts, with a gate that goes on for ever after one second."""

    class Insisting(fake.Engine):
        def speech(self, frame: np.ndarray) -> float:
            return 1.0 if np.abs(frame).max() > 0 or self.spoke else 0.0

        @property
        def spoke(self) -> bool:
            return True

    rng = np.random.default_rng(0)
    quiet, loud = rng.normal(0, 20, SAMPLE_RATE), rng.normal(0, 2000, SAMPLE_RATE)
    after = rng.normal(0, soft, 2 * SAMPLE_RATE)
    samples = np.concatenate([quiet, loud, after]).astype(np.int16)
    ear = Endpointer(Source((0, False)), Insisting(), Endpointing())
    ear._floor.hear(quiet.astype(np.int16))
    chunks = []
    for at in range(0, len(samples) - 511, 512):
        chunk = ear._judged(AudioChunk(samples[at : at + 512], SAMPLE_RATE, at / SAMPLE_RATE))
        chunks.append(chunk)
    after_speech = [c for c in chunks if c.start > 1.5]
    return next((c.start for c in after_speech if not c.voiced), math.inf), chunks


async def test_silence_begins_with_the_second_quiet_frame_though_the_gate_goes_on() -> None:
    start, chunks = await silence_begins(20)
    assert start == pytest.approx(2.0 + FRAME, abs=FRAME)
    assert chunks[-1].voiced, "a gate that insists is believed in the end"


async def test_speech_that_stays_loud_enough_is_no_silence() -> None:
    assert (await silence_begins(200))[0] == math.inf
