"""What one can say here: examples with the names of this home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .language import words_of
from .targets import step

KINDS: Mapping[str, tuple[str, ...]] = {
    "light": ("light",), "cover": ("cover",), "climate": ("climate",), "media": ("media_player",), "lock": ("lock",),
    "scene": ("scene", "script"), "vacuum": ("vacuum",), "list": ("todo", "list"), "weather": ("weather",),
}  # fmt: skip
ALWAYS = ("timer", "undo")
"""Examples for which no device is needed."""
EXAMPLES = 4


def help_with(intent: Intent, situation: Situation) -> Step:
    """Something different every hour, so that a person learns more than one thing."""
    chance = Random(f"{situation.home.version.home} {situation.now:%Y%m%d%H}")  # no secret
    told = words_of(situation.context.language.partition("-")[0], "examples")
    lists = [entity for entity in situation.household.entities if entity.domain in KINDS["list"]]
    found = examples_of([*situation.home.entities, *lists], situation.context.language, situation.context.area, chance)
    chosen = [*chance.sample(found, min(EXAMPLES - 1, len(found))), told[chance.choice(ALWAYS)]]
    return step(intent, examples=chosen)


def examples_of(entities: Sequence[Entity], language: str, area: str | None, chance: Random) -> list[str]:
    """A sentence for each kind of device there is, with one of its names; of the room `area` before others."""
    told = words_of(language.partition("-")[0], "examples")
    found = ((kind, _one(kind, entities, area, chance)) for kind in KINDS)
    return [told[kind].format(name=entity.name) for kind, entity in found if entity]


def _one(kind: str, entities: Sequence[Entity], area: str | None, chance: Random) -> Entity | None:
    things = [entity for entity in entities if entity.domain in KINDS[kind] and entity.name]
    here = [entity for entity in things if entity.area and entity.area == area]
    return chance.choice(here or things) if things else None


SKILLS = {"RepHelp": help_with}
