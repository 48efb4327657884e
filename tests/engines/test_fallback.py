"""Engines that break: each behind its breaker, the next does what it could not, and no turn is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray

from repartee.app.doors.http.operations import OpsRoutes
from repartee.assembly.engines import engines_health
from repartee.assembly.runtime_status import RuntimeStatus
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.breaker import FIRST, PROBES, Circuit
from repartee.core.errors import BadAudio, EngineMissing, NothingWorks
from repartee.core.hearing import Hearing
from repartee.core.ports import Cursor
from repartee.core.turn import Decision
from repartee.engines.audio.fake import Source
from repartee.engines.fallback import (
    Breakers,
    Fallback,
    FallbackEngine,
    FallbackSynthesizer,
    FallbackTranscriber,
    FallbackVad,
    FallbackWakeWord,
)
from repartee.engines.fallback.chain import REST
from repartee.engines.stt import fake as stt
from repartee.engines.telemetry.breakers import BreakerCollector as Collected
from repartee.engines.tts import fake as tts
from repartee.engines.vad import fake as vad
from tests.fakes.assistant import still_assistant
from tests.house import House

SPEECH = ((0.5, False), (1.5, True), (3.0, False))


class Hand:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Flaky:
    """Breaks as long as `broken`; counts how often it is asked."""

    def __init__(self, broken: bool = True) -> None:
        self.broken, self.asked = broken, 0

    def __call__(self) -> str:
        self.asked += 1
        if self.broken:
            raise RuntimeError("the model is gone")
        return "first"


def fallback(kind: str, breakers: Breakers, **engines: Any) -> Fallback[Any]:
    def fallback_engine(name: str) -> FallbackEngine[Any]:
        return FallbackEngine(name, lambda: engines[name], breakers.of(kind, name))

    return Fallback(kind, [fallback_engine(name) for name in engines])


def circuits(breakers: Breakers) -> dict[str, Circuit]:
    return {name: health.circuit for _, name, health in breakers.healths()}


def test_the_next_serves_the_broken_one_is_left_alone_and_tried_again_later() -> None:
    clock = Hand()
    breakers = Breakers(clock)
    first = Flaky()
    chain = fallback("stt", breakers, first=first, second=lambda: "second")
    assert {chain.call(lambda engine: engine()) for _ in range(FIRST + 5)} == {"second"}
    assert first.asked == FIRST
    assert circuits(breakers) == {"first": Circuit.OPEN, "second": Circuit.CLOSED}
    assert engines_health(breakers)["stt"]["reason"].endswith("second serves")
    first.broken, clock.now = False, REST
    assert [chain.call(lambda engine: engine()) for _ in range(PROBES)] == ["first"] * PROBES
    assert circuits(breakers)["first"] is Circuit.CLOSED
    assert engines_health(breakers) == {}


def test_metrics_show_the_breaker_of_each_engine() -> None:
    breakers = Breakers()
    chain = fallback("tts", breakers, espeak=Flaky(), other=lambda: "said")
    for _ in range(FIRST):
        chain.call(lambda engine: engine())
    collected = Collected(lambda: [health for *_, health in breakers.healths()]).collect()
    state = next(family for family in collected if family.name == "repartee_breaker_state")
    assert {s.labels["component"]: s.value for s in state.samples} == {"tts espeak": 2, "tts other": 0}


async def test_health_and_metrics_of_a_server_tell_of_engines_and_lines() -> None:
    breakers = Breakers()
    chain = fallback("stt", breakers, moonshine=Flaky(), pocketsphinx=lambda: "heard")
    for _ in range(FIRST):
        chain.call(lambda engine: engine())
    app = FastAPI()
    opened = still_assistant()
    models = replace(opened.models, breakers=breakers, names={**opened.engines, "stt": "moonshine"})
    assistant = replace(opened, models=models)
    RuntimeStatus(assistant).export()
    app.include_router(OpsRoutes(assistant).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        component = (await http.get("/health")).json()["components"]["stt"]
        metrics = (await http.get("/metrics")).text
    assert component["status"] == "degraded"
    assert component["reason"].startswith(f"moonshine failed {FIRST} times in a row")
    assert component["reason"].endswith("pocketsphinx serves")
    assert 'repartee_breaker_state{component="stt moonshine"} 2.0' in metrics
    assert 'repartee_breaker_state{component="stt pocketsphinx"} 0.0' in metrics
    assert 'repartee_limiter_refused_total{component="turns"} 0.0' in metrics


def test_where_none_works_the_reason_of_each_is_told() -> None:
    chain = fallback("stt", Breakers(), a=Flaky(), b=Flaky())
    with pytest.raises(NothingWorks, match=r"no stt engine works .*a: the model is gone; b: the model is gone") as told:
        chain.call(lambda engine: engine())
    assert told.value.key == "nothing_works_stt"


def test_bad_input_is_nobodys_failure() -> None:
    breakers = Breakers()

    def unreadable(_: object) -> str:
        raise BadAudio("no sound file")

    chain = fallback("stt", breakers, only=object())
    for _ in range(2 * FIRST):
        with pytest.raises(BadAudio):
            chain.call(unreadable)
    assert circuits(breakers) == {"only": Circuit.CLOSED}


def test_what_is_not_installed_is_said_as_that() -> None:
    def missing() -> Any:
        raise EngineMissing("ears", "pip install ears")

    chain = Fallback[Any]("stt", [FallbackEngine("ears", missing, Breakers().of("stt", "ears"))])
    with pytest.raises(EngineMissing, match="pip install ears"):
        chain.call(lambda engine: engine)


async def test_a_cancelled_call_says_nothing_about_the_engine() -> None:
    breakers = Breakers()
    chain = fallback("tts", breakers, slow=object())
    for _ in range(2 * FIRST):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await chain.run(lambda _: asyncio.sleep(10))
    assert circuits(breakers) == {"slow": Circuit.CLOSED}


# ---------------------------------------------------------------- ears


class BreaksAfter(stt.Engine):
    """Hears for a while, then its model dies."""

    def __init__(self, hearings: int, how: Exception | None = None) -> None:
        super().__init__("what nobody said")
        self._hearings, self._how = hearings, how or RuntimeError("out of memory")

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        count = 0
        async for hearing in super().transcribe(audio, expect):
            if count == self._hearings:
                raise self._how
            count += 1
            yield hearing


class Hangs(stt.Engine):
    """Listens to all of it, and never says a word."""

    async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
        async for _ in audio:
            pass
        await asyncio.Event().wait()
        yield  # type: ignore[misc]


@pytest.mark.parametrize("broken", [BreaksAfter(0), BreaksAfter(2), Hangs()], ids=["at once", "midway", "hangs"])
async def test_a_recogniser_that_fails_loses_no_turn(broken: Any) -> None:
    house = House()
    house.ear = FallbackTranscriber(fallback("stt", Breakers(), broken=broken, well=stt.Engine("turn on the lamp")))
    source = Source(*SPEECH)
    (record,) = [record async for record in house.session().listen(source)]
    assert record.transcript == "turn on the lamp"
    assert record.decision is Decision.ACTED
    assert house.state("light.lamp") == "on"


async def test_the_next_recogniser_hears_the_sentence_from_its_beginning() -> None:
    given = [AudioChunk(np.full(320, n, np.int16), SAMPLE_RATE, n * 0.02, voiced=True) for n in range(100)]
    heard: list[float] = []

    class Listens(stt.Engine):
        async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Cursor | None) -> AsyncIterator[Hearing]:
            heard.extend([chunk.start async for chunk in audio])
            yield Hearing(stt._hearing(["well"], 2.0).free, end=2.0, final=True)

    async def sound() -> AsyncIterator[AudioChunk]:
        for chunk in given:
            yield chunk

    ears = FallbackTranscriber(fallback("stt", Breakers(), broken=BreaksAfter(1), well=Listens()))
    hearings = [hearing async for hearing in ears.transcribe(sound(), None)]
    assert heard == [chunk.start for chunk in given]
    assert hearings[-1].text == "well"
    assert hearings[-1].final


async def test_sound_that_breaks_off_is_not_the_recognisers_fault() -> None:
    async def sound() -> AsyncIterator[AudioChunk]:
        yield AudioChunk(np.zeros(320, np.int16), SAMPLE_RATE, 0.0)
        raise BadAudio("the cable")

    breakers = Breakers()
    ears = FallbackTranscriber(fallback("stt", breakers, only=stt.Engine("hello")))
    with pytest.raises(BadAudio, match="the cable"):
        _ = [hearing async for hearing in ears.transcribe(sound(), None)]
    assert [health.failures for *_, health in breakers.healths()] == [0]


async def test_where_nothing_hears_the_person_is_told_and_the_next_turn_is_a_turn() -> None:
    house = House()
    broken = BreaksAfter(0)
    house.ear = FallbackTranscriber(fallback("stt", Breakers(), broken=broken))
    source = Source(*SPEECH, (1.0, True), (3.0, False))
    records = [record async for record in house.session().listen(source)]
    assert [record.reply for record in records] == ["Sorry, my hearing does not work at the moment."] * 2
    assert house.sink.seconds > 1


# ---------------------------------------------------------------- voices


class Mute(tts.Engine):
    def __init__(self, chunks: int = 0) -> None:
        self._chunks = chunks

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        count = 0
        async for chunk in super().synthesize(text, language):
            if count == self._chunks:
                raise RuntimeError("no voice")
            count += 1
            yield chunk


@pytest.mark.parametrize("chunks", [0, 3])
async def test_the_next_voice_says_the_whole_sentence(chunks: int) -> None:
    house = House("turn on the lamp")
    house.voice = FallbackSynthesizer(fallback("tts", Breakers(), mute=Mute(chunks), well=tts.Engine()))
    record = await house.session().ask("turn on the lamp")
    assert record.error is None
    assert house.sink.seconds >= len(record.reply) * tts.SECONDS_PER_CHARACTER - 0.2


async def test_without_a_voice_it_is_done_and_stands_to_be_read() -> None:
    house = House()
    house.voice = FallbackSynthesizer(fallback("tts", Breakers(), mute=Mute()))
    record = await house.session().ask("turn on the lamp")
    assert house.state("light.lamp") == "on"
    assert record.decision is Decision.ACTED
    assert "light" in record.reply.lower() or "lamp" in record.reply.lower()
    assert "no tts engine works" in (record.error or "")


# ---------------------------------------------------------------- gates, wake words


class DeadGate(vad.Engine):
    def speech(self, frame: NDArray[np.int16]) -> float:
        raise RuntimeError("no network")


class OtherSize(vad.Engine):
    frame = 480

    def speech(self, frame: NDArray[np.int16]) -> float:
        assert len(frame) == self.frame
        return super().speech(frame)


def frames(*loud: bool) -> Iterator[NDArray[np.int16]]:
    for is_loud in loud:
        yield np.full(512, 9000 if is_loud else 0, np.int16)


def test_another_detector_listens_to_the_same_frames_in_its_own_size() -> None:
    gate = FallbackVad(fallback("vad", Breakers(), dead=DeadGate(), well=OtherSize()))
    assert gate.frame == 512
    assert [gate.speech(frame) for frame in frames(*[False] * 3, *[True] * 20, *[False] * 20)][3:][1:20] == [1.0] * 19
    assert gate.speech(next(frames(False))) == 0.0


def test_without_any_detector_what_is_loud_is_speech() -> None:
    gate = FallbackVad(fallback("vad", Breakers(), dead=DeadGate()))
    assert [gate.speech(frame) for frame in frames(True, False)] == [1.0, 1.0]


class DeadSpotter:
    words: Sequence[str] = ("okay nabu",)

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        raise RuntimeError("no model")

    def reset(self) -> None:
        """Nothing to forget."""


def test_a_dead_wake_word_hears_nothing_and_has_no_opinion() -> None:
    samples = np.zeros(1280, np.int16)
    breakers = Breakers()
    for otherwise in (0.0, 0.5):
        spotter = FallbackWakeWord(DeadSpotter(), fallback("wake", breakers, dead=DeadSpotter()), otherwise)
        assert spotter.spot(samples) == {"okay nabu": otherwise}
