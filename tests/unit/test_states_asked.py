"""Questions about the home in any words, in five languages: the answer is right, or "I don't know"; nothing is done."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.talking import talk

pytestmark = pytest.mark.real_time

ASKED = {
    "en": [
        ("is the tv playing", "^Yes$"),
        ("is it sunny", "^No, partly cloudy$"),
        ("is it sunny or cloudy today", "^Partly cloudy$"),
        ("how cold is it outside", "^12[.,]5 "),
        ("what's the temperature inside", "^Between 18.5 and 20.5 "),
        ("what's the humidity outside", "^61 "),
        ("what's the battery level of the robot", "^100 percent$"),
        ("which batteries are low", "^Smoke Detector Battery$"),
        ("how many things are on the shopping list", "^2$"),
        ("is milk on my list", "^Yes"),
        ("is caviar on the shopping list", "^No"),
        ("is everything locked", "^No, .*Back Door"),
        ("are all the windows closed", "^No, Bathroom Window"),
        ("are the lights on", "^Yes, "),
        ("what's playing", "^The Evening News$"),
        ("what's the thermostat set to", "^It is set to 21 .*, and it is 20.5 .* now$"),
        ("how much power are we using", "^430 "),
        ("is the robot charging", "^I don't know"),
        ("is the heating on", "^Yes$"),
        ("how many timers are running", "^There are no timers$"),
    ],
    "de": [
        ("wie kalt ist es draußen", "^12[.,]5 "),
        ("welche Batterien sind leer", "^Smoke Detector Battery$"),
        ("ist alles abgeschlossen", "^Nein, Back Door"),
        ("was läuft gerade", "^The Evening News$"),
        ("wie viele Dinge stehen auf der Einkaufsliste", "^2$"),
        ("ist es sonnig", "^Nein"),
        ("wie viele Timer laufen", "^Es läuft kein Timer$"),
    ],
    "fr": [
        ("quelle est la température dehors", "^12[.,]5 "),
        ("quelles piles sont faibles", "^Smoke Detector Battery$"),
        ("est-ce que tout est verrouillé", "^Non, .*Back Door"),
        ("qu'est-ce qui passe", "^The Evening News$"),
        ("combien de choses y a-t-il sur la liste de courses", "^2$"),
        ("est-ce qu'il pleut", "^Non"),
        ("combien de minuteurs sont en cours", "^Il n'y a pas de minuteur$"),
    ],
    "es": [
        ("qué temperatura hace fuera", "^12[.,]5 "),
        ("qué pilas están bajas", "^Smoke Detector Battery$"),
        ("está todo cerrado con llave", "^No, .*Back Door"),
        ("qué está sonando", "^The Evening News$"),
        ("cuántas cosas hay en la lista de la compra", "^2$"),
        ("llueve", "^No"),
        ("cuántos temporizadores hay", "^No hay ningún temporizador$"),
    ],
    "nl": [
        ("hoe koud is het buiten", "^12[.,]5 "),
        ("welke batterijen zijn leeg", "^Smoke Detector Battery$"),
        ("zit alles op slot", "^Nee, Back Door"),
        ("wat speelt er", "^The Evening News$"),
        ("hoeveel dingen staan er op de boodschappenlijst", "^2$"),
        ("regent het", "^Nee"),
        ("hoeveel timers lopen er", "^Er lopen geen timers$"),
    ],
}
"""Language to sentences and what is said back."""


@pytest.mark.parametrize("language", ASKED)
async def test_what_is_asked_of_the_demo_home_is_answered(language: str) -> None:
    async with talk(language=language) as say:
        for text, expected in ASKED[language]:
            assert re.search(expected, reply := await say(text)), (text, reply)
            assert say.calls == [], text


def rows(**more: Any) -> dict[str, Any]:
    return {
        "areas": [{"name": "Kitchen"}, {"name": "Hall"}, {"name": "Garden"}],
        "entities": [
            {"name": "Spots", "domain": "light", "area": "Kitchen", "state": "on"},
            {"name": "Table", "domain": "light", "area": "Kitchen", "state": "on"},
            {"name": "All Lamps", "domain": "light", "area": "Kitchen", "state": "on",
             "attributes": {"entity_id": ["light.spots", "light.table"]}},
            {"name": "Front Contact", "domain": "binary_sensor", "area": "Hall", "state": "on",
             "attributes": {"device_class": "door"}},
            {"name": "Back Contact", "domain": "binary_sensor", "area": "Hall", "state": "unknown",
             "attributes": {"device_class": "door"}},
            {"name": "Pane", "domain": "binary_sensor", "area": "Hall", "state": "unavailable",
             "attributes": {"device_class": "window"}},
            {"name": "Remote", "domain": "binary_sensor", "area": "Hall", "state": "off"},
            {"name": "Remote Battery", "domain": "sensor", "area": "Hall", "state": "7.4",
             "attributes": {"device_class": "battery", "unit_of_measurement": "%"}},
            {"name": "Roof Solar Power", "domain": "sensor", "state": "900",
             "attributes": {"device_class": "power", "unit_of_measurement": "W"}},
            {"name": "Stove", "domain": "climate", "area": "Kitchen", "state": "heat"},
            {"name": "Sky", "domain": "weather", "state": "rainy"},
            {"name": "Radio", "domain": "media_player", "area": "Kitchen", "state": "unavailable"},
            {"name": "Appointments", "domain": "calendar", "state": "off"},
        ],
        **more,
    }  # fmt: skip


@pytest.fixture
def odd_home(tmp_path: Path) -> Path:
    """Where much is unknown, a group stands beside its members, and thermostat and weather have no temperature."""
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(rows()))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how many lights are on", "^2$"),  # the group is not a third
        ("how many doors are open", "^1$"),
        ("is any window open", "don't know"),
        ("are the windows closed", "don't know"),
        ("what's the battery level of the remote", "^7.4 percent$"),
        ("which batteries are low", "^Remote Battery$"),
        ("how much power are we using", "don't know"),  # what the sun makes is not what is used
        ("what's the weather", "^Rain$"),  # not "None None and rainy"
        ("what's the temperature", "^(?!.*None)(?!.*heat degrees)"),
        ("what's the temperature outside", "don't know"),
        ("what's playing", "don't know"),
        ("when is sunset", "don't know"),
        ("what's on my calendar today", "don't know"),
        ("what's the stove set to", "don't know"),
    ],
)
async def test_what_nobody_knows_is_not_guessed(odd_home: Path, text: str, expected: str) -> None:
    async with talk(home=odd_home) as say:
        assert re.search(expected, reply := await say(text)), reply
        assert say.calls == []


async def test_lock_all_and_what_is_locked_then() -> None:
    async with talk() as say:
        await say("lock all the doors")
        assert say.calls == [("lock.lock", "lock.back_door")]
        assert await say("is everything locked") == "Yes"
        assert await say("lock everything") == "Everything was locked already"


async def test_time_left_is_that_of_the_timer_not_of_the_clock() -> None:
    async with talk() as say:
        await say("set a pizza timer for 10 minutes")
        await say("set another timer for 3 minutes")
        assert (await say("how many timers are running")).startswith("2 timers: one with 3 min left, pizza")
        assert "10 minutes" in await say("how long is left on the pizza timer")
        await say("cancel the pizza timer")
        assert await say("how much time is left") == "3 minutes left."
