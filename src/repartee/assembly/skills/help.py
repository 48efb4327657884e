"""What one can say here: examples with the names of this home."""

from __future__ import annotations

from collections.abc import Mapping
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
    told = words_of(situation.context.language.partition("-")[0], "examples")
    chance = Random(f"{situation.home.version.home} {situation.now:%Y%m%d%H}")  # no secret
    found = [told[kind].format(name=entity.name) for kind in KINDS if (entity := _one(kind, situation, chance))]
    chosen = [*chance.sample(found, min(EXAMPLES - 1, len(found))), told[chance.choice(ALWAYS)]]
    return step(intent, examples=chosen)


def _one(kind: str, situation: Situation, chance: Random) -> Entity | None:
    """Of the room where one stands, before others."""
    homes = (situation.home.entities, situation.household.entities if kind == "list" else ())
    things = [e for entities in homes for e in entities if e.domain in KINDS[kind] and e.name]
    here = [entity for entity in things if entity.area and entity.area == situation.context.area]
    return chance.choice(here or things) if things else None


SKILLS = {"RepHelp": help_with}
