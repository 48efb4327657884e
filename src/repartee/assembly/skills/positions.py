"""How far covers and valves are open, and how fast fans turn: percent."""

from __future__ import annotations

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .targets import amount, calls, step, targets


def set_position(intent: Intent, situation: Situation) -> Step:
    data = {"position": amount(intent, "position")}
    found = targets(intent, situation, "cover", "valve")
    covers = [entity for entity in found if entity.domain == "cover"]
    valves = [entity for entity in found if entity.domain == "valve"]
    actions = (("cover.set_cover_position", covers), ("valve.set_valve_position", valves))
    return step(intent, *(calls(service, entities, data) for service, entities in actions if entities))


def fan_speed(intent: Intent, situation: Situation) -> Step:
    data = {"percentage": amount(intent, "percentage")}
    return step(intent, calls("fan.set_percentage", targets(intent, situation, "fan"), data))


SKILLS = {"HassSetPosition": set_position, "HassFanSetSpeed": fan_speed}
