"""Reads a home from a JSON file: floors, areas, entities with states, running timers, and what a media search finds.

```json
{"floors": [{"name": "Upstairs", "id": "up", "aliases": ["First Floor"]}],
 "areas": [{"name": "Bedroom", "id": "bedroom", "floor": "up"}],
 "entities": [{"name": "Bed Light", "domain": "light", "area": "Bedroom", "state": "on", "attributes": {}}],
 "timers": [{"start_minutes": 5, "total_seconds_left": 200}], "media": []}
```
Only `name` (and `domain` of an entity) must be there. Entity ids are `domain.slug_of_name`, a number after a clash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BadHome, BadText
from .home import Area, Entity, Floor, Home, HomeVersion, State, States, slug
from .untrusted import read_json, read_text

MAX_BYTES = 64_000_000
"""Of a home's file; 10,000 entities need about 2 MB."""


@dataclass(frozen=True)
class HomeFile:
    """What a home's file says."""

    home: Home
    states: States
    timers: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    media: Sequence[Any] = field(default_factory=tuple)


def read_home(path: Path) -> HomeFile:
    """Raises `BadHome` that names the file and what is wrong in it."""
    try:
        data = read_json(read_text(path, MAX_BYTES))
    except BadText as error:
        raise BadHome(f"{path}: {error}; give the path of a home's JSON file") from error
    return home_from(data, path.stem, str(path))


def home_from(data: Any, home_id: str = "home", where: str = "home") -> HomeFile:
    """A home from what a JSON file holds; `where` names it in errors."""
    if not isinstance(data, dict):
        raise BadHome(f"{where}: a home is an object with floors, areas and entities")
    rows = {part: _rows(data, part, where) for part in ("floors", "areas", "entities", "timers")}
    floors = tuple(
        Floor(str(r.get("id") or slug(_name(r, where))), _name(r, where), _aliases(r)) for r in rows["floors"]
    )
    areas = tuple(_area(r, floors, where) for r in rows["areas"])
    entities, states = _entities(rows["entities"], areas, where)
    home = Home(HomeVersion(home_id, 0, 0), floors, areas, entities)
    return HomeFile(home, states, tuple(rows["timers"]), tuple(data.get("media") or ()))


def _rows(data: Mapping[str, Any], part: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(part) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadHome(f"{where}: {part!r} must be a list of objects")
    return rows


def _name(row: Mapping[str, Any], where: str) -> str:
    name = row.get("name")
    if not isinstance(name, str):
        raise BadHome(f'{where}: every floor, area and entity needs a "name" (text); this has none: {row}')
    return name


def _aliases(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(alias) for alias in row.get("aliases") or ())


def _area(row: Mapping[str, Any], floors: tuple[Floor, ...], where: str) -> Area:
    name = _name(row, where)
    floor = _id_of(row.get("floor"), floors)
    return Area(str(row.get("id") or slug(name)), name, floor, _aliases(row))


def _id_of(wanted: object, places: Sequence[Floor | Area]) -> str | None:
    """People write either the id or the name of a place."""
    for place in places:
        if wanted in (place.id, place.name):
            return place.id
    return None


def _entities(rows: list[dict[str, Any]], areas: tuple[Area, ...], where: str) -> tuple[tuple[Entity, ...], States]:
    entities: dict[str, Entity] = {}
    states = States()
    for row in rows:
        name, domain = _name(row, where), row.get("domain")
        if not isinstance(domain, str) or not domain:
            raise BadHome(f'{where}: the entity {name!r} needs a "domain", such as "light"')
        attributes = dict(row.get("attributes") or {})
        entity_id = _free_id(f"{domain}.{slug(name)}", entities)
        device_class = attributes.get("device_class")
        entities[entity_id] = Entity(entity_id, name, _id_of(row.get("area"), areas), _aliases(row), device_class)
        value = row.get("state")
        states.set(entity_id, State(None if value is None else str(value), attributes))
    return tuple(entities.values()), states


def _free_id(wanted: str, taken: Mapping[str, Entity]) -> str:
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}_{number}", number + 1
    return candidate
