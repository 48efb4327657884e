"""By parts, compounds, and sentences that lean on what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from repartee.core.intent import Context, Intent
from repartee.grammar import CompiledHome

from .conftest import HERE

LIGHTS_HERE = {"domain": "light", "area": "Living Room"}


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("it's too dark in here", "HassLightSet", {"brightness_step": 20, **LIGHTS_HERE}),
        ("lights out please", "HassTurnOff", LIGHTS_HERE),
        ("olly mute", "HassMediaPlayerMute", {}),
        ("hey would you kill the lights in the bedroom", "HassTurnOff", {"domain": "light", "area": "Bedroom"}),
        ("i really need a coffee", "HassTurnOn", {"name": "Coffee Machine"}),
        ("will i need an umbrella", "HassGetWeather", {}),
        (
            "could you maybe get the kitchen a bit warmer",
            "HassClimateSetTemperature",
            {"temperature_step": 1, "domain": "climate", "area": "Kitchen"},
        ),
    ],
)
def test_what_no_template_says(grammar: CompiledHome, text: str, intent: str, slots: dict[str, Any]) -> None:
    reading = grammar.parse(text, HERE)[0]
    assert reading.acts
    assert (reading.parts[0].intent.name, dict(reading.parts[0].intent.slots)) == (intent, slots)


@pytest.mark.parametrize(
    "text",
    [
        "tell me a joke about lights",
        "do you like coffee",
        "i saw a nice lamp in the shop on my way home and nearly bought it",
        "why is the sky dark at night",
        "my robot broke down",
        "don't turn on the lights",
        "never turn off the fan",
        "turn on the lights but not in the kitchen",
        "turn on the red lamp",
    ],
)
def test_chatter_does_nothing(grammar: CompiledHome, text: str) -> None:
    readings = grammar.parse(text, HERE)
    assert not any(reading.acts and reading.score >= 0.8 for reading in readings)


def plan(
    grammar: CompiledHome, text: str, context: Context = HERE
) -> list[tuple[str, Any, int, tuple[int, ...], float]]:
    reading = grammar.parse(text, context)[0]
    assert reading.acts
    return [
        (
            p.intent.name,
            p.intent.slots.get("name", p.intent.slots.get("area")),
            p.group,
            p.after,
            p.when.after if p.when else 0,
        )
        for p in reading.parts
    ]


def test_two_commands_run_at_once(grammar: CompiledHome) -> None:
    assert plan(grammar, "close the left blind and turn on the bed light") == [
        ("HassTurnOff", "Left Blind", 0, (), 0.0),
        ("HassTurnOn", "Bed Light", 0, (), 0.0),
    ]


def test_one_verb_for_several_things(grammar: CompiledHome) -> None:
    assert [row[:2] for row in plan(grammar, "turn off the kitchen lights, the ceiling fan and the tv")] == [
        ("HassTurnOff", "Kitchen Lights"),
        ("HassTurnOff", "Ceiling Fan"),
        ("HassTurnOff", "TV"),
    ]


def test_an_end_for_several_things(grammar: CompiledHome) -> None:
    assert [row[:2] for row in plan(grammar, "turn the kitchen lights and the tv off")] == [
        ("HassTurnOff", "Kitchen Lights"),
        ("HassTurnOff", "TV"),
    ]


def test_then_and_later_are_in_order(grammar: CompiledHome) -> None:
    assert plan(grammar, "turn on the bed light and then turn off the tv") == [
        ("HassTurnOn", "Bed Light", 0, (), 0.0),
        ("HassTurnOff", "TV", 1, (0,), 0.0),
    ]
    assert plan(grammar, "turn on the bed light and in ten minutes turn it off") == [
        ("HassTurnOn", "Bed Light", 0, (), 0.0),
        ("HassTurnOff", "Bed Light", 0, (), 600.0),
    ]


def test_a_time_before_all_of_it_is_for_all_of_it(grammar: CompiledHome) -> None:
    reading = grammar.parse("in five minutes turn off the tv and lock the front door", HERE)[0]
    assert len(reading.parts) == 1
    assert reading.parts[0].intent.slots["conversation_command"] == "turn off the tv and lock the front door"


def test_values_of_their_own(grammar: CompiledHome) -> None:
    reading = grammar.parse("set the bed light to 50% and the bathroom lamp to 20%", HERE)[0]
    assert [dict(part.intent.slots) for part in reading.parts] == [
        {"name": "Bed Light", "brightness": 50},
        {"name": "Bathroom Lamp", "brightness": 20},
    ]


def test_an_and_inside_free_text_is_text(grammar: CompiledHome) -> None:
    reading = grammar.parse("add bread and butter to the shopping list", HERE)[0]
    assert len(reading.parts) == 1
    assert reading.parts[0].intent.slots["item"] == "bread and butter"


@pytest.mark.parametrize("text", ["turn on the flurble light", "switch off my quux lamp please", "start the zorg fan"])
def test_a_thing_we_do_not_know_is_not_taken_for_another(grammar: CompiledHome, text: str) -> None:
    assert not any(reading.acts and reading.score >= 0.8 for reading in grammar.parse(text, HERE))


def test_a_half_understood_sentence_does_not_act(grammar: CompiledHome) -> None:
    readings = grammar.parse("turn off the bed light and feed the gorgonzola", HERE)
    assert not any(reading.acts and reading.score >= 0.8 for reading in readings)


ON = Intent("HassTurnOn", {"name": "Bed Light"}, entities=("light.bed_light",))
ALL_ON = Intent("HassTurnOn", {"domain": "light", "area": "Kitchen"})


@pytest.mark.parametrize(
    ("last", "text", "intent", "slots"),
    [
        (ON, "turn it off", "HassTurnOff", {"name": "Bed Light"}),
        (ALL_ON, "turn them off", "HassTurnOff", {"domain": "light", "area": "Kitchen"}),
        (ALL_ON, "and the bedroom too", "HassTurnOn", {"domain": "light", "area": "Bedroom"}),
        (ALL_ON, "what about upstairs", "HassTurnOn", {"domain": "light", "floor": "Upstairs"}),
        (ON, "a bit brighter", "HassLightSet", {"name": "Bed Light", "brightness_step": 10}),
        (ON, "no, the bathroom lamp", "HassTurnOn", {"name": "Bathroom Lamp"}),
        (ON, "no, the other one", "HassTurnOn", {"name": "Bedroom Lamp"}),
        (ON, "is it on", "HassGetState", {"name": "Bed Light", "state": "on"}),
    ],
)
def test_leaning_on_the_last_intent(
    grammar: CompiledHome, last: Intent, text: str, intent: str, slots: dict[str, Any]
) -> None:
    reading = grammar.parse(text, replace(HERE, history=(last,)))[0]
    assert reading.acts
    assert (reading.parts[0].intent.name, dict(reading.parts[0].intent.slots)) == (intent, slots)


def test_it_is_nothing_without_a_before(grammar: CompiledHome) -> None:
    assert not any(reading.acts for reading in grammar.parse("turn it off", HERE))
