"""The weather, as the home knows it."""

from __future__ import annotations

from repartee.core.intent import Intent
from repartee.core.plan import Doubt, Step
from repartee.core.skill import Doubtful, Situation

from .targets import named, step


def get_weather(intent: Intent, situation: Situation) -> Step:
    """Of the place that was named; without one, the first that the home has."""
    places = [entity for entity in situation.home.entities if entity.domain == "weather"]
    if not places:
        raise Doubtful(Doubt("no_domain", {"domain": "weather"}))
    entity = named(intent, situation, ("weather",)) if "name" in intent.slots else places[0]
    return step(intent, state=entity.id)


SKILLS = {"HassGetWeather": get_weather}
