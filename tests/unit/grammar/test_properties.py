"""What must hold for any input: no exception, bounded work, and what is drawn from the automaton parses back."""

from __future__ import annotations

import random
import string

import pytest
from bench.homes import enlarged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repartee.core.home import Home
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Status
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.dfa import MAX_MOVES
from repartee.grammar.text import words

from .conftest import HERE
from .sampling import draw_sentence

WORDS = """turn on off the kitchen bed light lights heater and then in ten minutes set to 50 % it them please what about
add list milk , ' . and and too dark brighter play volume fan bedroom lamp"""
SENTENCE_WORDS = st.sampled_from(WORDS.split())
SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
HISTORY = (Intent("HassTurnOn", {"name": "Bed Light"}, entities=("light.bed_light",)),)


@SLOW
@given(text=st.one_of(st.text(max_size=200), st.lists(SENTENCE_WORDS, max_size=25).map(" ".join)))
def test_any_text_has_an_answer(grammar: CompiledHome, text: str) -> None:
    for context in (HERE, Context(), Context(area="nowhere", history=HISTORY)):
        for reading in grammar.parse(text, context):
            assert 0 <= reading.score <= 1
            assert reading.parts or reading.doubt
        assert isinstance(grammar.status(text, context), Status)


@SLOW
@given(text=st.lists(SENTENCE_WORDS, max_size=12).map(" ".join))
def test_status_is_what_the_cursor_says(grammar: CompiledHome, text: str) -> None:
    """A cursor may stand within a word: "turn in" may become "turn inside ...", and is no sentence as it is."""
    place = grammar.expect(HERE).step(grammar.spoken(text))
    status = grammar.status(text, HERE)
    if place is None:
        assert status is Status.IMPOSSIBLE
    else:
        assert place.status is status or (place.status, status) == (Status.OPEN, Status.IMPOSSIBLE)


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_what_is_drawn_parses_back(home: Home, language: str) -> None:
    grammar = compile_home(home, language)
    rng = random.Random(11)
    drawn = 0
    while drawn < 400:
        sample = draw_sentence(grammar, rng)
        if sample is None:
            continue
        drawn += 1
        found = grammar.exact(words(sample.text), sample.text, HERE)
        meanings = [(c.block.intent, {k: v for k, v in c.slots.items() if k in sample.slots}) for c in found]
        assert (sample.intent, sample.slots) in meanings, sample


@SLOW
@given(
    names=st.lists(st.text(max_size=30), min_size=1, max_size=8),
    area=st.text(max_size=20),
    said=st.integers(0, 7),
)
def test_any_names_make_a_home(names: list[str], area: str, said: int) -> None:
    made = home_from(
        {
            "areas": [{"name": area, "id": "place"}],
            "entities": [{"name": name, "domain": "light", "area": area} for name in names],
        }
    ).home
    grammar = compile_home(made, "en")
    name = names[said % len(names)]
    readings = grammar.parse(f"activate the {name}", Context())
    if len(set(map(str.strip, names))) == len(names) and len(words(name)) == 1 and name.isascii() and name.isalpha():
        wanted = {e.id for e in made.entities if words(e.name) == words(name)}
        assert not readings or not readings[0].acts or set(readings[0].parts[0].intent.entities) <= wanted


def test_long_nonsense_costs_steps_in_proportion(grammar: CompiledHome) -> None:
    rng = random.Random(5)
    fresh = compile_home(grammar.home, "en")
    for length in (10, 100, 1_000, 10_000):
        before = fresh.dfa.moves
        text = "".join(rng.choice(string.ascii_lowercase + "    ") for _ in range(length))
        assert not any(reading.acts for reading in fresh.parse(text, HERE))
        assert fresh.dfa.moves - before < 50 * 24 * 10, "bounded by the beam, not by the text"


def test_what_is_remembered_is_bounded(grammar: CompiledHome) -> None:
    fresh = compile_home(grammar.home, "en")
    for n in range(0, MAX_MOVES + 500, 5):
        fresh.parse(f"add a{n} b{n} c{n} d{n} e{n} to the shopping list", HERE)
    assert fresh.dfa.moves <= MAX_MOVES + 100
    assert fresh.parse("turn on the bed light", HERE)[0].acts


def test_ten_thousand_things(home: Home) -> None:
    grammar = compile_home(enlarged(home, 8_000), "en")
    entity = grammar.home.entities[-1]
    readings = grammar.exact(words(f"what is {entity.name}"), "", HERE)
    assert not readings or entity.id in readings[0].entities
    assert grammar.parse("turn on the bed light", HERE)[0].parts[0].intent.entities == ("light.bed_light",)
