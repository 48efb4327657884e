"""Several homes as one: a Home Assistant and an MQTT broker side by side, in one inventory.

Names may clash, ids never do: the first home keeps its ids, those of the others carry its name (`light.desk@zigbee`).
Places with the same name are the same place, so "the kitchen lights" are those of both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import TypeVar

from repartee.core.backoff import pauses
from repartee.core.breaker import BreakerHealth
from repartee.core.channel import Channel
from repartee.core.duty import Duty, duties_of
from repartee.core.errors import Unreachable
from repartee.core.home import Area, Entity, Floor, Home, HomeVersion, State, States
from repartee.core.limiter import LimiterHealth
from repartee.core.plan import Action, Effect
from repartee.core.ports import HomeBackend

from .guarded import GuardedHome
from .remote import RemoteHome
from .state_cache import ROOM

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between tries to open a home that was away when we started."""
Place = TypeVar("Place", Floor, Area)


class CombinedHome:
    """Satisfies `HomeBackend`. A home that is away when this is entered joins when it comes; the others serve."""

    def __init__(self, homes: Mapping[str, HomeBackend], *, patient: bool = False) -> None:
        """`homes`: each under its name (letters, digits, underscores), the main one first.

        `patient`: all of them may be away at the start (after a power cut everything boots at once); otherwise entering
        raises what the main one did.
        """
        if not homes:
            raise ValueError("several homes are at least one")
        self._homes = {name: GuardedHome(home, name) for name, home in homes.items()}
        self._ids = _Ids(tuple(self._homes))
        self._patient = patient
        self._away = dict.fromkeys(self._homes, "not connected yet")
        self._version = HomeVersion("+".join(self._homes), time.time_ns() // 1_000_000, 0)
        self._merged: tuple[tuple[HomeVersion, ...], Home] = ((), Home(self._version))
        self._states = _JointStates(self._homes, self._ids)
        self._listeners: list[Channel[str]] = []
        self._relays = {name: Duty(f"relay {name}") for name in homes}

    @property
    def home(self) -> Home:
        versions = tuple(home.home.version for home in self._homes.values())
        if versions != self._merged[0]:
            self._version = self._version._replace(number=self._version.number + 1)
            self._merged = (versions, self._merge())
        return self._merged[1]

    @property
    def states(self) -> States:
        return self._states

    @property
    def duties(self) -> Sequence[Duty]:
        return [*self._relays.values(), *duties_of(*self._homes.values())]

    @property
    def breakers(self) -> Sequence[BreakerHealth]:
        """Of each home, for health pages and metrics."""
        return [home.health for home in self._homes.values()]

    @property
    def limiters(self) -> Sequence[LimiterHealth]:
        """Before each home, for metrics."""
        return [home.limiter.health for home in self._homes.values()]

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why homes can't be used now, by name; empty when all is well."""
        known = {name: getattr(home.inside, "trouble", None) for name, home in self._homes.items()}
        return {name: why for name in self._homes if (why := self._away.get(name) or known[name])}

    @property
    def set_aside(self) -> Mapping[str, Mapping[str, str]]:
        """By name of the home: what of it says nonsense, and why."""
        return {
            name: home.inside.set_aside
            for name, home in self._homes.items()
            if isinstance(home.inside, RemoteHome) and home.inside.set_aside
        }

    def changes(self) -> Channel[str]:
        channel: Channel[str] = Channel(ROOM)
        self._listeners.append(channel)
        return channel

    async def __aenter__(self) -> CombinedHome:
        opened = await asyncio.gather(*(self._open(name) for name in self._homes), return_exceptions=True)
        wrong = [error for error in opened if error]
        if wrong or (len(self._away) == len(self._homes) and not self._patient):
            await self.__aexit__(None, None, None)
            raise wrong[0] if wrong else Unreachable(self._away[self._ids.main])
        for name, relay in self._relays.items():
            relay.start(partial(self._relay, name))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(relay.stop() for relay in self._relays.values()))
        open_ones = [home for name, home in self._homes.items() if name not in self._away]
        await asyncio.gather(*(home.__aexit__(kind, error, trace) for home in open_ones))
        for listener in self._listeners:
            listener.close()

    def origin(self, entity: str) -> str:
        """Who changed it last, as far as its home says."""
        name, own = self._ids.owner(entity)
        tells = getattr(self._homes[name].inside, "origin", None)
        return str(tells(own)) if tells else ""

    async def perform(self, action: Action) -> Sequence[Effect]:
        parts: dict[str, list[str]] = {}
        for entity in action.entities:
            parts.setdefault(self._ids.owner(entity)[0], []).append(entity)
        if not parts:
            return await self._of(self._ids.main).perform(action)
        results = await asyncio.gather(
            *(self._perform(name, action, entities) for name, entities in parts.items()), return_exceptions=True
        )
        effects: dict[str, Effect] = {}
        for (name, entities), result in zip(parts.items(), results, strict=True):
            if isinstance(result, Unreachable) and len(parts) > 1:
                log.warning("%s: %s", name, result)
                result = [
                    Effect(e, action.service, action.data, error=f"{self._called(e)} can't be reached")
                    for e in entities
                ]
            if isinstance(result, BaseException):
                raise result
            effects |= {effect.entity: effect for effect in result}
        return [effects[entity] for entity in action.entities]

    async def _perform(self, name: str, action: Action, entities: Sequence[str]) -> Sequence[Effect]:
        own = tuple(self._ids.owner(entity)[1] for entity in entities)
        effects = await self._of(name).perform(replace(action, entities=own))
        return [replace(effect, entity=self._ids.joint(name, effect.entity)) for effect in effects]

    def _of(self, name: str) -> GuardedHome:
        if why := self._away.get(name):
            log.warning("%s: %s", name, why)
            raise Unreachable("that part of the home can't be reached")
        return self._homes[name]

    def _called(self, entity: str) -> str:
        known = self.home.by_id.get(entity)
        return known.name if known else entity

    async def _open(self, name: str) -> None:
        try:
            await self._homes[name].__aenter__()
        except Unreachable as error:
            self._away[name] = str(error)
            return
        del self._away[name]

    async def _join_later(self, name: str) -> None:
        """A home that was away when we started."""
        waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while name in self._away:
            pause = next(waits)
            log.warning("%s: %s; trying again in %.1f s", name, self._away[name], pause)
            await asyncio.sleep(pause)
            with self._relays[name].item():
                await self._open(name)

    async def _relay(self, name: str) -> None:
        """For as long as both of us live; whoever listens looks at everything anew when it begins (again)."""
        late = name in self._away or self._relays[name].restarts > 0
        await self._join_later(name)
        changes = self._homes[name].changes()
        if late:
            self._tell("")
        async for entity in changes:
            self._tell(self._ids.joint(name, entity))

    def _tell(self, entity: str) -> None:
        self._listeners = [listener for listener in self._listeners if not listener.closed]
        for listener in self._listeners:
            listener.push(entity)

    def _merge(self) -> Home:
        homes = {name: home.home for name, home in self._homes.items()}
        floors, floor_ids = _places((name, home.floors) for name, home in homes.items())
        areas, area_ids = _places(
            (name, [replace(area, floor=floor_ids.get((name, area.floor or ""))) for area in home.areas])
            for name, home in homes.items()
        )
        entities = tuple(
            replace(entity, id=self._ids.joint(name, entity.id), area=area_ids.get((name, entity.area or "")))
            for name, home in homes.items()
            for entity in home.entities
        )
        return Home(self._version, floors, areas, _sorted(entities))


