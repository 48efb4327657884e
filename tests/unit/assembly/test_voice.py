"""The voice of the settings remembers what it has said where that saves something, and nothing where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.assembly.settings import Brain
from repartee.assembly.voice import open_voice
from repartee.core.errors import EngineMissing
from repartee.engines.fallback import Breakers


def test_espeak_is_not_remembered(tmp_path: Path) -> None:
    opened = open_voice(Brain(tts="espeak"), Breakers(), tmp_path)
    assert (opened.engine, opened.remembered) == ("espeak", None)


@pytest.mark.real_time
async def test_a_neural_voice_is_remembered_across_restarts_but_not_at_another_speed(tmp_path: Path) -> None:
    hits = []
    for speed in (175, 175, 200):
        try:
            opened = open_voice(Brain(tts="piper", words_per_minute=speed), Breakers(), tmp_path)
        except EngineMissing as missing:
            pytest.skip(str(missing))
        assert [chunk async for chunk in opened.voice.synthesize("Done.", "en")]
        hits.append(opened.said.statistics.hits)
        opened.voice.close()
    assert hits == [0, 1, 0]


@pytest.mark.real_time
async def test_what_the_next_voice_says_is_not_kept_as_the_first_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        opened = open_voice(Brain(tts="piper", tts_otherwise=["fake"]), Breakers(), tmp_path)
    except EngineMissing as missing:
        pytest.skip(str(missing))

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("repartee.engines.tts.piper.voice.Voice.say", broken)
        instead = [chunk.rate async for chunk in opened.voice.synthesize("Done.", "en")]
    own = [chunk.rate async for chunk in opened.voice.synthesize("Done.", "en")]
    assert (instead[0], own[0]) == (16_000, 22_050)
