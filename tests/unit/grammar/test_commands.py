"""Commands by their parts: every word is part of the plan, or nothing is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent, Reading
from repartee.grammar import CompiledHome, compile_home

HOME = home_from(
    {
        "floors": [{"name": "Upstairs", "id": "up"}],
        "areas": [
            {"name": "Kitchen"}, {"name": "Lounge"}, {"name": "Bedroom", "floor": "up"}, {"name": "Garage"},
            {"name": "Porch"},
        ],
        "entities": [
            {"name": "Counter Light", "domain": "light", "area": "Kitchen"},
            {"name": "Sink Lamp", "domain": "light", "area": "Kitchen"},
            {"name": "Reading Lamp", "domain": "light", "area": "Lounge"},
            {"name": "Bed Lamp", "domain": "light", "area": "Bedroom"},
            {"name": "Stereo", "domain": "media_player", "area": "Lounge"},
            {"name": "Tower Fan", "domain": "fan", "area": "Bedroom"},
            {"name": "Desk Plug", "domain": "switch", "area": "Bedroom", "attributes": {"device_class": "outlet"}},
            {"name": "Oven", "domain": "switch", "area": "Kitchen"},
            {"name": "Deadbolt", "domain": "lock", "area": "Porch"},
            {"name": "Side Bolt", "domain": "lock", "area": "Garage"},
            {"name": "Opener", "domain": "cover", "area": "Garage", "attributes": {"device_class": "garage"}},
            {"name": "Drapes", "domain": "cover", "area": "Lounge", "attributes": {"device_class": "curtain"}},
            {"name": "Robbie Downstairs", "domain": "vacuum", "area": "Lounge"},
            {"name": "Hall Thermostat", "domain": "climate", "area": "Lounge"},
            {"name": "Freezer", "domain": "climate", "area": "Kitchen"},
            {"name": "On Air Sign", "domain": "light", "area": "Bedroom"},
        ],
    },
    "commands",
).home  # fmt: skip
KITCHEN = ("light.counter_light", "light.sink_lamp")
LIGHTS = (*KITCHEN, "light.reading_lamp", "light.bed_lamp", "light.on_air_sign")


@pytest.fixture(scope="module")
def home() -> CompiledHome:
    return compile_home(HOME, "en")


def only(home: CompiledHome, text: str, context: Context = Context()) -> Intent:  # noqa: B008  # frozen
    readings = home.parse(text, context)
    assert readings, text
    assert readings[0].acts, readings[0]
    assert readings[0].score >= 0.8
    assert len(readings[0].parts) == 1
    return readings[0].parts[0].intent


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("lock the porch lock", "HassTurnOn", ("lock.deadbolt",)),
        ("switch off the plug in the bedroom", "HassTurnOff", ("switch.desk_plug",)),
        ("turn on the fan", "HassTurnOn", ("fan.tower_fan",)),
        ("open the curtains", "HassTurnOn", ("cover.drapes",)),
        ("send robbie home", "HassVacuumReturnToBase", ("vacuum.robbie_downstairs",)),
        ("vacuum, go back to your dock", "HassVacuumReturnToBase", ("vacuum.robbie_downstairs",)),
        ("take the vacuum in the lounge back to its dock", "HassVacuumReturnToBase", ("vacuum.robbie_downstairs",)),
        ("turn on the kitchen's lights", "HassTurnOn", KITCHEN),
        ("turn the reading light on", "HassTurnOn", ("light.reading_lamp",)),
        ("turn off all lights except the bed lamp and the sink lamp", "HassTurnOff",
         ("light.counter_light", "light.reading_lamp", "light.on_air_sign")),
        ("turn off all the lights apart from the ones in the kitchen", "HassTurnOff", LIGHTS[2:]),
        ("turn off all the lights except in the kitchen", "HassTurnOff", LIGHTS[2:]),
        ("turn off both lights in the kitchen", "HassTurnOff", KITCHEN),
    ],
)  # fmt: skip
def test_what_is_meant(home: CompiledHome, text: str, intent: str, entities: tuple[str, ...]) -> None:
    found = only(home, text)
    assert (found.name, found.entities) == (intent, entities)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("dim the bed lamp by 20 percent", {"brightness_step": -20}),
        ("make the bed lamp 20 percent brighter", {"brightness_step": 20}),
        ("turn up the bed lamp by a quarter", {"brightness_step": 25}),
        ("set the bed lamp to maximum", {"brightness": 100}),
        ("turn the bed lamp down to half", {"brightness": 50}),
        ("set the bed lamp to red at 50 percent", {"color": "red", "brightness": 50}),
        ("set the bed lamp to light blue", {"color": "lightblue"}),
        ("make the bed lamp warm white", {"temperature": 2700}),
        ("set the bed lamp to 3000 kelvin", {"temperature": 3000}),
        ("open the drapes halfway", {"position": 50}),
        ("close the drapes a bit", {"position_step": -10}),
        ("turn down the volume of the stereo by 5 percent", {"volume_step": -5}),
        ("turn the volume of the stereo down to 30 percent", {"volume_level": 30}),
        ("set the freezer to minus 20 degrees", {"temperature": -20}),
        ("set the hall thermostat to twenty and a half degrees", {"temperature": 20.5}),
        ("lower the hall thermostat by 3 degrees", {"temperature_step": -3}),
    ],
)
def test_how_much(home: CompiledHome, text: str, slots: dict[str, Any]) -> None:
    found = {name: value for name, value in only(home, text).slots.items() if name != "name"}
    assert found == slots


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the reading lamp on and the counter light off",
         [("HassTurnOn", ("light.reading_lamp",)), ("HassTurnOff", ("light.counter_light",))]),
        ("turn off the bed lamp turn on the oven",
         [("HassTurnOff", ("light.bed_lamp",)), ("HassTurnOn", ("switch.oven",))]),
        ("turn off the fan, the reading light and the oven",
         [("HassTurnOff", ("fan.tower_fan",)), ("HassTurnOff", ("light.reading_lamp",)),
          ("HassTurnOff", ("switch.oven",))]),
        ("turn the kitchen lights and the fan off", [("HassTurnOff", KITCHEN), ("HassTurnOff", ("fan.tower_fan",))]),
    ],
)  # fmt: skip
def test_several_at_once(home: CompiledHome, text: str, parts: list[Any]) -> None:
    reading = home.parse(text, Context())[0]
    assert reading.acts
    assert [(part.intent.name, part.intent.entities) for part in reading.parts] == parts


@pytest.mark.parametrize(
    "text",
    [
        "turn off the lights in the nursery",
        "set the lights in the attic to red",
        "turn on the oven if it rains",
        "turn on the oven like yesterday",
        "remind me to turn on the oven",
        "i forgot to turn off the oven",
        "may i turn on the oven",
        "who turned on the fan",
        "don't turn off the bed lamp",
        "never open the curtains",
        "he said turn on the oven",
        "turn on the air fryer",
        "turn on the sign in the kitchen",
        "turn off all lights but the oven",
        "turn on the flurble light",
        "set the bed lamp to 300 percent",
        "lock the bed lamp",
        "turn off the tv lights",
        "is it too loud",
    ],
)
def test_nothing_is_done_with_words_left(home: CompiledHome, text: str) -> None:
    for area in (None, "kitchen", "bedroom"):
        readings = home.parse(text, Context(area))
        assert not any(acting(reading) for reading in readings), readings


def acting(reading: Reading) -> bool:
    """Whether something is done now; what waits for its time has kept the words that say so."""
    first = reading.parts[0] if reading.parts else None
    waits = first is not None and first.when is not None and first.when.waits
    harmless = first is not None and first.intent.name.startswith("HassGet")
    return reading.acts and reading.score >= 0.8 and not waits and not harmless


def test_a_place_that_is_not_there_is_told(home: CompiledHome) -> None:
    reading = home.parse("turn off the lights in the nursery", Context("kitchen"))[0]
    assert reading.doubt is not None
    assert (reading.doubt.key, reading.doubt.facts["what"], reading.doubt.asks) == ("no_place", "nursery", False)


def test_each_word_has_its_part(home: CompiledHome) -> None:
    cover = home.parse("please dim the bed lamp by 20 percent", Context())[0].cover
    assert cover is not None
    assert [(" ".join(cover.words[u.start : u.stop]), u.role) for u in cover.uses] == [
        ("please", "free"), ("dim", "deed"), ("the bed lamp", "target"), ("by 20 percent", "amount"),
    ]  # fmt: skip
    assert cover.left == ()


def test_it_is_what_was_spoken_of(home: CompiledHome) -> None:
    last = Intent("HassTurnOn", {"name": "Bed Lamp"}, entities=("light.bed_lamp",))
    found = only(home, "set it to light blue", replace(Context(), history=(last,)))
    assert dict(found.slots) == {"name": "Bed Lamp", "color": "lightblue"}
