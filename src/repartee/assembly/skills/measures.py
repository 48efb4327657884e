"""What the home measures: temperatures inside and outside, humidity, power, batteries, and what is set beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from repartee.core.home import Entity
from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .language import word_list
from .targets import meaning, named, place, step, within

LOW = 20
"""Percent up to which a battery is low, where its sensor does not say so itself."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """How Home Assistant tells of it."""

    device_class: str
    units: tuple[str, ...] = ()
    """By which a sensor without a device class is known."""
    indoors: str = ""
    """Attribute of a thermostat that measures it as well."""
    outdoors: str = ""
    """Attribute of the weather."""


QUANTITIES: Mapping[str, Quantity] = {
    "temperature": Quantity("temperature", ("°C", "°F"), "current_temperature", "temperature"),
    "humidity": Quantity("humidity", (), "current_humidity", "humidity"),
    "power": Quantity("power", ("W", "kW")),
    "energy": Quantity("energy", ("Wh", "kWh")),
    "brightness": Quantity("illuminance", ("lx",)),
    "pressure": Quantity("atmospheric_pressure", ("hPa", "mbar"), outdoors="pressure"),
    "carbon dioxide": Quantity("carbon_dioxide", ("ppm",)),
    "wind speed": Quantity("wind_speed", (), outdoors="wind_speed"),
}
UNITS: Mapping[str, str] = {"temperature": "°C", "humidity": "%", "atmospheric_pressure": "hPa", "wind_speed": "km/h"}
"""Of attributes without a unit of their own."""


class Measured(NamedTuple):
    entity: Entity
    value: float
    unit: str


def measure(intent: Intent, situation: Situation) -> Step:
    """One value, or from the lowest to the highest of several; "I don't know" where nothing measures it."""
    quantity = meaning(intent, "quantity", QUANTITIES)
    found = measured(_meant(intent, situation, quantity), situation, quantity)
    if not found:
        return step(replace(intent, response="unknown"))
    values = sorted(reading.value for reading in found)
    low, high = told_number(values[0]), told_number(values[-1])
    if intent.slots.get("quantity") in ("power", "energy") and len(found) > 1:
        each = [f"{m.entity.name}: {told_number(m.value)} {m.unit}" for m in found]
        return step(replace(intent, response="each"), state=found[0].entity.id, each=each)
    key = "default" if low == high else "range"
    return step(replace(intent, response=key), state=found[0].entity.id, low=low, high=high, unit=found[0].unit)


def measured(entities: Iterable[Entity], situation: Situation, quantity: Quantity) -> list[Measured]:
    """Those of which the value is known."""
    found = []
    for entity in entities:
        state = situation.states[entity.id]
        attribute = {"climate": quantity.indoors, "weather": quantity.outdoors}.get(entity.domain)
        value = number(state.attributes.get(attribute) if attribute else state.value)
        if value is None:
            continue
        unit = state.attributes.get("unit_of_measurement") or state.attributes.get(f"{quantity.outdoors}_unit")
        found.append(Measured(entity, value, str(unit or UNITS.get(quantity.device_class, ""))))
    return found


def number(value: object) -> float | None:
    """Of a state or an attribute; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if abs(found) < 1e12 else None  # NaN compares false, and so is none as well


