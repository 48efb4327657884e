"""What every voice must do."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from repartee.assembly.engines import module, names
from repartee.core.audio import AudioChunk
from repartee.core.errors import EngineMissing
from tests.fakes.wyoming_service import service


@pytest.fixture(params=names("tts"))
def engine(request: pytest.FixtureRequest) -> Any:
    if request.param == "wyoming":
        return module("tts", request.param).Engine(service())
    try:
        return module("tts", request.param).Engine()
    except EngineMissing as missing:
        pytest.skip(str(missing))


async def spoken(engine: Any, text: str, language: str = "en") -> list[AudioChunk]:
    return [chunk async for chunk in engine.synthesize(text, language)]


@pytest.mark.real_time
async def test_it_streams_sound_without_holes(engine: Any) -> None:
    chunks = await spoken(engine, "The kitchen lights are on, and the blinds are closing.")
    assert len(chunks) > 5
    for before, after in pairwise(chunks):
        assert after.start == pytest.approx(before.end)
        assert after.rate == before.rate
    assert max(int(np.abs(chunk.samples.astype(int)).max()) for chunk in chunks) > 1000


@pytest.mark.real_time
async def test_more_text_takes_longer(engine: Any) -> None:
    short, long = await spoken(engine, "Yes."), await spoken(engine, "Yes, and a good deal more than that.")
    assert sum(c.seconds for c in long) > 2 * sum(c.seconds for c in short)


@pytest.mark.real_time
@pytest.mark.parametrize("text", ["", "   ", "\0", "…", "🙂", "<b>&amp;</b>", "x" * 20_000])
async def test_any_text_is_spoken_or_passed_over(engine: Any, text: str) -> None:
    async with asyncio.timeout(30):
        async for chunk in engine.synthesize(text, "en"):
            assert len(chunk.samples)


@pytest.mark.real_time
async def test_left_in_the_middle_it_speaks_the_next(engine: Any) -> None:
    stream = engine.synthesize("A long sentence that nobody is going to listen to until its very end. " * 20, "en")
    assert (await anext(stream)).seconds > 0
    await stream.aclose()
    assert await spoken(engine, "Next.")


@pytest.mark.real_time
async def test_two_at_once_both_speak(engine: Any) -> None:
    one, two = await asyncio.gather(spoken(engine, "One thing."), spoken(engine, "Another thing."))
    again = await spoken(engine, "One thing.")
    assert sum(c.seconds for c in one) == pytest.approx(sum(c.seconds for c in again), rel=0.3)  # neural voices vary
    assert two


@pytest.mark.real_time
async def test_other_languages_are_spoken_differently() -> None:
    engine = module("tts", "espeak").Engine()
    english, french = await spoken(engine, "restaurant", "en"), await spoken(engine, "restaurant", "fr")
    assert sum(c.seconds for c in english) != sum(c.seconds for c in french)
    assert await spoken(engine, "fallback", "no-such-language")
