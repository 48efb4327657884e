"""Conditions: whom they are about, whether they wait or look, and that nothing else is taken for one."""

from __future__ import annotations

from functools import lru_cache

import pytest

from repartee.core.conditions import holds
from repartee.core.home import State, States
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Part
from repartee.core.when import Condition
from repartee.grammar.compiled import CompiledHome, compile_home
from repartee.languages.data import sentences

NAMES = {
    "en": ("Desk Lamp", "Washing Machine", "Kitchen", "Study"),
    "de": ("Schreibtischlampe", "Waschmaschine", "Küche", "Arbeitszimmer"),
    "fr": ("Lampe de bureau", "Machine à laver", "Cuisine", "Bureau"),
    "es": ("Lámpara de mesa", "Lavadora", "Cocina", "Estudio"),
    "nl": ("Bureaulamp", "Wasmachine", "Keuken", "Studeerkamer"),
}
LAMP, WASHER, WINDOW, HEATING, WEATHER = (
    "light.lamp",
    "switch.washer",
    "binary_sensor.window",
    "climate.heating",
    "weather.here",
)


@lru_cache
def grammar(language: str) -> CompiledHome:
    lamp, washer, kitchen, study = NAMES[language]
    home = home_from(
        {
            "areas": [{"name": kitchen, "id": "kitchen"}, {"name": study, "id": "study"}],
            "entities": [
                {"name": lamp, "id": LAMP, "domain": "light", "area": kitchen},
                {"name": washer, "id": WASHER, "domain": "switch", "area": kitchen},
                {"name": "W1", "id": WINDOW, "domain": "binary_sensor", "area": study,
                 "attributes": {"device_class": "window"}},
                {"name": "Thermo", "id": HEATING, "domain": "climate", "area": study},
                {"name": "Here", "id": WEATHER, "domain": "weather"},
            ],
        }
    ).home  # fmt: skip
    return compile_home(home, language, sentences(language))


def part_of(language: str, text: str) -> Part:
    (reading,) = grammar(language).parse(text, Context(language=language))[:1]
    assert reading.acts, reading
    (part,) = reading.parts
    return part


def condition_of(language: str, text: str) -> Condition:
    when = part_of(language, text).when
    assert when is not None
    assert when.condition is not None
    return when.condition


def ids(language: str) -> dict[str, str]:
    """The home's ids by their domain."""
    return {entity.domain: entity.id for entity in grammar(language).home.entities}


RAIN = [
    ("en", "if it rains turn off the desk lamp"),
    ("en", "turn off the desk lamp when it starts raining"),
    ("de", "wenn es regnet schalte die schreibtischlampe aus"),
    ("de", "schalte die schreibtischlampe aus wenn es regnet"),
    ("fr", "s'il pleut éteins la lampe de bureau"),
    ("fr", "éteins la lampe de bureau quand il pleut"),
    ("es", "si llueve apaga la lámpara de mesa"),
    ("nl", "als het regent zet de bureaulamp uit"),
]


@pytest.mark.parametrize(("language", "text"), RAIN)
def test_what_the_sky_does_is_waited_for(language: str, text: str) -> None:
    condition = condition_of(language, text)
    assert condition.entities == (ids(language)["weather"],)
    assert "rainy" in condition.values
    assert (condition.edge, condition.always) == (True, True)
    assert part_of(language, text).intent.name == "HassTurnOff"


STATE = [
    ("en", "if the desk lamp is on turn off the washing machine"),
    ("en", "turn off the washing machine if the desk lamp is on"),
    ("de", "wenn die schreibtischlampe an ist schalte die waschmaschine aus"),
    ("fr", "si la lampe de bureau est allumée éteins la machine à laver"),
    ("es", "si la lámpara de mesa está encendida apaga la lavadora"),
    ("nl", "als de bureaulamp aan is zet de wasmachine uit"),
]


@pytest.mark.parametrize(("language", "text"), STATE)
def test_a_state_after_if_is_looked_at_now(language: str, text: str) -> None:
    condition = condition_of(language, text)
    assert condition.entities == (ids(language)["light"],)
    assert condition.values == ("on",)
    assert not condition.edge


NUMBER = [
    ("en", "if the study is above 23 degrees turn off the desk lamp"),
    ("en", "if the temperature in the study is over twenty three degrees turn off the desk lamp"),
    ("de", "wenn das arbeitszimmer über 23 grad ist schalte die schreibtischlampe aus"),
    ("fr", "si le bureau est au-dessus de 23 degrés éteins la lampe de bureau"),
    ("es", "si el estudio está a más de 23 grados apaga la lámpara de mesa"),
    ("nl", "als de studeerkamer boven 23 graden is zet de bureaulamp uit"),
]


