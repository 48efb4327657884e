from __future__ import annotations

import random

import pytest
from bench.homes import enlarged

from repartee.core.home import Home
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.sounds import sound

from .conftest import HERE


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("turn on the bed lite", "light.bed_light"),
        ("turn on the bde light", "light.bed_light"),
        ("trun on the bed light", "light.bed_light"),
        ("turn on the bedlight", "light.bed_light"),
        ("turn on the be dlight", "light.bed_light"),
        ("turn on the bath room lamp", "light.bathroom_lamp"),
        ("turn off the sealing fan", "fan.ceiling_fan"),
        ("turn on the cofee mashine", "switch.coffee_machine"),
    ],
)
def test_misheard_and_misspelt_names_are_found(grammar: CompiledHome, text: str, entity: str) -> None:
    reading = grammar.parse(text, HERE)[0]
    assert reading.acts
    assert reading.parts[0].intent.entities == (entity,)
    assert reading.score < 1.0


def test_two_equally_near_ask(home: Home) -> None:
    made = tuple(type(home.entities[0])(f"light.{name.lower()}", f"{name} Lamp") for name in ("Left", "Loft"))
    reading = compile_home(home.changed(entities=made), "en").parse("turn on the leoft lamp", HERE)[0]
    assert not reading.acts
    assert reading.doubt is not None
    assert reading.doubt.key == "did_you_mean"
    assert set(reading.doubt.labels) == {"Left Lamp", "Loft Lamp"}


def test_opposites_that_sound_alike_ask(grammar: CompiledHome) -> None:
    reading = grammar.parse("nlock the front door", HERE)[0]
    assert not reading.acts


def test_never_silently_the_wrong_device(home: Home) -> None:
    large = enlarged(home, 300)
    grammar = compile_home(large, "en")
    rng = random.Random(3)
    names = {name.lower() for entity in large.entities for name in entity.names}
    lights = [entity for entity in large.entities if entity.domain in ("light", "fan") and entity.name]
    right = wrong = 0
    for _ in range(200):
        entity = rng.choice(lights)
        letters = list(entity.name.lower())
        letters[rng.randrange(len(letters))] = rng.choice("abcdefghijklmnopqrstuvwxyz")
        said = "".join(letters)
        if said in names:
            continue
        readings = grammar.parse(f"turn off the {said}", HERE)
        if readings and readings[0].acts and readings[0].score >= 0.8:
            right += readings[0].parts[0].intent.entities == (entity.id,)
            wrong += readings[0].parts[0].intent.entities != (entity.id,)
    assert wrong == 0
    assert right > 180


@pytest.mark.parametrize(
    ("one", "other"), [("light", "lite"), ("knight", "nite"), ("phone", "fone"), ("write", "right")]
)
def test_what_sounds_alike_has_one_code(one: str, other: str) -> None:
    assert sound(one, "en") == sound(other, "en")
    assert sound(one, "en") != sound("banana", "en")
