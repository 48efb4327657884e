"""Questions about the home, read by their parts in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repartee.core.home import Home
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Reading
from repartee.grammar import CompiledHome, compile_home

from .conftest import HERE, NOWHERE

UPSTAIRS = ("light.bed_light", "light.bathroom_lamp", "light.bedroom_lamp")
EXTRA = [
    {"name": "Robo", "domain": "vacuum", "area": "Living Room"},
    {"name": "Hall Sensor", "domain": "binary_sensor", "area": "Bathroom", "attributes": {"device_class": "motion"}},
    {"name": "Back Window", "domain": "binary_sensor", "area": "Bathroom", "attributes": {"device_class": "window"}},
]


@pytest.fixture(scope="module")
def asked(home: Home) -> CompiledHome:
    more = home_from({"areas": [{"name": "Living Room"}, {"name": "Bathroom"}], "entities": EXTRA}).home.entities
    return compile_home(home.changed(entities=(*home.entities, *more)), "en")


def one(grammar: CompiledHome, text: str, context: Context = NOWHERE) -> Intent:
    readings = grammar.parse(text, context)
    assert readings, text
    assert readings[0].doubt is None
    return readings[0].parts[0].intent


@pytest.mark.parametrize(
    ("said", "response", "entities"),
    [
        ("check whether the front door is unlocked please", "read_one_yesno", ("lock.front_door",)),
        ("is there any motion in the bathroom", "read_any", ("binary_sensor.hall_sensor",)),
        ("did i leave the bathroom window open", "read_any", ("binary_sensor.back_window",)),
        ("has the vacuum finished", "read_any", ("vacuum.robo",)),
        ("are the lights upstairs still switched off", "read_all", UPSTAIRS),
        ("how many of the lights upstairs are burning", "read_how_many", UPSTAIRS),
        ("which of the lights upstairs are burning", "read_which", UPSTAIRS),
        ("in which rooms upstairs are lights on", "read_rooms", UPSTAIRS),
    ],
)  # fmt: skip
def test_states(asked: CompiledHome, said: str, response: str, entities: tuple[str, ...]) -> None:
    intent = one(asked, said)
    assert (intent.name, intent.response, intent.entities) == ("HassGetState", response, entities)


@pytest.mark.parametrize(
    ("said", "name", "slots"),
    [
        ("what is the volume of the tv", "RepAttribute", {"quality": "volume", "name": "TV"}),
        ("how bright is the bed light right now", "RepAttribute", {"quality": "brightness", "name": "Bed Light"}),
        ("is the bed light on or off", "RepAttribute", {"quality": "state", "name": "Bed Light"}),
        ("what is robo doing", "RepAttribute", {"quality": "state", "name": "Robo"}),
        ("where is the vacuum", "RepWhere", {"name": "Robo"}),
        (
            "is the volume of the tv above 40 percent",
            "RepCompare",
            {"quality": "volume", "name": "TV", "of": "RepAttribute", "side_of": "above", "limit": 40.0},
        ),
    ],
)
def test_values(asked: CompiledHome, said: str, name: str, slots: dict[str, object]) -> None:
    intent = one(asked, said)
    assert (intent.name, dict(intent.slots)) == (name, slots)


@pytest.mark.parametrize(
    "said",
    [
        "is the bed light on the table",
        "was the bed light on yesterday",
        "is the bed light brighter than the lamp",
        "which of my friends are on holiday",
        "is it on",
        "what is the volume of the ocean",
        "how many lights did you buy",
    ],
)
def test_a_word_that_is_no_part_makes_it_another_sentence(asked: CompiledHome, said: str) -> None:
    assert not any(reading.acts and is_read(reading) for reading in asked.parse(said, HERE))


def is_read(reading: Reading) -> bool:
    intent = reading.parts[0].intent
    return intent.response.startswith("read") or intent.name in ("RepAttribute", "RepCompare", "RepWhere")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "sag mir ob der front door abgeschlossen ist"),
        ("fr", "dis-moi si front door est verrouillée"),
        ("es", "dime si front door está cerrada con llave"),
        ("nl", "zeg me of front door op slot is"),
    ],
)
def test_in_every_language(home: Home, language: str, said: str) -> None:
    intent = one(compile_home(home, language), said, replace(NOWHERE, language=language))
    assert (intent.entities, intent.slots["state"]) == (("lock.front_door",), "locked")


def test_what_is_read_is_told_word_by_word(asked: CompiledHome) -> None:
    cover = asked.parse("tell me if the tv is playing please", NOWHERE)[0].cover
    assert cover is not None
    assert cover.left == ()
    assert [use.role for use in cover.uses] == ["ask", "target", "links", "states", "fillers"]


def test_several_things_are_asked_of_at_once(asked: CompiledHome) -> None:
    intent = one(asked, "are the bed light and the bathroom lamp on")
    assert (intent.response, intent.entities) == ("read_all", ("light.bed_light", "light.bathroom_lamp"))


@pytest.mark.parametrize(
    "said",
    [
        "is the bed light on and the tv off",
        "is the bed light on and turn off the tv",
        "are the kitchen lights and the tv that on",
    ],
)
def test_the_end_of_a_question_is_no_command(asked: CompiledHome, said: str) -> None:
    names = {part.intent.name for reading in asked.parse(said, HERE) if reading.acts for part in reading.parts}
    assert not names & {"HassTurnOn", "HassTurnOff"}
