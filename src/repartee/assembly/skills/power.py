"""On and off, and what people mean by it: open and close, lock and unlock, run, press, activate."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation

from .targets import calls, nothing, place, step, targets, within

PLAIN = (
    "light", "switch", "fan", "media_player", "input_boolean", "climate", "siren", "humidifier", "water_heater",
    "remote", "camera", "automation",
)  # fmt: skip
ON: Mapping[str, str] = {
    **{domain: f"{domain}.turn_on" for domain in (*PLAIN, "scene", "script", "group")},
    "group": "homeassistant.turn_on", "cover": "cover.open_cover", "valve": "valve.open_valve", "lock": "lock.lock",
    "button": "button.press", "input_button": "input_button.press", "vacuum": "vacuum.start",
    "lawn_mower": "lawn_mower.start_mowing",
}  # fmt: skip
OFF: Mapping[str, str] = {
    **{domain: f"{domain}.turn_off" for domain in (*PLAIN, "script")},
    "group": "homeassistant.turn_off", "cover": "cover.close_cover", "valve": "valve.close_valve",
    "lock": "lock.unlock", "vacuum": "vacuum.return_to_base", "lawn_mower": "lawn_mower.dock",
}  # fmt: skip


def turn_on(intent: Intent, situation: Situation) -> Step:
    return _turn(intent, situation, ON)


def turn_off(intent: Intent, situation: Situation) -> Step:
    return _turn(intent, situation, OFF)


def _turn(intent: Intent, situation: Situation, services: Mapping[str, str]) -> Step:
    kinds = () if {"name", "domain", "device_class"} & intent.slots.keys() else ("light",)
    by_service: dict[str, list[Entity]] = {}
    for entity in targets(intent, situation, *kinds):
        if entity.domain not in services:
            raise Doubtful(Doubt("feature_not_supported", {"entity": entity.name}))
        by_service.setdefault(services[entity.domain], []).append(entity)
    return step(intent, *(calls(service, entities) for service, entities in by_service.items()))


def turn_off_all(intent: Intent, situation: Situation) -> Step:
    """What uses power for somebody's comfort and is on: of one place, or of the whole house. Nothing that keeps a house
    alive: no heating, no lock, no freezer that is called a climate."""
    where = place(intent, situation)
    found = [
        entity
        for entity in situation.home.entities
        if entity.domain in COMFORT
        and within(entity, where, situation)
        and situation.states[entity.id].value not in ("off", "standby", "idle", "unavailable", None)
    ]
    domains = dict.fromkeys(entity.domain for entity in found)
    actions = [calls(OFF[domain], [entity for entity in found if entity.domain == domain]) for domain in domains]
    return step(intent, *actions, count=len(found))


def lock_all(intent: Intent, situation: Situation) -> Step:
    """Every lock of the place or the house that is not locked already."""
    where = place(intent, situation)
    locks = [e for e in situation.home.entities if e.domain == "lock" and within(e, where, situation)]
    if not locks:
        raise Doubtful(nothing(intent, situation, "lock"))
    open_ones = [entity for entity in locks if situation.states[entity.id].value != "locked"]
    return step(intent, calls("lock.lock", open_ones), count=len(open_ones))


def toggle(intent: Intent, situation: Situation) -> Step:
    """What is on goes off, what is off goes on; of a place: its lights."""
    found = targets(intent, situation, *(() if "name" in intent.slots else ("light",)))
    on = [entity for entity in found if is_on(entity, situation)]
    services = OFF if on else ON
    by_service: dict[str, list[Entity]] = {}
    for entity in on or found:
        if entity.domain not in services:
            raise Doubtful(Doubt("feature_not_supported", {"entity": entity.name}))
        by_service.setdefault(services[entity.domain], []).append(entity)
    return step(intent, *(calls(service, entities) for service, entities in by_service.items()), off=bool(on))


def is_on(entity: Entity, situation: Situation) -> bool:
    """On, or open, playing, cleaning: what `OFF` ends."""
    resting = ("off", "closed", "docked", "idle", "standby", "paused", "unlocked", "unavailable", "unknown", None)
    return situation.states[entity.id].value not in resting


def stop(intent: Intent, situation: Situation) -> Step:
    """What moves stands still: covers, valves, robots; what plays is paused."""
    found = targets(intent, situation, *(() if {"name", "domain"} & intent.slots.keys() else ("cover", "valve")))
    by_service: dict[str, list[Entity]] = {}
    for entity in found:
        if entity.domain not in STOP:
            raise Doubtful(Doubt("feature_not_supported", {"entity": entity.name}))
        by_service.setdefault(STOP[entity.domain], []).append(entity)
    return step(intent, *(calls(service, entities) for service, entities in by_service.items()))


STOP: Mapping[str, str] = {
    "cover": "cover.stop_cover", "valve": "valve.stop_valve", "vacuum": "vacuum.stop", "lawn_mower": "lawn_mower.pause",
    "media_player": "media_player.media_pause", "fan": "fan.turn_off", "script": "script.turn_off",
}  # fmt: skip
COMFORT = ("light", "switch", "fan", "media_player", "input_boolean", "humidifier")
SKILLS = {
    "HassTurnOn": turn_on,
    "HassTurnOff": turn_off,
    "RepTurnOffAll": turn_off_all,
    "RepLockAll": lock_all,
    "RepToggle": toggle,
    "RepHalt": stop,
}