def _sorted(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(sorted(entities, key=lambda entity: entity.id))


def _places(homes: Iterable[tuple[str, Sequence[Place]]]) -> tuple[tuple[Place, ...], dict[tuple[str, str], str]]:
    """All places, those with the same name as one; and the id that each home's own id has become."""
    places: dict[str, Place] = {}
    ids: dict[tuple[str, str], str] = {}
    by_name: dict[str, str] = {}
    for home, own in homes:
        for place in own:
            same = by_name.get(place.name.casefold())
            joint = same or (f"{place.id}@{home}" if place.id in places else place.id)
            ids[home, place.id] = joint
            by_name.setdefault(place.name.casefold(), joint)
            places[joint] = _joined(places[joint], place) if same else replace(place, id=joint)
    return tuple(places.values()), ids


def _joined(first: Place, second: Place) -> Place:
    aliases = tuple(dict.fromkeys((*first.aliases, *second.aliases)))
    if isinstance(first, Area) and isinstance(second, Area):
        return replace(first, aliases=aliases, floor=first.floor or second.floor)
    return replace(first, aliases=aliases)


@dataclass(frozen=True)
class _Ids:
    """Which home an id belongs to. `names`: of the homes, the main one first."""

    names: tuple[str, ...]

    @property
    def main(self) -> str:
        return self.names[0]

    def joint(self, name: str, entity: str) -> str:
        """Of an entity of the home `name`."""
        return entity if name == self.main or not entity else f"{entity}@{name}"

    def owner(self, entity: str) -> tuple[str, str]:
        """Name of the home, and the id there."""
        own, _, name = entity.rpartition("@")
        return (name, own) if own and name in self.names else (self.main, entity)


class _JointStates(States):
    """A look through to the states of all homes: nothing is copied, so nothing can be behind."""

    def __init__(self, homes: Mapping[str, HomeBackend], ids: _Ids) -> None:
        self._homes, self._ids = homes, ids

    @property
    def number(self) -> int:  # type: ignore[override]
        return sum(home.states.number for home in self._homes.values())

    @property
    def known(self) -> dict[str, State]:  # type: ignore[override]
        return {entity: self[entity] for entity in self}

    def __getitem__(self, entity: str) -> State:
        name, own = self._ids.owner(entity)
        return self._homes[name].states[own]

    def __contains__(self, entity: object) -> bool:
        name, own = self._ids.owner(str(entity))
        return own in self._homes[name].states

    def __iter__(self) -> Iterator[str]:
        for name, home in self._homes.items():
            for entity in home.states:
                yield self._ids.joint(name, entity)

    def __len__(self) -> int:
        return sum(len(home.states) for home in self._homes.values())
