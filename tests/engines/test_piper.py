"""Voices in Piper's format: how phonemes are numbered, what is refused, and what a real one sounds like."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from repartee.core.errors import BadInput, EngineMissing
from repartee.engines.tts import espeak, piper
from repartee.engines.tts.piper.voice import Voice, VoiceFile, clauses

DATA: dict[str, Any] = {
    "audio": {"sample_rate": 22050},
    "espeak": {"voice": "en-us"},
    "phoneme_id_map": {"_": [0], "^": [1], "$": [2], "a": [14], "ˈ": [120], "k": [23], "̃": [141], ".": [10]},
}


def file_of(folder: Path, **changes: Any) -> Path:
    path = folder / "test.onnx"
    path.write_bytes(b"no network")
    path.with_name("test.onnx.json").write_text(json.dumps({**DATA, **changes}))
    return path


def phonemes_of(text: str, voice: str) -> list[tuple[str, str]]:
    return list(espeak.phonemes(text, voice))


def test_phonemes_are_numbered_as_the_voice_was_trained(tmp_path: Path) -> None:
    """As piper-phonemize does: begin, pad, then each phoneme and a pad, end; unknown ones are passed over."""
    file = VoiceFile.read(file_of(tmp_path))
    assert file.ids("kˈa.") == [1, 0, 23, 0, 120, 0, 14, 0, 10, 0, 2]
    assert file.ids("ã") == [1, 0, 14, 0, 141, 0, 2]
    assert file.ids("☃") == []


@pytest.mark.parametrize(
    "changes",
    [{"audio": {}}, {"espeak": None}, {"phoneme_id_map": {"a": ["x"]}}, {"inference": {"noise_w": "loud"}}],
)
def test_a_voice_that_is_none_is_named(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"test\.onnx"):
        VoiceFile.read(file_of(tmp_path, **changes))


def test_a_network_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"test\.onnx"):
        Voice(VoiceFile.read(file_of(tmp_path)))
    with pytest.raises(BadInput, match=r"nowhere\.onnx"):
        piper.Engine(voices=[tmp_path / "nowhere.onnx"])


def test_without_any_voice_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piper, "packaged", list)
    with pytest.raises(EngineMissing, match="pip install"):
        piper.Engine()


def test_clauses_keep_their_punctuation_and_short_ones_their_company() -> None:
    read = [("jˈɛs", "Yes, t"), ("ðə kˈɪtʃən lˈaɪts", "the kitchen lights."), ("ˈɪz ɪt", "Is it?")]
    assert list(clauses(iter(read))) == ["jˈɛs, ðə kˈɪtʃən lˈaɪts.", "ˈɪz ɪt?"]


@pytest.mark.real_time
async def test_espeak_tells_phonemes_of_any_text() -> None:
    read = await espeak.worker().run(phonemes_of, "The kitchen, please. Yes!", "en-us")
    assert [phonemes for phonemes, _ in read] == ["ðə kˈɪtʃən", "plˈiːz", "jˈɛs"]
    for text in ("", "\0", "\ud800", "🙂", "x" * 50_000):
        await espeak.worker().run(phonemes_of, text, "no-such-voice")


@pytest.fixture
def engine() -> piper.Engine:
    try:
        return piper.Engine()
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.real_time
async def test_a_language_without_a_voice_is_spoken_by_espeak(engine: piper.Engine) -> None:
    ours = [c async for c in engine.synthesize("Bonjour à tous", "fr")]
    theirs = [c async for c in espeak.Engine().synthesize("Bonjour à tous", "fr")]
    assert sum(c.seconds for c in ours) == pytest.approx(sum(c.seconds for c in theirs), rel=0.02)


@pytest.mark.real_time
@pytest.mark.usefixtures("engine")
async def test_faster_is_shorter() -> None:
    text = "The kitchen lights are on, and the blinds are closing."
    slow = sum([c.seconds async for c in piper.Engine(120).synthesize(text, "en")])
    fast = sum([c.seconds async for c in piper.Engine(240).synthesize(text, "en")])
    assert 1.6 < slow / fast < 2.4


@pytest.mark.real_time
async def test_cancelled_the_network_stops(engine: piper.Engine) -> None:
    """The worker is free again long before the clause would have been made."""
    await engine.warm()
    long = "this is a clause that goes on and on without any mark at all " * 8
    began = time.perf_counter()
    async for _ in engine.synthesize(long, "en"):
        break
    whole = time.perf_counter() - began
    task = asyncio.ensure_future(anext(engine.synthesize(long, "en")))
    await asyncio.sleep(0.05)
    task.cancel()
    began = time.perf_counter()
    async for _ in engine.synthesize("Yes.", "en"):
        break
    assert time.perf_counter() - began < whole / 2
