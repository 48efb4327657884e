from __future__ import annotations

from dataclasses import replace

import pytest

from repartee.core.home import Home
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home

from .conftest import HERE, NOWHERE


def test_a_name_is_resolved(grammar: CompiledHome) -> None:
    reading = grammar.parse("Turn on the night lamp, please!", HERE)[0]
    assert reading.acts
    assert reading.score == 1.0
    assert reading.parts[0].intent.name == "HassTurnOn"
    assert dict(reading.parts[0].intent.slots) == {"name": "Bed Light"}
    assert reading.parts[0].intent.entities == ("light.bed_light",)


def test_the_area_of_the_satellite_fills_the_slot(grammar: CompiledHome) -> None:
    slots = grammar.parse("turn off the lights", HERE)[0].parts[0].intent.slots
    assert slots["area"] == "Living Room"
    assert not any(reading.score >= 0.8 for reading in grammar.parse("turn off the lights", NOWHERE)), "all of them?"


def test_two_things_of_one_name_ask_which(grammar: CompiledHome) -> None:
    reading = grammar.parse("turn on the heater", HERE)[0]
    assert not reading.acts
    assert reading.doubt is not None
    assert reading.doubt.key == "did_you_mean"
    assert set(reading.doubt.labels) == {"Bedroom Heater", "Bathroom Heater"}


def test_an_answer_to_that_question_is_a_command(grammar: CompiledHome) -> None:
    reading = grammar.parse("turn on the bathroom heater", HERE)[0]
    assert reading.acts
    assert reading.parts[0].intent.entities == ("switch.heater_2",)


def test_of_two_things_of_one_name_the_one_here_is_meant(grammar: CompiledHome) -> None:
    reading = grammar.parse("turn on the heater", Context(area="bedroom"))[0]
    assert reading.acts
    assert reading.parts[0].intent.entities == ("switch.heater",)


def test_a_thing_in_the_wrong_place_is_not_acted_on(grammar: CompiledHome) -> None:
    reading = grammar.parse("turn on the ceiling fan in the bedroom", HERE)[0]
    assert not reading.acts
    assert reading.doubt is not None
    assert reading.doubt.key == "not_there"
    assert reading.doubt.labels == ("Living Room Ceiling Fan",), "where there is one"


def test_an_unknown_name_is_told(grammar: CompiledHome) -> None:
    reading = grammar.parse("turn on the flux capacitor", HERE)[0]
    assert not reading.acts
    assert reading.doubt is not None
    assert reading.doubt.key == "unknown_name"
    assert reading.doubt.facts["choices"] == "flux capacitor"


def test_other_readings_come_behind(grammar: CompiledHome) -> None:
    readings = grammar.parse("turn on the kitchen lights", HERE)
    assert readings[0].parts[0].intent.entities == ("light.kitchen_lights",)
    assert all(other.score < readings[0].score for other in readings[1:])


@pytest.mark.parametrize("text", ["", "   ", "?!", "x" * 10_000, "turn on " * 1_000, "🙂", "\x00\x01", "שלום עולם"])
def test_what_nobody_says_is_nothing(grammar: CompiledHome, text: str) -> None:
    assert not grammar.parse(text, HERE)


def test_odd_names_are_names(home: Home) -> None:
    entities = home.entities[:1]
    odd = ("off", "", "42", "turn on", "{{ evil }}", "'; DROP TABLE lights; --", "Kitchen", "🙂", "a" * 500)
    made = tuple(replace(entities[0], id=f"light.odd{n}", name=name) for n, name in enumerate(odd))
    grammar = compile_home(home.changed(entities=made), "en")
    assert grammar.parse("turn off off", HERE)[0].parts[0].intent.entities == ("light.odd0",)
    assert grammar.parse("activate 42", HERE)[0].parts[0].intent.entities == ("light.odd2",)
    assert grammar.parse("turn on evil", HERE)[0].parts[0].intent.entities == ("light.odd4",)
    assert grammar.parse("turn on kitchen", HERE)[0].parts[0].intent.entities == ("light.odd6",)


def test_versions_say_when_an_answer_is_old(home: Home, grammar: CompiledHome) -> None:
    assert compile_home(home, "en").version == compile_home(home, "en").version
    assert grammar.changed(home.renamed("light.bed_light", "Moon")).version != grammar.version
    assert compile_home(home, "fr").version != grammar.version


def test_a_rename_changes_what_can_be_said(home: Home, grammar: CompiledHome) -> None:
    renamed = grammar.changed(home.renamed("light.bed_light", "Moonshine"))
    assert renamed.parse("turn on moonshine", HERE)[0].parts[0].intent.entities == ("light.bed_light",)
    assert not renamed.exact(["turn", "on", "bed", "light"], "turn on bed light", HERE)
    assert renamed.parse("turn on the night lamp", HERE)[0].parts[0].intent.slots["name"] == "Moonshine"
    assert grammar.parse("turn on the bed light", HERE)[0].acts, "the old snapshot still stands"
    assert renamed.language.nfa is grammar.language.nfa


def test_a_changed_grammar_is_as_if_made_anew(home: Home, grammar: CompiledHome) -> None:
    later = home.changed(entities=home.entities[2:], areas=home.areas[1:])
    changed, anew = grammar.changed(later), compile_home(later, "en")
    for list_name in ("name", "area", "floor"):
        tries = [dict(made.lexicon.tries[list_name].items()) for made in (changed, anew)]
        assert tries[0] == tries[1]
    assert not changed.exact(["turn", "on", "bed", "light"], "turn on bed light", HERE)
    assert changed.parse("turn on the ceiling fan", HERE)[0].acts
