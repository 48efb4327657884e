"""What the home itself has not and every home needs: timers, alarms, reminders, a shopping list, announcements.

A `HomeBackend` like any other: its things are entities, their states are live, its services are calls. Memory is what
rings. The notebook is written at once, and a call is confirmed as kept only when it is there, so that a kill at any
moment loses nothing that was. While nothing can be written, timers ring all the same, and calls say that they hold
until the next restart. What came due while we were away is told at the start, with how late it is.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from types import TracebackType
from typing import Any

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.home import Entity, Home, HomeVersion, State, States
from repartee.core.intent import Data
from repartee.core.kept import Keeping
from repartee.core.plan import Action, Alert, Effect
from repartee.core.ports import Notebook
from repartee.core.schedule import SunTime
from repartee.core.wall import on_the_wall, unix
from repartee.homes.device_services import SERVICES
from repartee.homes.fields import BadCall

from . import orders
from .keeper import Keeper
from .kept import alert_of, as_note, calls, due_of, from_note, moment, number, zone_named

log = logging.getLogger(__name__)
DOMAINS = ("timer", "alarm", "reminder", "list", "household")
"""What to route here."""
KINDS = ("timer", "alarm", "reminder", "list", "household")
"""Of which things are kept."""
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
        zone: tzinfo | None = None,
        sun: SunTime | None = None,
    ) -> None:
        """In a running loop. `timers`: those of a home's file. `wall`: Unix seconds. `zone`: of alarms and reminders
        that don't name their own; None: the machine's."""
        self.home = Home(HomeVersion("household", 0, 0))
        self.states = States()
        self.keeper = Keeper(notebook)
        self.duty = Duty("household")
        self._notebook = notebook
        self._wall, self.zone, self._sun = wall, zone, sun
        self._due: dict[str, float] = {}
        """Loop time at which each thing comes due."""
        self._listeners: list[Channel[str]] = []
        self._alerts: list[Channel[Alert]] = []
        self._missed: list[Alert] = []
        """Came due before anybody listened."""
        self._nonsense = 0
        """Things that were kept and could not be understood."""
        self._changed = asyncio.Event()
        self._put("list.shopping_list", State("0", {"name": "Shopping List", "items": []}))
        for given in timers:
            self._put(self._new("timer"), self._given(given))

    async def __aenter__(self) -> Household:
        """With all that was kept and can be read; until then nothing rings."""
        for kind in KINDS:
            with self.duty.item():
                for entity_id, kept in (await self._notebook.read(kind) if self._notebook else {}).items():
                    self._restore(kind, entity_id, kept)
        self.keeper.start()
        self.duty.start(self._wait)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.duty.stop()
        await self.keeper.close()
        for listener in self._listeners:
            listener.close()
        for alerts in self._alerts:
            alerts.close()

    @property
    def sun(self) -> SunTime | None:
        """When it rises and sets here."""
        return self._sun

    @property
    def wall(self) -> Callable[[], float]:
        """Its clock, Unix seconds."""
        return self._wall

    @property
    def duties(self) -> Sequence[Duty]:
        return (self.duty, self.keeper.duty)

    @property
    def keeping(self) -> Keeping:
        keeper = self.keeper
        return Keeping("household", keeper.unkept, keeper.missed, self._nonsense, keeper.trouble)

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
                changed, kept = await self._perform(entity, action.service, action.data)
                effects.append(Effect(changed, action.service, action.data, confirmed=True, kept=kept))
            except BadCall as error:
                effects.append(Effect(entity, action.service, action.data, error=str(error)))
        return effects

    async def _perform(self, entity: str, service: str, data: Data) -> tuple[str, bool]:
        """What was changed, and whether that outlives us."""
        domain, _, verb = service.partition(".")
        if service == "household.schedule" or (service == "timer.start" and "order" in data):
            order = orders.order_state(data.get("order"), self._wall())
            entity = self._new(orders.KIND)
            return entity, await self._keep(entity, order)
        if service == "timer.start":
            state = self._started(data)
            entity = self._new("timer")
            return entity, await self._keep(entity, state)
        if service in ("alarm.set", "reminder.set"):
            state = self._set(data)
            entity = self._new(domain)
            return entity, await self._keep(entity, state)
        if service == "household.announce":
            self._alert(Alert("announcement", area=_optional(data.get("area")), message=str(data["message"])))
            return "", True
        if service == "household.tell":
            self._alert(Alert("notice", message=str(data["message"])))
            return "", True
        if service == "household.stop":
            ringing = [known for known, state in self.states.known.items() if state.value == "ringing"]
            return "", all([await self._forget(known) for known in ringing])
        known = self.states.known.get(entity)
        if known is None:
            raise BadCall("there is no such thing any more")
        if domain == "list":
            if verb not in SERVICES["todo"]:
                raise BadCall(f"a list can't {verb}")
            return entity, await self._keep(entity, SERVICES["todo"][verb](known, data))
        if verb == "cancel":
            return entity, await self._forget(entity)
        if domain == "timer":
            return entity, await self._keep(entity, self._timer(known, verb, data))
        if service == "household.pause":
            return entity, await self._keep(entity, orders.paused(known))
        if service == "household.resume":
            return entity, await self._keep(entity, orders.resumed(known, self._wall(), self.zone, self._sun))
        raise BadCall(f"there is no {service}")

    def fire(self, entity: str) -> None:
        """An order whose condition has come true."""
        self._due[entity] = asyncio.get_running_loop().time()
        self._changed.set()

    def note(self, entity: str, was: bool) -> None:
        """Whether the condition of an order holds, for the time after a restart."""
        state = orders.noted(self.states[entity], was)
        self.states.set(entity, state)
        self.keeper.put(orders.KIND, entity, as_note(state))

    def _started(self, data: Data) -> State:
        seconds = sum(number(data, unit) * size for unit, size in UNITS.items())
        if not 0 < seconds <= MAX_SECONDS:
            raise BadCall("a timer runs from a second to a month")
        attributes = {
            "name": str(data.get("name", "")).strip(),
            "area": _optional(data.get("area")),
            "command": str(data.get("command", "")),
            "actions": calls(data.get("actions", ())),
            "seconds": seconds,
            **{f"start_{unit}": int(number(data, unit)) for unit in UNITS},
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
            left = max(0.0, left + number(data, "seconds"))
            if known.value == "paused":
                return State("paused", {**attributes, "left": left})
            return State("active", {**attributes, "due": self._wall() + left})
        raise BadCall(f"a timer can't {verb}")

    def left(self, timer: State) -> float:
        """Seconds until it rings."""
        due = timer.attributes.get("due")
        return float(timer.attributes.get("left") or 0.0) if due is None else max(0.0, due - self._wall())

    def _set(self, data: Data) -> State:
        """`at`: ISO 8601, a time on the wall or one with its offset; `zone`: IANA name of the zone of that wall;
        `repeat`: `daily`, `weekdays`, `weekends`, numbers of days (`0,3`: Monday and Thursday), or nothing."""
        zone = zone_named(data.get("zone")) or self.zone
        try:
            at = datetime.fromisoformat(str(data["at"]))
            due = unix(at, zone) if at.tzinfo is None else at.timestamp()
        except (KeyError, ValueError, OverflowError) as error:
            raise BadCall("it needs to know when") from error
        if not self._wall() - 1 <= due <= self._wall() + 366 * 24 * 3600:
            raise BadCall("that is not within the next year")
        details = {name: str(data.get(name, "")).strip() for name in ("name", "message", "repeat")}
        area = _optional(data.get("area"))
        return State("set", {**details, "area": area, **moment(on_the_wall(due, zone), zone), "due": due})

    def _new(self, kind: str) -> str:
        if sum(known.startswith(f"{kind}.") for known in self.states) >= MAX_THINGS:
            raise BadCall(f"there are {MAX_THINGS} of them already")
        return f"{kind}.{secrets.token_hex(4)}"

    async def _keep(self, entity: str, state: State) -> bool:
        """True at once; whether it is on disk too."""
        self._put(entity, state)
        return await self.keeper.kept(entity.partition(".")[0], entity, as_note(state))

    async def _forget(self, entity: str) -> bool:
        self._remove(entity)
        return await self.keeper.kept(entity.partition(".")[0], entity, None)

    def _restore(self, kind: str, entity: str, kept: Mapping[str, object]) -> None:
        """What can't be understood is put aside, where a person finds it (`repartee data show`)."""
        try:
            self._put(entity, from_note(kind, entity, kept))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            log.error("a %s (%s) that was kept makes no sense (%r): it is put aside", kind, entity[:40], error)
            self._nonsense += 1
            self.keeper.put(f"damaged {kind}", entity, kept)
            self.keeper.put(kind, entity, None)

    def _remove(self, entity: str) -> None:
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
                    with self.duty.item():
                        self._ring(entity)
            soon = min(self._due.values(), default=loop.time() + LOOK)
            try:
                async with asyncio.timeout_at(min(soon, loop.time() + LOOK)):
                    await self._changed.wait()
            except TimeoutError:
                self._look_at_the_wall(loop.time())

    def _look_at_the_wall(self, now: float) -> None:
        for entity in self._due:
            if not (entity.startswith("timer.") or self._is_a_wait(entity)):
                with self.duty.item():
                    self._due[entity] = now + due_of(self.states[entity], self.zone) - self._wall()

    def _is_a_wait(self, entity: str) -> bool:
        if not entity.startswith(f"{orders.KIND}."):
            return False
        state = self.states[entity]
        return state.attributes["due"] is None or orders.is_a_wait(state)

    def _ring(self, entity: str) -> None:
        """Told first; the disk hears of it when it can."""
        due = self._due.pop(entity)  # whatever goes wrong, it does not come due again and again
        kind, state = entity.partition(".")[0], self.states[entity]
        if state.value == "ringing":  # long enough
            self._remove(entity)
            self.keeper.put(kind, entity, None)
            return
        alert = alert_of(entity, state, max(0.0, asyncio.get_running_loop().time() - due))
        self._alert(alert)
        after = self._after_ringing(state, alert)
        if after:
            self._put(entity, after)
        else:
            self._remove(entity)
        self.keeper.put(kind, entity, as_note(after) if after else None)

    def _after_ringing(self, state: State, alert: Alert) -> State | None:
        """Set again, ringing, or (None) gone."""
        details = state.attributes
        if alert.order:
            return orders.after_due(state, self._wall(), self.zone, self._sun)
        if "at" in details:
            zone = zone_named(details.get("zone")) or self.zone
            at = datetime.fromisoformat(details["at"])
            again = next_time(at, str(details.get("repeat", "")), self._wall(), zone)
            if again is not None:
                return State("set", {**details, **moment(again, zone), "due": unix(again, zone)})
        if alert.kind == "command":
            return None
        return State("ringing", {**details, "due": self._wall() + RING})

    def _alert(self, alert: Alert) -> None:
        listeners = [channel for channel in self._alerts if not channel.closed]
        for channel in listeners:
            channel.push(alert)
        if not listeners:
            self._missed = [*self._missed[-MAX_THINGS:], alert]


UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}
DAYS: Mapping[str, Sequence[int]] = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}


def next_time(at: datetime, repeat: str, now: float, zone: tzinfo | None = None) -> datetime | None:
    """When a repeated alarm rings next on the wall, at the same time of day; None: never again. `now`: Unix seconds."""
    days = DAYS.get(repeat) or [int(day) for day in repeat.split(",") if day.isdigit()]
    if not days:
        return None
    day = max(at.date(), on_the_wall(now, zone).date() - timedelta(days=1))
    for _ in range(9):
        day += timedelta(days=1)
        soon = datetime.combine(day, at.time())
        if day.weekday() in days and unix(soon, zone) > now:
            return soon
    return None


def _optional(value: object) -> str | None:
    return str(value) if value else None
