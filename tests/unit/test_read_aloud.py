"""However long a text is and whatever it is written with, a voice says all of its words, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from repartee.core.audio import AudioChunk
from repartee.engines.tts import espeak, fake
from repartee.stages.read_aloud import ReadAloud
from repartee.stages.speak import sentences


class Voice(fake.Engine):
    """Notes what it is given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        self.given.append(text)
        return super().synthesize(text, language)


async def test_a_text_is_made_speakable_and_said_sentence_by_sentence() -> None:
    voice = Voice()
    chunks = [c async for c in ReadAloud(voice).synthesize("**It is 21.5 °C.** See https://a.example/b?c 😀!", "de")]
    assert voice.given == ["It is 21,5 Grad Celsius.", "See ein Link zu a.example!"]
    assert all(after.start == pytest.approx(before.end) for before, after in pairwise(chunks))


async def test_the_next_sentence_waits_until_the_one_before_was_taken() -> None:
    voice = Voice()
    sound = ReadAloud(voice).synthesize("One. Two. Three.", "en")
    await anext(sound)
    assert voice.given == ["One."]


@pytest.mark.parametrize("text", ["", " ", "😀", "***", "\ud800", "```\n```"])
async def test_what_has_no_words_is_silent_or_said_to_be_left_out(text: str) -> None:
    voice = Voice()
    assert [c async for c in ReadAloud(voice).synthesize(text, "en")] == [] or "code" in voice.given[0]


async def test_sentences_come_out_of_a_stream_as_they_are_complete() -> None:
    async def words() -> AsyncIterator[str]:
        for piece in ("Dr. Wh", "o is here. ", "It is", " 3.5 m. B", "ye"):
            yield piece

    assert [s async for s in sentences(words(), "en")] == ["Dr. Who is here.", "It is 3.5 m.", "Bye"]


@pytest.mark.real_time
async def test_espeak_says_a_long_text_to_its_end() -> None:
    """It was cut off silently after 5,000 characters."""
    engine, sentence = espeak.Engine(), "One two three four five six seven eight nine ten. "
    short = sum([c.seconds async for c in engine.synthesize(sentence * 20, "en")])
    long = sum([c.seconds async for c in engine.synthesize(sentence * 200, "en")])
    assert long == pytest.approx(10 * short, rel=0.03)
