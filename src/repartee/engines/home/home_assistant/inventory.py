"""Home Assistant's registries, as rows, turned into our home: what is exposed, under which names, in which places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from repartee.core.errors import BadText
from repartee.core.home import Area, Entity, Floor, Home, HomeVersion, State
from repartee.homes.set_aside import LONGEST_NAME, SetAside, sayable

Row = Mapping[str, Any]
Place = TypeVar("Place", Floor, Area)

ASSISTANT = "conversation"
"""Under this name Home Assistant keeps what its own voice assistant may see; what is exposed to it is sayable to us."""
DEFAULT_DOMAINS = {
    "climate", "cover", "fan", "humidifier", "light", "media_player", "scene", "script", "switch", "todo", "vacuum",
    "valve", "water_heater",
}  # fmt: skip
"""Exposed unless a person has decided. As Home Assistant does, but never a lock: that takes a person's decision."""
DEFAULT_CLASSES = {
    "binary_sensor": {"door", "garage_door", "lock", "motion", "opening", "presence", "window"},
    "sensor": {"aqi", "carbon_monoxide", "carbon_dioxide", "humidity", "pm10", "pm25", "temperature",
               "volatile_organic_compounds"},
}  # fmt: skip


@dataclass
class Registries:
    """What Home Assistant said last, by id. A part it does not have (floors before 2024.4) stays empty."""

    floors: Sequence[Row] = ()
    areas: Sequence[Row] = ()
    device_areas: Mapping[str, str | None] = field(default_factory=dict)
    """Device id to the id of its area."""
    entities: dict[str, Row | None] = field(default_factory=dict)
    """Registry entry by entity id; None for one that has none."""
    exposed: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """For entities without a registry entry: entity id to assistant to yes or no."""
    expose_new: bool = True
    """Whether Home Assistant exposes what no person has decided about."""

    def home(self, version: HomeVersion, states: Mapping[str, State], aside: SetAside) -> Home:
        """What is there and may be spoken to. What can't be read is set `aside`."""
        floors = tuple(_readable("floor", self.floors, _floor, aside))
        areas = tuple(_readable("area", self.areas, _area, aside))
        places = {area.id for area in areas}
        entities = []
        for entity_id in sorted(states):
            with aside.around(entity_id):
                if self.is_exposed(entity_id, states[entity_id]):
                    entities.append(self._entity(entity_id, states[entity_id], places))
        return Home(version, floors, areas, tuple(entities))

    def is_exposed(self, entity_id: str, state: State) -> bool:
        """Whether a voice assistant may see it."""
        entry = self.entities.get(entity_id)
        options = (entry.get("options") or {}).get(ASSISTANT, {}) if entry else {}
        decided = options.get("should_expose") if entry else self.exposed.get(entity_id, {}).get(ASSISTANT)
        if decided is not None:
            return bool(decided)
        if entry and (entry.get("hidden_by") or entry.get("entity_category")):
            return False
        domain = entity_id.split(".", 1)[0]
        usual = state.attributes.get("device_class") in DEFAULT_CLASSES.get(domain, ())
        return self.expose_new and (domain in DEFAULT_DOMAINS or usual)

    def _entity(self, entity_id: str, state: State, places: set[str]) -> Entity:
        entry = self.entities.get(entity_id) or {}
        area = entry.get("area_id") or self.device_areas.get(entry.get("device_id") or "")
        return Entity(
            entity_id,
            sayable(name_of(entity_id, state)),
            area if area in places else None,
            _aliases(entry),
            str(kind) if (kind := state.attributes.get("device_class")) else None,
        )


def _floor(row: Row) -> Floor:
    return Floor(text(row["floor_id"]), sayable(text(row["name"])), _aliases(row))


def _area(row: Row) -> Area:
    floor = row.get("floor_id")
    return Area(text(row["area_id"]), sayable(text(row["name"])), text(floor) if floor else None, _aliases(row))


def _readable(kind: str, rows: Sequence[Row], read: Callable[[Row], Place], aside: SetAside) -> Iterator[Place]:
    for number, row in enumerate(rows):
        with aside.around(f"{kind} {number + 1}"):
            yield read(row)


def text(value: object) -> str:
    """Raises `BadText` for anything else."""
    if not isinstance(value, str) or not value.strip():
        raise BadText(f"{str(value)[:40]!r} where a text should be")
    return value


def name_of(entity_id: str, state: State) -> str:
    """What its own pages call it."""
    name = str(state.attributes.get("friendly_name") or "").strip()
    return name or entity_id.split(".", 1)[-1].replace("_", " ")


def _aliases(row: Row) -> tuple[str, ...]:
    """Some versions keep an empty place among the aliases for the name itself."""
    aliases = (alias.strip() for alias in row.get("aliases") or () if isinstance(alias, str))
    return tuple(sorted(alias for alias in aliases if 0 < len(alias) <= LONGEST_NAME))
