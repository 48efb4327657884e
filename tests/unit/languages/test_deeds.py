"""A deed is said in words: no intent's name ever reaches a person, in any language."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest
from home_assistant_intents import get_intents
from hypothesis import given
from hypothesis import strategies as st

from repartee.assembly.skills import load_skills
from repartee.core.intent import Intent
from repartee.languages.data import languages, own_data
from repartee.languages.deeds import deed_question, describe, describe_call

NAMES = sorted(load_skills())
INTERNAL = re.compile(r"\b(Hass|Rep)[A-Z]|[{}_]|\b\w+\.\w+\b")
SLOTS: dict[str, Any] = {
    "name": "Stehlampe",
    "area": "Küche",
    "brightness": 51,
    "color": "red",
    "temperature": 21,
    "minutes": 5,
    "hour": 7,
    "minute": 30,
    "item": "Brot",
    "message": "Essen",
    "search_query": "Jazz",
}


def forms(language: str) -> list[str]:
    deeds = own_data(language, "deeds")
    return [form for kinds in deeds["intents"].values() for each in kinds.values() for form in each]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", NAMES)
def test_every_intent_has_words(name: str, language: str) -> None:
    for slots in ({}, SLOTS, {"domain": "light", "area": "Küche"}, {"device_class": ("blind", "shade")}):
        text = describe(Intent(name, slots), language)
        assert text
        assert not INTERNAL.search(text), text
        assert name not in text
        assert "  " not in text


@pytest.mark.parametrize("language", languages())
def test_every_intent_of_the_sentence_data_is_known(language: str) -> None:
    data = get_intents(language)
    assert data is not None
    assert {*data["intents"], *NAMES} <= own_data(language, "deeds")["intents"].keys()


def test_the_languages_say_the_same_things() -> None:
    english = own_data("en", "deeds")
    for language in languages():
        theirs = own_data(language, "deeds")
        assert theirs.keys() == english.keys()
        for part in ("intents", "calls", "things", "values", "places"):
            assert theirs[part].keys() == english[part].keys(), (language, part)
        for slot, values in english["values"].items():
            assert theirs["values"][slot].keys() == values.keys(), (language, slot)
        for name, kinds in english["intents"].items():
            assert theirs["intents"][name].keys() == kinds.keys(), (language, name)
            for kind, english_forms in kinds.items():
                assert _facts(theirs["intents"][name][kind]) == _facts(english_forms), (language, name, kind)


def _facts(texts: list[str]) -> set[str]:
    """`at_time` is the time with its preposition."""
    named = {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
    return {"time" if name == "at_time" else name for name in named}


@pytest.mark.parametrize(
    ("language", "intent", "words"),
    [
        ("en", Intent("HassTurnOn", {"name": "Desk Lamp"}, entities=("light.desk",)), "turn on Desk Lamp"),
        ("en", Intent("HassTurnOn", {"name": "Garage"}, entities=("cover.garage",)), "open Garage"),
        ("de", Intent("HassTurnOn", {"name": "Haustür"}, entities=("lock.front",)), "Haustür abschließen"),
        ("en", Intent("HassLightSet", {"area": "Hall", "brightness": 51.0}), "set the lights in Hall to 51 percent"),
        ("fr", Intent("HassLightSet", {"area": "Cuisine", "brightness": 51}),
         "régler les lumières de la pièce Cuisine à 51 pour cent"),
        ("nl", Intent("HassLightSet", {"name": "Lamp", "color": "red", "brightness": 20}),
         "Lamp op 20 procent en rood zetten"),
        ("en", Intent("HassTurnOff", {"domain": "light"}, response="lights_all"), "turn off all lights"),
        ("fr", Intent("HassSetVolumeRelative", {"volume_step": "up"}), "monter le son du lecteur"),
        ("es", Intent("HassGetState", {"domain": "lock"}), "decir el estado de las cerraduras"),
        ("en", Intent("HassStartTimer", {"hours": 1, "minutes": 30}), "set a timer for 1 hour and 30 minutes"),
        ("de", Intent("HassStartTimer", {"minutes": 1, "conversation_command": "Licht aus"}), "Licht aus in 1 Minute"),
        ("en", Intent("HassCancelTimer", {"start_minutes": 5}), "cancel the timer of 5 minutes"),
        ("en", Intent("RepSetAlarm", {"hour": 7, "minute": -15, "day": "monday"}), "set an alarm for Monday at 6:45"),
        ("en", Intent("RepSetAlarm", {"hour": 7, "minute": 0, "half": "pm"}), "set an alarm for 7:00 PM"),
        ("es", Intent("RepSetAlarm", {"hour": 1, "minute": 0}), "poner una alarma a la 1:00"),
        ("nl", Intent("RepSetAlarm", {"hour": 7, "repeat": "daily"}), "een wekker elke dag om 7 uur zetten"),
        ("en", Intent("HomeMadeIntent", {"name": "Robot"}), "do that with Robot"),
        ("en", Intent("HomeMadeIntent"), "do that"),
        ("sw", Intent("HassNevermind"), "forget it"),
    ],
)  # fmt: skip
def test_a_deed_in_words(language: str, intent: Intent, words: str) -> None:
    assert describe(intent, language) == words


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Set the lights in Kitchen to 51 percent?"),
        ("fr", "Régler les lumières de la pièce Kitchen à 51 pour cent ?"),
        ("es", "¿Poner las luces en Kitchen al 51 por ciento?"),
    ],
)
def test_a_deed_as_a_question(language: str, question: str) -> None:
    assert deed_question(Intent("HassLightSet", {"area": "Kitchen", "brightness": 51}), language) == question


@pytest.mark.parametrize(
    ("service", "language", "words"),
    [
        ("lock.unlock", "en", "unlock Door"),
        ("lock.unlock", "de", "Door aufschließen"),
        ("cover.open_cover", "fr", "ouvrir Door"),
        ("scene.turn_on", "en", "activate Door"),
        ("light.turn_on", "nl", "Door aanzetten"),
        ("robot.somersault", "es", "cambiar Door"),
        ("", "en", "change Door"),
    ],
)
def test_a_call_in_words(service: str, language: str, words: str) -> None:
    assert describe_call(service, "Door", language) == words


values = st.one_of(
    st.text(max_size=10), st.floats(), st.integers(), st.lists(st.text(max_size=5), max_size=3).map(tuple)
)


@given(
    st.sampled_from([*NAMES, "HassUnheardOf"]),
    st.dictionaries(
        st.sampled_from([*SLOTS, "hours", "seconds", "half", "day", "volume_step", "domain", "floor"]), values
    ),
    st.sampled_from(languages()),
)
def test_no_slots_break_a_deed(name: str, slots: dict[str, Any], language: str) -> None:
    assert describe(Intent(name, slots), language)
    assert deed_question(Intent(name, slots), language)
