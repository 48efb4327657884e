"""What the home itself has not and every home needs: timers, alarms, reminders, a shopping list, announcements.

A `HomeBackend` like any other: its things are entities, their states are live, its services are calls. What it keeps is
in the notebook before a call is confirmed, so that a kill at any moment loses nothing; what came due while we were away
is told at the start, with how late it is.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from repartee.core.channel import Channel
from repartee.core.home import Entity, Home, HomeVersion, State, States
from repartee.core.intent import Data
from repartee.core.plan import Action, Alert, Effect
from repartee.core.ports import Notebook
from repartee.homes.device_services import SERVICES
from repartee.homes.fields import BadCall

DOMAINS = ("timer", "alarm", "reminder", "list", "household")
"""What to route here."""
MAX_THINGS = 200
"""Of one kind; far more than anybody keeps, few enough to look through at once."""
MAX_SECONDS = 31 * 24 * 3600
RING = 60.0
"""Seconds that a timer or alarm stays `ringing` for "stop" and "snooze" to refer to."""
LOOK = 20.0
"""Seconds after which wall-clock times are looked at again: clocks are set, and summer time comes."""


class Household:
    """Satisfies `HomeBackend`."""

    def __init__(
        self,
        notebook: Notebook | None = None,
        timers: Sequence[Mapping[str, Any]] = (),
        wall: Callable[[], float] = time.time,
    ) -> None:
        """In a running loop. `timers`: those of a home's file. `wall`: Unix seconds."""
        self.home = Home(HomeVersion("household", 0, 0))
        self.states = States()
        self._notebook = notebook
        self._wall = wall
        self._due: dict[str, float] = {}
        """Loop time at which each thing comes due."""
        self._listeners: list[Channel[str]] = []
        self._alerts: list[Channel[Alert]] = []
        self._missed: list[Alert] = []
        """Came due before anybody listened."""
        self._changed = asyncio.Event()
        self._telemetry: asyncio.Task[None] | None = None
        self._put("list.shopping_list", State("0", {"name": "Shopping List", "items": []}))
        for given in timers:
            self._put(self._new("timer"), self._given(given))

    async def __aenter__(self) -> Household:
        """With all that was kept; until then nothing rings."""
        for kind in ("timer", "alarm", "reminder", "list"):
            for entity_id, kept in (await self._notebook.read(kind) if self._notebook else {}).items():
                self._put(entity_id, State(str(kept["state"]), dict(_mapping(kept["attributes"]))))
        self._telemetry = asyncio.create_task(self._wait())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._telemetry:
            self._telemetry.cancel()
        for listener in self._listeners:
            listener.close()
        for alerts in self._alerts:
            alerts.close()

    def changes(self) -> Channel[str]:
        channel = Channel[str](1024)
        self._listeners = [known for known in self._listeners if not known.closed] + [channel]
        return channel

    def alerts(self) -> Channel[Alert]:
        """A new subscription to what comes due; the first gets what was missed."""
        channel = Channel[Alert](256)
        self._alerts = [known for known in self._alerts if not known.closed] + [channel]
        for alert in self._missed:
            channel.push(alert)
        self._missed.clear()
        return channel

    async def perform(self, action: Action) -> Sequence[Effect]:
        effects = []
        for entity in action.entities or ("",):
            try:
                changed = await self._perform(entity, action.service, action.data)
                effects.append(Effect(changed, action.service, action.data, confirmed=True))
            except BadCall as error:
                effects.append(Effect(entity, action.service, action.data, error=str(error)))
        return effects

    async def _perform(self, entity: str, service: str, data: Data) -> str:
        domain, _, verb = service.partition(".")
        if service == "timer.start":
            return await self._start_timer(data)
        if service in ("alarm.set", "reminder.set"):
            return await self._set(domain, data)
        if service == "household.announce":
            self._alert(Alert("announcement", area=_optional(data.get("area")), message=str(data["message"])))
            return ""
        if service == "household.stop":
            for ringing in [known for known, state in self.states.known.items() if state.value == "ringing"]:
                await self._forget(ringing)
            return ""
        known = self.states.known.get(entity)
        if known is None:
            raise BadCall("there is no such thing any more")
        if domain == "list":
            if verb not in SERVICES["todo"]:
                raise BadCall(f"a list can't {verb}")
            await self._keep(entity, SERVICES["todo"][verb](known, data))
        elif verb == "cancel":
            await self._forget(entity)
        elif domain == "timer":
            await self._keep(entity, self._timer(known, verb, data))
        else:
            raise BadCall(f"there is no {service}")
        return entity

    async def _start_timer(self, data: Data) -> str:
        state = self._started(data)
        entity = self._new("timer")
        await self._keep(entity, state)
        return entity

    def _started(self, data: Data) -> State:
        seconds = sum(_number(data, unit) * size for unit, size in UNITS.items())
        if not 0 < seconds <= MAX_SECONDS:
            raise BadCall("a timer runs from a second to a month")
        attributes = {
            "name": str(data.get("name", "")).strip(),
            "area": _optional(data.get("area")),
            "command": str(data.get("command", "")),
            "actions": _calls(data.get("actions", ())),
            "seconds": seconds,
            **{f"start_{unit}": int(_number(data, unit)) for unit in UNITS},
            "due": self._wall() + seconds,
        }
        return State("active", attributes)

    def _given(self, timer: Mapping[str, Any]) -> State:
        """A timer of a home's file: `start_hours`, `start_minutes`, `start_seconds`, `total_seconds_left`, ..."""
        units = {unit: timer.get(f"start_{unit}", 0) for unit in UNITS}
        if not any(units.values()):
            units["seconds"] = timer.get("total_seconds_left", 60)
        state = self._started({**units, "name": timer.get("name", ""), "area": timer.get("area")})
        left = timer.get("total_seconds_left", state.attributes["seconds"])
        state = State("active", {**state.attributes, "due": self._wall() + left})
        return self._timer(state, "pause", {}) if timer.get("is_active") is False else state

    def _timer(self, known: State, verb: str, data: Data) -> State:
        attributes = dict(known.attributes)
        left = self.left(known)
        if verb == "pause":
            return State("paused", {**attributes, "left": left, "due": None})
        if verb == "resume":
            return State("active", {**attributes, "left": None, "due": self._wall() + left})
        if verb == "add":
            left = max(0.0, left + _number(data, "seconds"))
            if known.value == "paused":
                return State("paused", {**attributes, "left": left})
            return State("active", {**attributes, "due": self._wall() + left})
        raise BadCall(f"a timer can't {verb}")

    def left(self, timer: State) -> float:
        """Seconds until it rings."""
        due = timer.attributes.get("due")
        return float(timer.attributes.get("left") or 0.0) if due is None else max(0.0, due - self._wall())

    async def _set(self, kind: str, data: Data) -> str:
        """`at`: local time, ISO 8601; `repeat`: `daily`, `weekdays`, `weekends`, or nothing."""
        try:
            at = datetime.fromisoformat(str(data["at"])).astimezone()
        except (KeyError, ValueError) as error:
            raise BadCall("it needs to know when") from error
        due = at.timestamp()
        if not self._wall() - 1 <= due <= self._wall() + 366 * 24 * 3600:
            raise BadCall("that is not within the next year")
        entity = self._new(kind)
        details = {name: str(data.get(name, "")).strip() for name in ("name", "message", "repeat")}
        await self._keep(entity, State("set", {**details, "area": _optional(data.get("area")), "due": due}))
        return entity

    def _new(self, kind: str) -> str:
        if sum(known.startswith(f"{kind}.") for known in self.states) >= MAX_THINGS:
            raise BadCall(f"there are {MAX_THINGS} of them already")
        return f"{kind}.{secrets.token_hex(4)}"

    async def _keep(self, entity: str, state: State) -> None:
        """On disk first, then true."""
        kind = entity.partition(".")[0]
        if self._notebook:
            await self._notebook.write(kind, entity, {"state": state.value, "attributes": dict(state.attributes)})
        self._put(entity, state)

    async def _forget(self, entity: str) -> None:
        if self._notebook:
            await self._notebook.write(entity.partition(".")[0], entity, None)
        self.states.known.pop(entity, None)
        self.states.number += 1
        self._due.pop(entity, None)
        self.home = self.home.changed(entities=tuple(e for e in self.home.entities if e.id != entity))
        self._tell(entity)

    def _put(self, entity: str, state: State) -> None:
        if entity not in self.home.by_id:
            thing = Entity(entity, str(state.attributes.get("name", "")), _optional(state.attributes.get("area")))
            self.home = self.home.changed(entities=(*self.home.entities, thing))
        self.states.set(entity, state)
        due = state.attributes.get("due")
        if due is None or state.value == "paused":
            self._due.pop(entity, None)
        else:
            self._due[entity] = asyncio.get_running_loop().time() + due - self._wall()
        self._tell(entity)

    def _tell(self, entity: str) -> None:
        self._changed.set()
        for listener in self._listeners:
            listener.push(entity)

    async def _wait(self) -> None:
        """Sleeps until the next thing is due. Timers follow the monotonic clock, alarms the one on the wall."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            for entity, due in list(self._due.items()):
                if due <= loop.time():
                    await self._ring(entity)
            soon = min(self._due.values(), default=loop.time() + LOOK)
            try:
                async with asyncio.timeout_at(min(soon, loop.time() + LOOK)):
                    await self._changed.wait()
            except TimeoutError:
                self._look_at_the_wall(loop.time())

    def _look_at_the_wall(self, now: float) -> None:
        for entity in self._due:
            if not entity.startswith("timer."):
                self._due[entity] = now + self.states[entity].attributes["due"] - self._wall()

    async def _ring(self, entity: str) -> None:
        state = self.states[entity]
        if state.value == "ringing":  # long enough
            await self._forget(entity)
            return
        kind, details = entity.partition(".")[0], state.attributes
        late = max(0.0, self._wall() - details["due"])
        actions = tuple(Action(c["service"], tuple(c["entities"]), c["data"]) for c in details.get("actions") or ())
        commands = bool(actions or details.get("command"))
        alert = Alert(
            kind="command" if commands else kind,
            entity=entity,
            name=str(details.get("name", "")),
            area=details.get("area"),
            message=str(details.get("command") or details.get("message") or ""),
            actions=actions,
            seconds=float(details.get("seconds", 0.0)),
            late=late,
        )
        again = next_time(details["due"], str(details.get("repeat", "")), self._wall())
        if again is not None:
            await self._keep(entity, State("set", {**details, "due": again}))
        elif commands:
            await self._forget(entity)
        else:
            await self._keep(entity, State("ringing", {**details, "due": self._wall() + RING}))
        self._alert(alert)

    def _alert(self, alert: Alert) -> None:
        listeners = [channel for channel in self._alerts if not channel.closed]
        for channel in listeners:
            channel.push(alert)
        if not listeners:
            self._missed = [*self._missed[-MAX_THINGS:], alert]


UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}
DAYS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}


def next_time(due: float, repeat: str, now: float) -> float | None:
    """When a repeated alarm (Unix seconds) rings next, at the same time of day on the wall; None: never again."""
    if repeat not in DAYS:
        return None
    at = datetime.fromtimestamp(due)  # on the wall: seven stays seven when summer time comes
    day = max(at.date(), datetime.fromtimestamp(now).date() - timedelta(days=1))
    for _ in range(9):
        day += timedelta(days=1)
        soon = datetime.combine(day, at.time()).timestamp()
        if day.weekday() in DAYS[repeat] and soon > now:
            return soon
    return None


def _calls(actions: object) -> list[dict[str, object]]:
    """Calls for later, as the notebook keeps them: `service`, `entities`, `data`."""
    if not isinstance(actions, list | tuple) or not all(isinstance(action, Action) for action in actions):
        raise BadCall("what is to be done later must be service calls")
    return [{"service": a.service, "entities": list(a.entities), "data": dict(a.data)} for a in actions]


def _number(data: Data, name: str) -> float:
    value = data.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCall(f"{name} must be a number, not {value!r}")
    return value


def _optional(value: object) -> str | None:
    return str(value) if value else None


def _mapping(value: object) -> Mapping[str, Any]:
    assert isinstance(value, Mapping)
    return value
