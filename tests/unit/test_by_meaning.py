"""The link that takes a sentence by its meaning: it proposes, and the words decide."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from repartee.core.home_file import home_from
from repartee.core.intent import Context, Reading
from repartee.core.link import Found, Sentence
from repartee.core.skill import Situation
from repartee.engines.embed import fake
from repartee.grammar import compile_home
from repartee.languages.data import sentences
from repartee.stages.understand.by_meaning import ByMeaning, phrases_of

FILE = home_from(
    {
        "areas": [{"name": "Kitchen"}, {"name": "Study"}],
        "entities": [
            {"name": "Kitchen Light", "domain": "light", "area": "Kitchen"},
            {"name": "Desk Lamp", "domain": "light", "area": "Study"},
            {"name": "Thermostat", "domain": "climate", "area": "Kitchen"},
        ],
    }
)
GRAMMAR = compile_home(FILE.home, "en", sentences("en"))


def read(text: str, now: Situation) -> Sequence[Reading]:
    return GRAMMAR.parse(text, now.context)


def found(text: str, addressed: bool = True, language: str = "en") -> Found | None:
    now = Situation(FILE.home, FILE.states, Context("kitchen", language=language))
    return asyncio.run(ByMeaning(fake.Engine(), read)(Sentence(text, now, "0", addressed)))


def meant(known: Found | None) -> tuple[str, dict[str, object], bool] | None:
    if known is None or known.reading is None:
        return None
    intent = known.reading.parts[0].intent
    return intent.name, dict(intent.slots), known.ask


def test_whoever_stops_waiting_the_phrases_are_learnt_once() -> None:
    class Slow(fake.Engine):
        learnt = 0

        async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(texts) > 1:
                self.learnt += 1
                await asyncio.sleep(0.05)
            return await super().embed(texts)

    async def twice() -> Found | None:
        by_meaning, now = ByMeaning(embedder := Slow(), read), Situation(FILE.home, FILE.states, Context("kitchen"))
        sentence = Sentence("i'm freezing in here", now, "0")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await by_meaning(sentence)
        found = await by_meaning(sentence)
        assert embedder.learnt == 1
        return found

    assert meant(asyncio.run(twice())) == ("RepWarmer", {"temperature_step": 1}, False)


def test_what_is_near_is_read_by_the_grammar() -> None:
    assert meant(found("i'm freezing in here")) == ("RepWarmer", {"temperature_step": 1}, False)


def test_the_place_that_was_named_counts() -> None:
    known = meant(found("it is dark in here in the study"))
    assert known is not None
    assert (known[0], known[1]["area"]) == ("HassTurnOn", "Study")


def test_a_strange_word_is_a_reason_to_ask() -> None:
    known = meant(found("i need some light oswald"))
    assert known is not None
    assert known[2]
    assert found("i need some light oswald", addressed=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "i need some light tonight",
        "i need some light but not in the kitchen",
        "i need some light in the attic",
        "she said i need some light",
        "i need some light for 10 minutes",
        "if it rains i need some light",
    ],
)
def test_a_word_that_must_not_be_dropped_is_a_reason_for_nothing(text: str) -> None:
    assert found(text) is None


def test_talk_is_no_deed() -> None:
    assert found("tell me a joke") is None
    assert found("what is the capital of finland") is None


def test_a_language_without_phrases_has_no_meaning() -> None:
    assert found("mir ist kalt", language="de") is None


def test_what_phrases_stand_for_is_read_by_the_grammar() -> None:
    """In the demo home, where there is something of each kind."""
    known = phrases_of("en")
    assert known is not None
    home = home_from(DEMO)
    grammar = compile_home(home.home, "en", sentences("en"))
    for deed in {deed for deed in known.deeds if deed}:
        text = " ".join(deed.say.format(place="").split())
        assert grammar.parse(text, Context(home.home.areas[0].id)), text


DEMO = {
    "areas": [{"name": "Kitchen"}],
    "entities": [
        {"name": name, "domain": domain, "area": "Kitchen", "state": "on"}
        for name, domain in (
            ("Lamp", "light"), ("Fan", "fan"), ("Blinds", "cover"), ("Robot", "vacuum"), ("Coffee Machine", "switch"),
            ("Speaker", "media_player"), ("Thermostat", "climate"), ("Home", "weather"), ("Shopping List", "todo"),
        )
    ],
}  # fmt: skip
