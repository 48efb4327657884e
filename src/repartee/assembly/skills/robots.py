"""Vacuum cleaners and lawn mowers."""

from __future__ import annotations

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation, Skill

from .targets import calls, named, nearby, place, step, which_area


def clean_area(intent: Intent, situation: Situation) -> Step:
    """To vacuum "in here" means the satellite's area; any cleaner will do."""
    area = place(intent, situation) or situation.home.area_by_id.get(situation.context.area or "")
    if area is None:
        raise Doubtful(which_area(intent, situation.home.areas))
    data = {"cleaning_area_id": [area.id]}
    return step(intent, calls("vacuum.clean_area", _cleaners(intent, situation)[:1], data), area=area.name)


def start(intent: Intent, situation: Situation) -> Step:
    """A floor is cleaned area by area."""
    floor = place(intent, situation)
    cleaners = _cleaners(intent, situation)
    areas = [area.id for area in situation.home.areas if floor and area.floor == floor.id]
    if areas:
        return step(intent, calls("vacuum.clean_area", cleaners[:1], {"cleaning_area_id": areas}))
    return step(intent, calls("vacuum.start", cleaners))


def _cleaners(intent: Intent, situation: Situation) -> tuple[Entity, ...]:
    """The place that is named is to be cleaned; it is not where the cleaner stands."""
    if "name" in intent.slots:
        slots = {name: value for name, value in intent.slots.items() if name not in ("area", "floor")}
        return (named(Intent(intent.name, slots, entities=intent.entities), situation, ("vacuum",)),)
    return nearby(
        Intent(intent.name), situation, "vacuum", lambda entity: situation.states[entity.id].value == "docked"
    )


def _simple(service: str, likely: tuple[str, ...]) -> Skill:
    domain = service.partition(".")[0]

    def skill(intent: Intent, situation: Situation) -> Step:
        found = nearby(intent, situation, domain, lambda entity: situation.states[entity.id].value in likely)
        return step(intent, calls(service, found))

    return skill


SKILLS: dict[str, Skill] = {
    "HassVacuumStart": start,
    "HassVacuumCleanArea": clean_area,
    "HassVacuumReturnToBase": _simple("vacuum.return_to_base", ("cleaning", "paused")),
    "HassLawnMowerStartMowing": _simple("lawn_mower.start_mowing", ("docked", "paused")),
    "HassLawnMowerDock": _simple("lawn_mower.dock", ("mowing", "paused")),
}
