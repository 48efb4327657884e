"""How far covers and valves are open, and how fast fans turn: percent."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation

from .targets import amount, calls, step, targets


def set_position(intent: Intent, situation: Situation) -> Step:
    found = targets(intent, situation, "cover", "valve")
    if "position_step" in intent.slots:
        return step(intent, *(_moved(entity, intent, situation) for entity in found))
    data = {"position": amount(intent, "position")}
    covers = [entity for entity in found if entity.domain == "cover"]
    valves = [entity for entity in found if entity.domain == "valve"]
    actions = (("cover.set_cover_position", covers), ("valve.set_valve_position", valves))
    return step(intent, *(calls(service, entities, data) for service, entities in actions if entities))


def _moved(entity: Entity, intent: Intent, situation: Situation) -> Action:
    """A bit further open or closed than it is."""
    now = _known(entity, situation, "current_position")
    verb = "cover.set_cover_position" if entity.domain == "cover" else "valve.set_valve_position"
    return calls(verb, (entity,), {"position": _within(now + amount(intent, "position_step"))})


def _known(entity: Entity, situation: Situation, attribute: str) -> float:
    """Raises `Doubtful` where the home does not say it."""
    value = situation.states[entity.id].attributes.get(attribute)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Doubtful(Doubt("no_number", {"slot": attribute}))
    return value


def _within(percent: float) -> float:
    return max(0, min(100, percent))


def fan_speed(intent: Intent, situation: Situation) -> Step:
    if "percentage_step" in intent.slots:
        return step(intent, *(_faster(fan, intent, situation) for fan in targets(intent, situation, "fan")))
    data = {"percentage": amount(intent, "percentage")}
    return step(intent, calls("fan.set_percentage", targets(intent, situation, "fan"), data))


def _faster(fan: Entity, intent: Intent, situation: Situation) -> Action:
    now = _known(fan, situation, "percentage")
    return calls("fan.set_percentage", (fan,), {"percentage": _within(now + amount(intent, "percentage_step"))})


SKILLS = {"HassSetPosition": set_position, "HassFanSetSpeed": fan_speed}
