"""What every recogniser must do: order, finality, cancellation, empty input, reuse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from repartee.assembly.engines import module, names
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import EngineMissing
from repartee.core.hearing import Hearing
from tests import sound
from tests.fakes.wyoming_service import service

SENTENCE = "turn on the lights in the kitchen"
REAL = [name for name in names("stt") if name != "fake"]


def made(name: str) -> Any:
    if name == "wyoming":
        return module("stt", name).Engine(service())
    try:
        return module("stt", name).Engine(*([SENTENCE, SENTENCE] if name == "fake" else []))
    except EngineMissing as error:
        pytest.skip(str(error))


@pytest.fixture(params=names("stt"))
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    engine = made(request.param)
    yield engine
    engine.close()


async def heard(engine: Any, samples: sound.Samples, voiced: Any = None) -> list[Hearing]:
    return [hearing async for hearing in engine.transcribe(sound.stream(samples, voiced), None)]


@pytest.mark.real_time
async def test_partials_come_in_order_and_the_last_one_alone_is_final(engine: Any) -> None:
    samples, _ = sound.utterance(SENTENCE)
    hearings = await heard(engine, samples)
    assert [hearing.final for hearing in hearings] == [False] * (len(hearings) - 1) + [True]
    assert len(hearings) > 1
    ends = [hearing.end for hearing in hearings]
    assert ends == sorted(ends)
    assert hearings[-1].end == pytest.approx(len(samples) / 16_000)


@pytest.mark.real_time
async def test_a_chunk_without_samples_is_heard_as_nothing(engine: Any) -> None:
    """A source that only says that speech is over."""

    async def source() -> AsyncIterator[AudioChunk]:
        async for chunk in sound.stream(sound.utterance(SENTENCE)[0]):
            yield chunk
        yield AudioChunk(chunk.samples[:0], SAMPLE_RATE, chunk.end, voiced=False)
        yield AudioChunk(chunk.samples[:0], SAMPLE_RATE, chunk.end, voiced=False)

    hearings = [hearing async for hearing in engine.transcribe(source(), None)]
    assert hearings[-1].final
    assert hearings[-1].text


@pytest.mark.real_time
async def test_silence_after_speech_gives_the_text_that_the_final_one_repeats(engine: Any) -> None:
    samples, end = sound.utterance(SENTENCE)
    hearings = await heard(engine, samples, [(0.5, end)])
    assert hearings[-2].end == pytest.approx(end, abs=0.1)
    assert hearings[-1].final
    assert hearings[-1].text


@pytest.mark.real_time
async def test_nothing_in_nothing_out(engine: Any) -> None:
    assert [(h.text, h.final) for h in await heard(engine, np.empty(0, np.int16))] == [("", True)]
    assert (await heard(engine, sound.silence(0.06), []))[-1].text == ""


@pytest.mark.real_time
async def test_cancelled_in_the_middle_it_serves_the_next(engine: Any) -> None:
    samples, _ = sound.utterance(SENTENCE)
    task = asyncio.create_task(heard(engine, samples))
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    left = engine.transcribe(sound.stream(samples), None)
    await anext(left)
    await left.aclose()
    again = (await heard(engine, samples))[-1]
    assert again.final
    assert again.text
    assert again.end == pytest.approx(len(samples) / 16_000)


@pytest.mark.real_time
@pytest.mark.parametrize("name", ["moonshine"])
async def test_it_hears_what_was_said(name: str) -> None:
    engine = made(name)
    samples, _ = sound.utterance("what time is it")
    final = (await heard(engine, samples))[-1]
    assert final.text.strip("?.! ").lower() == "what time is it"
    assert final.free.log_likelihood < 0


@pytest.mark.parametrize("name", REAL)
def test_an_absent_package_is_an_engine_missing_that_says_how_to_get_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_module = module("stt", name)
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731
    monkeypatch.setattr(engine_module, "find_spec", nothing)
    with pytest.raises(EngineMissing, match="install"):
        engine_module.Engine()
