"""The temperature of rooms: how warm it is, how warm it shall be, and the thermostat's fan."""

from __future__ import annotations

from dataclasses import replace

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation

from .targets import amount, calls, nearby, said, step, targets


def set_temperature(intent: Intent, situation: Situation) -> Step:
    thermostats = _thermostats(intent, situation)
    if "temperature_step" in intent.slots:
        return step(intent, *(_changed(entity, intent, situation) for entity in thermostats))
    data = {"temperature": amount(intent, "temperature")}
    return step(intent, calls("climate.set_temperature", thermostats, data))


def _changed(entity: Entity, intent: Intent, situation: Situation) -> Action:
    """A bit warmer or colder than it is set to."""
    now = situation.states[entity.id].attributes.get("temperature")
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise Doubtful(Doubt("no_number", {"slot": "temperature"}))
    return calls("climate.set_temperature", (entity,), {"temperature": now + amount(intent, "temperature_step")})


def warmer(intent: Intent, situation: Situation) -> Step:
    """By a degree; tells what it is set to then."""
    made = set_temperature(intent, situation)
    wanted = [f"{action.data['temperature']:g}" for action in made.actions]
    return replace(made, facts={**made.facts, "temperatures": list(dict.fromkeys(wanted))})


def set_fan_mode(intent: Intent, situation: Situation) -> Step:
    data = {"fan_mode": said(intent, "fan_mode")}
    return step(intent, calls("climate.set_fan_mode", _thermostats(intent, situation), data))


def get_temperature(intent: Intent, situation: Situation) -> Step:
    """Of the thermostat that was named or is here; without one, of a temperature sensor there."""
    try:
        entity = _thermostats(intent, situation)[0]
        if not _has_temperature(entity, situation):
            raise Doubtful(Doubt("no_temperature"))
    except Doubtful:
        sensors = [e for e in targets(intent, situation, "sensor") if _measures_temperature(e, situation)]
        if not sensors:
            raise
        entity = sensors[0]
    return step(intent, state=entity.id)


def _thermostats(intent: Intent, situation: Situation) -> tuple[Entity, ...]:
    return nearby(intent, situation, "climate", lambda entity: situation.states[entity.id].value != "off")


def _has_temperature(thermostat: Entity, situation: Situation) -> bool:
    """Not every thermostat measures; without it its state would be told: "heat degrees"."""
    return situation.states[thermostat.id].attributes.get("current_temperature") is not None


def _measures_temperature(entity: Entity, situation: Situation) -> bool:
    unit = situation.states[entity.id].attributes.get("unit_of_measurement")
    return entity.device_class == "temperature" or unit in ("°C", "°F")


SKILLS = {
    "RepWarmer": warmer,
    "HassClimateSetTemperature": set_temperature,
    "HassClimateSetFanMode": set_fan_mode,
    "HassClimateGetTemperature": get_temperature,
}
