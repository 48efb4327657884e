"""The home, as HTTP and the socket tell it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from repartee.core.home import Entity, Home, State, States
from repartee.core.untrusted import write_json


def home_view(home: Home, states: States) -> dict[str, Any]:
    """Floors, areas and entities in the home's own order, each entity with its state now."""
    return {
        "version": list(home.version),
        "floors": [{"id": floor.id, "name": floor.name} for floor in home.floors],
        "areas": [{"id": area.id, "name": area.name, "floor": area.floor} for area in home.areas],
        "entities": [entity_view(entity, states[entity.id]) for entity in home.entities],
    }


def household_view(household: Home, states: States) -> dict[str, Any]:
    """Timers, alarms, reminders and lists; `now` is the clock by which their `due` is meant, Unix seconds."""
    return {"now": time.time(), "entities": [entity_view(entity, states[entity.id]) for entity in household.entities]}


def entity_view(entity: Entity, state: State) -> dict[str, Any]:
    return {
        "id": entity.id,
        "name": entity.name,
        "area": entity.area,
        "device_class": entity.device_class,
        "state": state_view(state),
    }


def state_view(state: State) -> dict[str, Any]:
    return {"value": state.value, "attributes": dict(state.attributes)}


def as_text(message: Mapping[str, Any]) -> str:
    """JSON, always valid."""
    return write_json(message)
