"""Home Assistant as a home: in sync by subscription, back after interruptions, each call confirmed by the states."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import aiohttp

from repartee.core.errors import Unreachable
from repartee.core.limiter import Overloaded, PriorityLimiter, background
from repartee.core.plan import Action, Effect
from repartee.homes.remote import RemoteHome
from repartee.homes.state_cache import Waiting

from .compressed import changed, origin_of, whole
from .details import Details
from .inventory import ASSISTANT, Registries, name_of
from .socket import Message, NotAnswered, Socket, connect, socket_url

log = logging.getLogger(__name__)

ANSWER_LATER = 0.5
"""Seconds that the answer to a call may come after the states that show it."""
TOGETHER = 0.02
"""Seconds in which changes of the registries are gathered into one new home."""

_LISTS = {
    "floors": {"type": "config/floor_registry/list"},
    "areas": {"type": "config/area_registry/list"},
    "devices": {"type": "config/device_registry/list"},
    "exposed": {"type": "homeassistant/expose_entity/list"},
    "expose_new": {"type": "homeassistant/expose_new_entities/get", "assistant": ASSISTANT},
}
_REGISTRIES = {
    "entity_registry_updated": "entities",
    "device_registry_updated": "devices",
    "area_registry_updated": "areas",
    "floor_registry_updated": "floors",
}


class HomeAssistant(RemoteHome):
    """Enter it to be connected and in sync; raises `Unreachable`, `Refused` or `BadSettings` where that fails.

    Afterwards it connects again by itself for as long as it is entered; meanwhile `perform` raises `Unreachable`,
    every state is unknown and `trouble` says why. `token` is asked at every connect, so a renewed one is found.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        *,
        name: str = "home_assistant",
        confirm_within: float = 3.0,
        connect_within: float = 10.0,
        limiter: PriorityLimiter | None = None,
    ) -> None:
        """`url` as in the browser; the two limits in seconds."""
        socket_url(url)
        super().__init__(name, "Home Assistant", limiter)
        self.url = url
        self.server = ""
        """Version of Home Assistant, once connected."""
        self.notes: dict[str, str] = {}
        """What this token may not read or this version does not have, and why: for the guide."""
        self._token, self._confirm_within, self._connect_within = token, confirm_within, connect_within
        self._registries = Registries()
        self._origins: dict[str, str] = {}
        """By entity, as of its last change."""
        self._details = Details(self._live.states, self._live.update)
        self._socket: Socket | None = None
        self._session: aiohttp.ClientSession | None = None
        self._stale: set[str] = set()
        self._stale_entities: set[str] = set()
        self._something = asyncio.Event()

    async def __aenter__(self) -> HomeAssistant:
        self._session = aiohttp.ClientSession()
        try:
            await self._link.open(self._connected)
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.close()
        if self._session:
            await self._session.close()
        self._live.close()

    async def perform(self, action: Action) -> Sequence[Effect]:
        socket = self._socket
        if socket is None:
            self._link.check()
            raise Unreachable("Home Assistant is just being connected to")
        with self._live.wait(action, self._called) as waiting:
            if action.entities and not waiting.targets:
                return waiting.effects()
            began = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(self._confirm_within):
                    await self._call(socket, action, waiting)
            except NotAnswered as error:
                return self._rejected(action, waiting, error)
            except Unreachable:
                if not waiting.confirmed:
                    raise
                waiting.give_up_all("did not answer before the home went away")
            except TimeoutError as error:
                if socket.heard < began and not waiting.confirmed:
                    socket.doubt()
                    raise Unreachable("Home Assistant does not answer") from error
            return waiting.effects() or [Effect("", action.service, action.data, confirmed=True)]

    async def _call(self, socket: Socket, action: Action, waiting: Waiting) -> None:
        """Done when every entity's state shows it and Home Assistant says so.

        A state alone could be somebody else's doing, while ours is still to come. A call that goes on long after the
        states have changed is not waited for.
        """
        domain, service = action.service.split(".", 1)
        message: dict[str, Any] = {
            "type": "call_service",
            "domain": domain,
            "service": service,
            "service_data": dict(action.data),
        }
        if waiting.targets:
            message["target"] = {"entity_id": list(waiting.targets)}
        answer = await socket.send(message)
        if not action.entities:
            await answer
            return
        shown = asyncio.create_task(waiting.all())
        try:
            await asyncio.wait((answer, shown), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                await asyncio.wait((answer,), timeout=ANSWER_LATER)
            if answer.done():
                answer.result()
                waiting.accepted()
            await shown
        finally:
            shown.cancel()

    def _rejected(self, action: Action, waiting: Waiting, error: NotAnswered) -> Sequence[Effect]:
        words = "is not something I am allowed to use" if error.code == "unauthorized" else f"failed: {error.message}"
        waiting.give_up_all(words)
        return waiting.effects() or [Effect("", action.service, action.data, error=error.message)]

    def _called(self, entity: str) -> str:
        known = self._home.by_id.get(entity)
        return known.name if known else name_of(entity, self.states[entity])

    async def _connected(self) -> None:
        """One connection from beginning to end."""
        assert self._session
        tasks: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(self._connect_within):
                socket = await connect(self._session, self.url, self._token())
                tasks.append(asyncio.create_task(socket.listen()))
                await self._sync(socket)
            self._socket, self.server = socket, socket.version
            self._link.ready()
            log.info("%s: connected to Home Assistant %s at %s", self.name, socket.version, self.url)
            tasks.append(asyncio.create_task(self._follow(socket)))
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        except TimeoutError as error:
            raise Unreachable(f"{self.url} was not ready within {self._connect_within} s") from error
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise Unreachable(f"{self.url} says something we do not understand: {error!r}") from error
        finally:
            await self._gone(tasks)

    async def _gone(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self._socket = None
        self._live.abandon("did not answer before the home went away")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sync(self, socket: Socket) -> None:
        """All of it, in two round trips; changes that come meanwhile are followed up afterwards."""
        self._stale.clear()
        self._stale_entities.clear()
        self.set_aside.forget()
        snapshot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        states = await socket.send({"type": "subscribe_entities"}, partial(self._heard, snapshot))
        for kind, part in _REGISTRIES.items():
            message = {"type": "subscribe_events", "event_type": kind}
            await socket.send(message, partial(self._registry_changed, part))
        self._registries = Registries()
        self._details = Details(self._live.states, self._live.update)
        await self._read_lists(socket, list(_LISTS))
        await states
        await snapshot
        await self._read_entities(socket, list(self.states))
        self._rebuild(always=True)
        await self._details.read(socket, self._home.by_id)

    async def _follow(self, socket: Socket) -> None:
        """Reads again what has changed, and tells that the home did."""
        while True:
            await self._something.wait()
            await asyncio.sleep(TOGETHER)
            with background(), contextlib.suppress(Overloaded):  # then it is tried again
                async with self.limiter:
                    await self._read_again(socket)

    async def _read_again(self, socket: Socket) -> None:
        self._something.clear()
        parts, entities = list(self._stale), list(self._stale_entities)
        self._stale.clear()
        self._stale_entities.clear()
        with contextlib.suppress(NotAnswered):
            await self._read_lists(socket, parts)
            await self._read_entities(socket, entities)
        self._rebuild()
        await self._details.read(socket, self._home.by_id)

    async def _read_lists(self, socket: Socket, parts: Sequence[str]) -> None:
        answers = [(part, await socket.send(_LISTS[part])) for part in parts]
        for part, answer in answers:
            try:
                rows = await answer
            except NotAnswered as error:
                self.notes[part] = error.code
                continue
            with self.set_aside.around(part):
                self._take_list(part, rows)

    def _take_list(self, part: str, rows: Any) -> None:
        registries = self._registries
        if part == "floors":
            registries.floors = _rows(rows)
        elif part == "areas":
            registries.areas = _rows(rows)
        elif part == "devices":
            registries.device_areas = {str(row.get("id")): row.get("area_id") for row in _rows(rows)}
        elif part == "exposed":
            registries.exposed = {entity: row for entity, row in _row(rows["exposed_entities"]).items() if _row(row)}
        else:
            registries.expose_new = bool(rows["expose_new"])

    async def _read_entities(self, socket: Socket, entities: Sequence[str]) -> None:
        if entities:
            rows = await socket.ask({"type": "config/entity_registry/get_entries", "entity_ids": list(entities)})
            self._registries.entities.update(_row(rows))

    def _rebuild(self, *, always: bool = False) -> None:
        """A new version of the home, if it really is another one."""
        new = self._registries.home(self._home.version, self.states, self.set_aside)
        same = (new.floors, new.areas, new.entities) == (self._home.floors, self._home.areas, self._home.entities)
        if not same:
            self._home = self._home.changed(floors=new.floors, areas=new.areas, entities=new.entities)
        if always or not same:
            self._live.tell("")

    def origin(self, entity: str) -> str:
        """Who changed it last, as far as the home says."""
        return self._origins.get(entity, "")

    def _heard(self, snapshot: asyncio.Future[None], event: Message) -> None:
        """States, in the short form."""
        added, states = _row(event.get("a")), {}
        for entity, row in added.items():
            with self.set_aside.around(entity):
                states[entity] = whole(row)
                self.set_aside.keep(entity)
        if not snapshot.done():
            self._live.replace(states)
            snapshot.set_result(None)
            return
        for entity, state in states.items():
            self._details.forget(entity)
            self._origins[entity] = origin_of(added[entity])
            self._live.update(entity, state)
            self._mark(entity)
        for entity, diff in _row(event.get("c")).items():
            with self.set_aside.around(entity):
                self._changed(entity, diff)
        gone = event.get("r")
        for entity in gone if isinstance(gone, list) else ():
            self._live.remove(str(entity))
            self._something.set()

    def _changed(self, entity: str, diff: Message) -> None:
        before = self.states[entity]
        after = changed(before, diff)
        more = diff.get("+")
        if isinstance(more, dict) and "c" in more:
            self._origins[entity] = origin_of(more)
        self._live.update(entity, after)
        if any(before.attributes.get(key) != after.attributes.get(key) for key in ("friendly_name", "device_class")):
            self._something.set()

    def _registry_changed(self, part: str, event: Message) -> None:
        entity = _row(event.get("data")).get("entity_id")
        if part == "entities" and isinstance(entity, str):
            self._mark(entity)
        elif part in _LISTS:
            self._stale.add(part)
            self._something.set()

    def _mark(self, entity: str) -> None:
        self._stale_entities.add(entity)
        self._something.set()


def _row(value: object) -> Mapping[str, Any]:
    """An object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    """Of what should be a list of objects, those that are."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