@pytest.mark.parametrize(("language", "text"), NUMBER)
def test_a_room_is_as_warm_as_its_thermostat_says(language: str, text: str) -> None:
    condition = condition_of(language, text)
    assert (condition.entities, condition.attribute) == ((ids(language)["climate"],), "current_temperature")
    assert (condition.above, condition.below) == (23.0, None)


DONE = [
    ("en", "when the washing machine is done tell me", "the washing machine is done"),
    ("en", "let me know as soon as the washing machine finishes", "the washing machine finishes"),
    ("de", "sag mir bescheid sobald die waschmaschine fertig ist", "die waschmaschine fertig ist"),
    ("fr", "préviens-moi dès que la machine à laver a fini", "la machine à laver a fini"),
    ("es", "avísame cuando termine la lavadora", "termine la lavadora"),
    ("nl", "laat me weten zodra de wasmachine klaar is", "de wasmachine klaar is"),
]


@pytest.mark.parametrize(("language", "text", "message"), DONE)
def test_being_told_is_of_the_next_time_only(language: str, text: str, message: str) -> None:
    part, condition = part_of(language, text), condition_of(language, text)
    assert part.intent.name == "RepTell"
    assert part.intent.slots == {"message": message}
    assert condition.entities == (ids(language)["switch"],)
    assert {"off", "done", "finished"} <= set(condition.values)
    assert (condition.edge, condition.always) == (True, False)


def test_whenever_is_a_rule_and_any_of_a_kind_is_enough() -> None:
    condition = condition_of("en", "whenever a window in the study opens turn off the desk lamp")
    assert condition.entities == (ids("en")["binary_sensor"],)
    assert condition.values == ("on",)
    assert condition.always


def test_it_is_what_the_condition_is_about() -> None:
    part = part_of("en", "if the study is above 23 degrees set it to 22 degrees")
    assert part.intent.entities == (ids("en")["climate"],)
    assert part.intent.slots["temperature"] == 22


def test_a_condition_and_a_while() -> None:
    when = part_of("en", "when the window opens turn on the desk lamp for ten minutes").when
    assert when is not None
    assert (when.lasting, when.condition is not None) == (600.0, True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("when the dishwasher is finished tell me", "dishwasher"),
        ("if the porch light is on turn off the desk lamp", "porch light"),
    ],
)
def test_what_is_not_there_is_said(text: str, name: str) -> None:
    (reading,) = grammar("en").parse(text, Context())
    assert not reading.acts
    assert reading.doubt is not None
    assert reading.doubt.key == "unknown_name"
    assert name in str(reading.doubt.facts["choices"])


@pytest.mark.parametrize(
    "text",
    [
        "when i was young i liked the desk lamp",
        "when the movie is over i go to bed",
        "if only the desk lamp could talk",
    ],
)
def test_talk_is_no_condition(text: str) -> None:
    assert not any(reading.acts and reading.score >= 0.8 for reading in grammar("en").parse(text, Context()))


def states(**values: str | None) -> States:
    known = States()
    for entity, value in values.items():
        known.set(f"light.{entity}", State(value))
    return known


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (Condition(("light.a", "light.b"), "", ("on",)), True),
        (Condition(("light.b", "light.c"), "", ("on",)), None),
        (Condition(("light.a", "light.c"), "", ("on",)), True),
        (Condition(("light.a", "light.b"), "", ("on",), all_of=True), False),
        (Condition(("light.a", "light.c"), "", ("on",), all_of=True), None),
        (Condition(("light.b",), "", ("on",), negated=True), True),
        (Condition((), "", ("on",), negated=True), None),
        (Condition(("light.n",), "", above=20.0), True),
        (Condition(("light.n",), "", above=20.0, below=21.0), False),
        (Condition(("light.a",), "", above=20.0), None),
    ],
)
def test_what_nobody_knows_is_neither_so_nor_not(condition: Condition, held: bool | None) -> None:
    assert holds(condition, states(a="on", b="off", c=None, n="22.5")) is held


def test_a_short_name_is_that_of_what_watches_it() -> None:
    rows = [
        {"name": "Front Door Lock", "domain": "lock", "state": "locked"},
        {
            "name": "Front Door Sensor",
            "domain": "binary_sensor",
            "state": "off",
            "attributes": {"device_class": "door"},
        },
        {"name": "Lamp", "domain": "light", "state": "off"},
    ]
    grammar = compile_home(home_from({"entities": rows}).home, "en")
    (reading, *_) = grammar.parse("if the front door opens turn on the lamp", Context())
    when = reading.parts[0].when
    assert when is not None
    assert when.condition is not None
    assert when.condition.entities == ("binary_sensor.front_door_sensor",)
