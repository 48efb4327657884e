"""What is to be played ends where a place, a player or a time begins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repartee.core.home import Home
from repartee.core.intent import Context, Reading
from repartee.grammar import CompiledHome, compile_home

from .conftest import HERE


def read(grammar: CompiledHome, text: str) -> Reading:
    return next(iter(grammar.parse(text, HERE)))


def query(reading: Reading) -> dict[str, object]:
    return dict(reading.parts[0].intent.slots)


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("play jazz in the kitchen please", {"search_query": "jazz", "area": "Kitchen"}),
        ("could you play jazz in the living room for me", {"search_query": "jazz", "area": "Living Room"}),
        ("play jazz on the living room tv", {"search_query": "jazz", "name": "TV"}),
        ("play singing in the rain", {"search_query": "singing in the rain", "area": "Living Room"}),
        ("play at seventeen", {"search_query": "at seventeen", "area": "Living Room"}),
    ],
)
def test_a_place_at_the_end_is_no_part_of_a_title(grammar: CompiledHome, said: str, slots: dict[str, object]) -> None:
    assert query(read(grammar, said)) == slots


@pytest.mark.parametrize(
    ("said", "key", "name"),
    [
        ("play jazz in the attic", "no_place", "attic"),
        ("i want to hear some jazz in the attic tonight", "no_place", "attic"),
        ("play jazz in the kitchen and the cellar", "no_place", "cellar"),
        ("play jazz on the patio speaker", "unknown_name", "patio speaker"),
    ],
)
def test_a_place_that_is_not_there_is_told(grammar: CompiledHome, said: str, key: str, name: str) -> None:
    reading = read(grammar, said)
    assert not reading.acts
    assert reading.doubt is not None
    assert (reading.doubt.key, reading.doubt.facts["what"]) == (key, name)


def test_a_time_at_the_end_is_when_it_is_played(grammar: CompiledHome) -> None:
    part = read(grammar, "play jazz in the kitchen at seven").parts[0]
    assert part.when is not None
    assert part.when.at is not None
    assert (part.when.at.hour, part.when.deed) == (7, "play jazz in the kitchen")


@pytest.mark.parametrize("said", ["play jazz when my wife comes home", "play jazz except christmas songs"])
def test_what_may_be_said_of_it_is_asked(grammar: CompiledHome, said: str) -> None:
    assert read(grammar, said).score < 0.8


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "spiele jazz auf dem dachboden"),
        ("fr", "joue du jazz dans le grenier"),
        ("es", "pon jazz en el desván"),
        ("nl", "speel jazz op de zolder"),
    ],
)
def test_in_every_language(home: Home, language: str, said: str) -> None:
    readings = compile_home(home, language).parse(said, replace(Context(area="living_room"), language=language))
    assert not any(reading.acts for reading in readings)
