"""What was said once is said again at once, sounds the same, and stays within its bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.core.audio import AudioChunk
from repartee.engines.speech_cache import CachedVoice, Speech
from repartee.engines.speech_cache.folder import SpeechFolder
from repartee.engines.tts import fake
from repartee.grammar.cache import Cache


class CountingVoice(fake.Engine):
    """Says how often it was asked; may break in the middle."""

    def __init__(self, breaks: bool = False) -> None:
        self.asked = 0
        self.breaks = breaks

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        self.asked += 1
        async for chunk in super().synthesize(text, language):
            yield chunk
            if self.breaks:
                raise RuntimeError("broken")


async def heard(voice: Any, text: str, language: str = "en") -> np.ndarray[Any, Any]:
    chunks = [chunk.samples async for chunk in voice.synthesize(text, language)]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.int16)


def voice_of(inner: Any, folder: Path | None = None, identity: str = "fake") -> CachedVoice:
    return CachedVoice(inner, identity, Cache[Speech](size=10_000_000), SpeechFolder(folder) if folder else None)


@pytest.mark.real_time
async def test_said_again_it_is_the_same_sound_and_the_voice_is_not_asked(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = voice_of(inner, tmp_path)
    first = await heard(voice, "Turned on the lamp")
    again = await heard(voice, "Turned on the lamp")
    assert inner.asked == 1
    assert np.array_equal(first, again)
    assert (voice.memory.statistics.hits, voice.memory.statistics.misses) == (1, 1)
    assert voice.memory.statistics.saved_s > 0


@pytest.mark.real_time
async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    first = await heard(voice_of(fake.Engine(), tmp_path), "Turned on the lamp")
    inner = CountingVoice()
    voice = voice_of(inner, tmp_path)
    assert np.array_equal(first, await heard(voice, "Turned on the lamp"))
    assert inner.asked == 0
    assert (voice.memory.statistics.hits, voice.memory.statistics.misses) == (1, 0)


@pytest.mark.real_time
async def test_another_voice_language_or_text_is_another_sound(tmp_path: Path) -> None:
    inner = CountingVoice()
    await heard(voice_of(inner, tmp_path), "Yes")
    await heard(voice_of(inner, tmp_path, identity="fake faster"), "Yes")
    await heard(voice_of(inner, tmp_path), "Yes", "fr")
    await heard(voice_of(inner, tmp_path), "yes")
    assert inner.asked == 4


@pytest.mark.real_time
async def test_half_a_sentence_is_not_remembered(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = voice_of(inner, tmp_path)
    stream = voice.synthesize("Turned on the lamp", "en")
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    await heard(voice, "Turned on the lamp")
    assert inner.asked == 2
    broken = voice_of(CountingVoice(breaks=True), tmp_path, "broken")
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await heard(broken, "Turned on the lamp")


@pytest.mark.real_time
async def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    first = await heard(voice_of(fake.Engine(), tmp_path), "Turned on the lamp")
    for damage in (b"", b"fLaC", b"no sound"):
        (file,) = await asyncio.to_thread(lambda: list(tmp_path.rglob("*.flac")))
        file.write_bytes(damage)
        inner = CountingVoice()
        assert np.array_equal(first, await heard(voice_of(inner, tmp_path), "Turned on the lamp"))
        assert inner.asked == 1


@pytest.mark.real_time
async def test_it_speaks_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert len(await heard(voice_of(fake.Engine(), tmp_path / "file"), "Turned on the lamp"))


@pytest.mark.real_time
async def test_the_folder_stays_within_its_bound_and_what_was_heard_last_stays(tmp_path: Path) -> None:
    folder = SpeechFolder(tmp_path, most=30_000)
    noise = np.random.default_rng(0).integers(-9000, 9000, 5_000, dtype=np.int16)
    for number in range(10):
        folder.put(f"{number:064d}", noise, 22_050)
        folder.get(f"{0:064d}")
    assert folder.bytes <= 30_000
    assert folder.get(f"{0:064d}") is not None
    assert folder.get(f"{1:064d}") is None
    assert folder.bytes == SpeechFolder(tmp_path).bytes


@pytest.mark.real_time
async def test_prepared_in_idle_time_it_is_there_at_once(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = voice_of(inner, tmp_path)
    assert await voice.prepare(["Yes", "No", "Yes"], "en") == 2
    assert await voice.prepare(["Yes", "No"], "en") == 0
    await heard(voice, "No")
    assert inner.asked == 2


@pytest.mark.real_time
async def test_cleared_nothing_is_left(tmp_path: Path) -> None:
    inner = CountingVoice()
    voice = voice_of(inner, tmp_path)
    await heard(voice, "Your keys are in the drawer")
    await voice.clear()
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("*.flac")))
    await heard(voice, "Your keys are in the drawer")
    assert inner.asked == 2