def told_number(value: float) -> str:
    """With one digit behind the point at most."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"


def _meant(intent: Intent, situation: Situation, quantity: Quantity) -> Sequence[Entity]:
    """What measures it where it was asked for; without a place where we are, else inside."""
    every = [entity for entity in situation.home.entities if _measures(entity, situation, quantity)]
    if "name" in intent.slots:
        entity = named(intent, situation)
        return [entity] if entity in every else [e for e in every if _is_part_of(e, entity)]
    where = place(intent, situation)
    if where is not None:
        return [entity for entity in every if within(entity, where, situation) and entity.domain != "weather"]
    outside = [entity for entity in every if is_outdoors(entity, situation)]
    side = intent.slots.get("side")
    if side == "outside":
        sensors = [entity for entity in outside if entity.domain != "weather"]
        return sensors or outside
    inside = [entity for entity in every if entity not in outside]
    if quantity.device_class in ("power", "energy"):
        return _consumption(inside, situation)
    here = [entity for entity in inside if entity.area and entity.area == situation.context.area]
    if here:
        return here
    rooms = [entity for entity in inside if entity.domain == "climate"] or inside
    return rooms or ([] if side == "inside" else outside)


def _measures(entity: Entity, situation: Situation, quantity: Quantity) -> bool:
    attributes = situation.states[entity.id].attributes
    if entity.domain == "climate":
        return bool(quantity.indoors) and quantity.indoors in attributes
    if entity.domain == "weather":
        return bool(quantity.outdoors) and quantity.outdoors in attributes
    if entity.domain != "sensor":
        return False
    if entity.device_class is None:
        return attributes.get("unit_of_measurement") in quantity.units
    return entity.device_class == quantity.device_class


def is_outdoors(entity: Entity, situation: Situation) -> bool:
    """By the words of its name, or of its place; some languages write them in one (`Außentemperatur`)."""
    if entity.domain == "weather":
        return True
    area = situation.home.area_by_id.get(entity.area or "")
    texts = (*entity.names, *((area.name, *area.aliases) if area else ()))
    outside = word_list(situation.context.language, "outdoors")
    return any(word.startswith(tuple(outside)) for text in texts for word in text.casefold().split())


def _consumption(sensors: Sequence[Entity], situation: Situation) -> Sequence[Entity]:
    """What is used, not what the sun makes; the meter of the whole house before those of single devices."""
    made = word_list(situation.context.language, "production")
    whole = word_list(situation.context.language, "whole_house")
    used = [e for e in sensors if not _is_called(e, made)]
    return [e for e in used if _is_called(e, whole)] or used


def _is_called(entity: Entity, known: frozenset[str]) -> bool:
    return any(word in known for text in entity.names for word in text.casefold().split())


def _is_part_of(sensor: Entity, thing: Entity) -> bool:
    """Sensors of a device bear its name and say what they measure: `Hall Motion Battery`."""
    return any(name.casefold().startswith(f"{thing.name.casefold()} ") for name in sensor.names)


def battery(intent: Intent, situation: Situation) -> Step:
    """Of the thing that was named, or of the sensor that is its battery's."""
    thing = named(intent, situation)
    level = _level(battery_of(thing, situation), situation)
    if level is None:
        return step(replace(intent, response="unknown"), state=thing.id, name=thing.name)
    return step(intent, state=thing.id, level=told_number(level), name=thing.name)


def battery_of(thing: Entity, situation: Situation) -> Entity:
    """The sensor of its battery; itself where it tells its level, or nothing does."""
    others = (e for e in situation.home.entities if _is_battery(e) and _is_part_of(e, thing))
    known = [e for e in (thing, *others) if _is_battery(e) or _level(e, situation) is not None]
    return known[0] if known else thing


def low_batteries(intent: Intent, situation: Situation) -> Step:
    """Every battery that is low, as its sensor says or by its level."""
    all_of_them = [e for e in situation.home.entities if _is_battery(e) or _level(e, situation) is not None]
    low = [entity.name for entity in all_of_them if is_low(entity, situation)]
    if not all_of_them:
        return step(replace(intent, response="unknown"))
    unknown = [e.name for e in all_of_them if is_low(e, situation) is None]
    return step(intent, low=low, unknown_ones=unknown)


def is_low(entity: Entity, situation: Situation) -> bool | None:
    """None: unknown."""
    entity = battery_of(entity, situation)
    if entity.domain == "binary_sensor" and _is_battery(entity):
        return {"on": True, "off": False}.get(situation.states[entity.id].value or "")
    level = _level(entity, situation)
    return None if level is None else level <= LOW


def _is_battery(entity: Entity) -> bool:
    return entity.device_class == "battery" and entity.domain in ("sensor", "binary_sensor")


def _level(entity: Entity, situation: Situation) -> float | None:
    """Percent."""
    state = situation.states[entity.id]
    if _is_battery(entity):
        return number(state.value)
    return number(state.attributes.get("battery_level", state.attributes.get("battery")))


def set_point(intent: Intent, situation: Situation) -> Step:
    """What thermostats are set to, and what they measure."""
    thermostats = [e for e in situation.home.entities if e.domain in ("climate", "water_heater")]
    if "name" in intent.slots:
        thermostats = [named(intent, situation, ("climate", "water_heater"))]
    else:
        where = place(intent, situation)
        here = [e for e in thermostats if e.area and e.area == situation.context.area]
        thermostats = [e for e in thermostats if within(e, where, situation)] if where else (here or thermostats)
    rows = [row for entity in thermostats if (row := _set_to(entity, situation))]
    if not rows:
        return step(replace(intent, response="unknown"))
    key = "default" if len(thermostats) == 1 else "each"
    return step(replace(intent, response=key), state=thermostats[0].id, rows=rows)


def _set_to(entity: Entity, situation: Situation) -> dict[str, str] | None:
    state = situation.states[entity.id]
    wanted, now = number(state.attributes.get("temperature")), number(state.attributes.get("current_temperature"))
    if wanted is None and state.value != "off":
        return None
    return {
        "name": entity.name,
        "set": "" if wanted is None or state.value == "off" else told_number(wanted),
        "now": "" if now is None else told_number(now),
        "unit": str(state.attributes.get("temperature_unit") or "°C"),
    }


SKILLS = {
    "RepMeasure": measure,
    "RepBattery": battery,
    "RepLowBatteries": low_batteries,
    "RepSetPoint": set_point,
}
