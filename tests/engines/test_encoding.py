"""Speech in every format and rate that a client may ask for, read back by another program's reader."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
import soundfile as sf

from repartee.core.audio import AudioChunk
from repartee.core.errors import BadInput
from repartee.engines.audio.encoding import MEDIA_TYPES, OPUS_RATES, encoded

RATE = 22_050


async def tone(seconds: float = 1.0) -> AsyncIterator[AudioChunk]:
    samples = (8000 * np.sin(np.arange(int(seconds * RATE)) * 2 * np.pi * 440 / RATE)).astype(np.int16)
    for start in range(0, len(samples), 882):
        yield AudioChunk(samples[start : start + 882], RATE, start / RATE)


@pytest.mark.parametrize("rate", [None, 8_000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("form", MEDIA_TYPES)
async def test_read_back_it_is_the_same_tone(form: str, rate: int | None) -> None:
    data = b"".join([piece async for piece in encoded(tone(), form, rate)])
    wanted = rate or RATE
    if form == "pcm":
        sound, got = np.frombuffer(data, "<i2") / 32768, wanted
    else:
        sound, got = sf.read(io.BytesIO(data))
    assert got in ((wanted,) if form != "opus" else OPUS_RATES)
    assert len(sound) / got == pytest.approx(1.0, abs=0.03)
    middle = sound[len(sound) // 4 : -len(sound) // 4]
    loudest = np.argmax(np.abs(np.fft.rfft(middle))) * got / len(middle)
    assert loudest == pytest.approx(440, abs=5)
    assert np.sqrt((middle**2).mean()) == pytest.approx(8000 / 32768 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("form", sorted(MEDIA_TYPES.keys() - {"flac", "mp3"}))
async def test_it_streams(form: str) -> None:
    pieces = [piece async for piece in encoded(tone(4.0), form)]
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 0.8 * sum(map(len, pieces))


async def test_opus_is_much_smaller() -> None:
    sizes = {form: sum([len(p) async for p in encoded(tone(4.0), form, 24_000)]) for form in MEDIA_TYPES}
    assert sizes["opus"] < 0.3 * sizes["wav"]


@pytest.mark.parametrize(("form", "rate"), [("mp7", None), ("", None), ("wav", 1), ("wav", 10**7), ("opus", -5)])
async def test_what_there_is_not_is_refused(form: str, rate: int | None) -> None:
    with pytest.raises(BadInput, match=r"there are|lies between"):
        async for _ in encoded(tone(), form, rate):
            pass


async def test_nothing_said_gives_nothing() -> None:
    assert [piece async for piece in encoded(tone(0), "opus")] == []
