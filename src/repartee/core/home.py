"""The home: what is there, what it is called, what state it is in, and which version of it we speak of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar


class HomeVersion(NamedTuple):
    """Two answers about a home agree if and only if their versions do."""

    home: str
    """Id of the home."""
    epoch: int
    """Changes when the numbering starts again (a restart, a resync)."""
    number: int
    """Goes up with every change of names, places or entities, not of states."""


@dataclass(frozen=True, slots=True)
class Floor:
    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    id: str
    name: str
    floor: str | None = None
    """Id of its floor."""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    id: str
    """`domain.slug`."""
    name: str
    area: str | None = None
    """Id of its area."""
    aliases: tuple[str, ...] = ()
    device_class: str | None = None

    @property
    def domain(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class State:
    """What an entity is like. `value` None: nobody knows."""

    value: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Home:
    """What is there: one consistent snapshot. States live beside it (`States`), they change all the time."""

    version: HomeVersion
    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    entities: tuple[Entity, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Entity]:
        return {entity.id: entity for entity in self.entities}

    @cached_property
    def area_by_id(self) -> Mapping[str, Area]:
        return {area.id: area for area in self.areas}

    @cached_property
    def floor_by_id(self) -> Mapping[str, Floor]:
        return {floor.id: floor for floor in self.floors}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Entity, ...]]:
        """Entities by each of their names, as `plain` writes it."""
        found: dict[str, list[Entity]] = {}
        for entity in self.entities:
            for name in dict.fromkeys(map(plain, entity.names)):
                found.setdefault(name, []).append(entity)
        return {name: tuple(entities) for name, entities in found.items()}

    def area_named(self, name: str) -> Area | None:
        """The area with this id, name or alias, whatever its case."""
        return _named(self.areas, name)

    def floor_named(self, name: str) -> Floor | None:
        return _named(self.floors, name)

    def entities_in(self, area: str) -> tuple[Entity, ...]:
        return tuple(entity for entity in self.entities if entity.area == area)

    def changed(self, **parts: Any) -> Home:
        """The next version, with `floors`, `areas` or `entities` replaced."""
        return replace(self, version=self.version._replace(number=self.version.number + 1), **parts)

    def renamed(self, entity: str, name: str) -> Home:
        return self.changed(entities=tuple(replace(e, name=name) if e.id == entity else e for e in self.entities))


Place = TypeVar("Place", Floor, Area)


def _named(things: Iterable[Place], name: str) -> Place | None:
    thing: Place
    wanted = name.casefold()
    for thing in things:
        if wanted == thing.id.casefold() or wanted in (n.casefold() for n in (thing.name, *thing.aliases)):
            return thing
    return None


@dataclass(slots=True)
class States(Mapping[str, State]):
    """The live states, by entity id; an entity nobody knows is in the state None."""

    known: dict[str, State] = field(default_factory=dict)
    number: int = 0
    """Goes up with every change of a state."""

    def __getitem__(self, entity: str) -> State:
        return self.known.get(entity, UNKNOWN)

    def __contains__(self, entity: object) -> bool:
        return entity in self.known

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def set(self, entity: str, state: State) -> None:
        self.known[entity] = state
        self.number += 1


UNKNOWN = State()
NOTHING = Home(HomeVersion("", 0, 0))
"""A home without anything in it."""


def plain(name: str) -> str:
    """A name to compare with: whatever its case and its spaces."""
    return " ".join(name.casefold().split())


def slug(name: str) -> str:
    """Lower case, no accents, everything else an underscore: "Bébé's Lamp" is `bebe_s_lamp`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "unnamed"
