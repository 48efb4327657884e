"""A home inside the process: the default, any home of a file, and the one that tests use. Its devices always answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from importlib import resources
from time import time as wall
from types import TracebackType
from typing import Any

from repartee.core.channel import Channel
from repartee.core.home import Entity, Home, State, States
from repartee.core.home_file import HomeFile, home_from
from repartee.core.intent import Data
from repartee.core.plan import Action, Effect
from repartee.homes.device_services import ANY_DOMAIN, SERVICES, Service
from repartee.homes.fields import BadCall

MAX_SCRIPT_CALLS = 100
"""Bound on what one script may set off."""


def demo_home() -> HomeFile:
    """The home that comes with the product."""
    import json

    file = resources.files("repartee.engines.home") / "demo_home.json"
    return home_from(json.loads(file.read_text("utf-8")), "demo", "the demo home")


class DemoHome:
    """Satisfies `HomeBackend`. A device in the state `unavailable` fails, as a real one would."""

    def __init__(self, file: HomeFile | None = None, delay: float = 0.0) -> None:
        """`delay`: seconds that every call takes."""
        file = file or demo_home()
        self.home: Home = file.home
        self._states: States = file.states
        self._dated_until = 0.0
        """Unix time (seconds) at which forecasts and calendars begin another day."""
        self._media = [str(found["title"] if isinstance(found, Mapping) else found) for found in file.media]
        self._delay = delay
        self._listeners: list[Channel[str]] = []
        self._lit: dict[str, State] = {}
        """How a light was when it was last on."""

    async def __aenter__(self) -> DemoHome:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            listener.close()

    @property
    def states(self) -> States:
        """The days of forecasts and calendars are counted from today."""
        if wall() >= self._dated_until:
            self._date(datetime.now().astimezone())
        return self._states

    def changes(self) -> Channel[str]:
        listener = Channel[str](1024)
        self._listeners = [known for known in self._listeners if not known.closed] + [listener]
        return listener

    def rename(self, entity: str, name: str) -> None:
        """As a person would in the settings of their home."""
        self.home = self.home.renamed(entity, name)
        self._tell("")

    def set_state(self, entity: str, state: State) -> None:
        """The device changed by itself: a hand on the switch, a sensor."""
        self.states.set(entity, state)
        self._tell(entity)

    async def perform(self, action: Action) -> Sequence[Effect]:
        if self._delay:
            await asyncio.sleep(self._delay)
        if not action.entities:
            return [Effect("", action.service, action.data, error=f"{action.service} needs to know which device")]
        return [self._perform(entity, action) for entity in action.entities]

    def _perform(self, entity_id: str, action: Action) -> Effect:
        try:
            self._call(entity_id, action.service, action.data)
        except BadCall as error:
            known = self.home.by_id.get(entity_id)
            return Effect(
                entity_id, action.service, action.data, error=f"{known.name if known else entity_id}: {error}"
            )
        return Effect(entity_id, action.service, action.data, confirmed=True)

    def _call(self, entity_id: str, service: str, data: Data) -> None:
        entity = self.home.by_id.get(entity_id)
        if entity is None:
            raise BadCall("there is no such device")
        before = self.states[entity_id]
        if before.value == "unavailable":
            raise BadCall("it does not answer")
        if service == "light.turn_on" and before.value == "off":
            before = self._lit.get(entity_id, before)
        change = _service(entity, service)
        if entity.domain == "media_player" and service.endswith(".play_media"):
            data = self._found(data)
        after = change(before, data)
        if entity.domain == "light" and after.value == "on":
            self._lit[entity_id] = after
        self.set_state(entity_id, after)
        if entity.domain == "scene":
            self._apply(after.attributes.get("entities", {}))
        if entity.domain == "script" and service.endswith(".turn_on"):
            self._run(after.attributes.get("sequence", ()))

    def _found(self, data: Data) -> Data:
        """A home that knows what it could play plays nothing else."""
        wanted = str(data.get("media_content_id", "")).casefold()
        if not self._media or not wanted:
            return data
        title = next((title for title in self._media if wanted in title.casefold()), None)
        if title is None:
            raise BadCall(f"it found nothing called {data['media_content_id']!r}")
        return {**data, "media_content_id": title}

    def _apply(self, wanted: Mapping[str, Any]) -> None:
        """The states of a scene: `"off"`, or a mapping of `state` and attributes."""
        for entity_id, state in wanted.items():
            if entity_id in self.home.by_id:
                attributes = {"state": state} if isinstance(state, str) else dict(state)
                value = str(attributes.pop("state", self.states[entity_id].value))
                known = self.states[entity_id].attributes
                self.set_state(entity_id, State(value, {**known, **attributes}))

    def _run(self, sequence: Iterable[Mapping[str, Any]]) -> None:
        calls = [(entity, step) for step in sequence for entity in step["entities"]]
        for entity_id, step in calls[:MAX_SCRIPT_CALLS]:
            if not entity_id.startswith("script."):
                self._call(entity_id, step["service"], step.get("data", {}))

    def _date(self, now: datetime) -> None:
        """Dates for what a home's file tells "in so many days"."""
        tomorrow = now.date() + timedelta(days=1)
        self._dated_until = datetime.combine(tomorrow, time()).astimezone().timestamp()
        for entity, state in list(self._states.known.items()):
            more = {name: on_dates(state.attributes[name], now) for name in DATED if state.attributes.get(name)}
            if more:
                self._states.set(entity, State(state.value, {**state.attributes, **more}))

    def _tell(self, what: str) -> None:
        for listener in self._listeners:
            listener.push(what)


DATED = ("forecast", "events")
"""Attributes whose rows may say `in_days` instead of a date."""


def on_dates(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """A forecast gets its `datetime`, an event `start` and `end` (whole days where it says no time `at`)."""
    return [
        _on_date(row, now.date() + timedelta(days=int(row["in_days"])), now) if "in_days" in row else row
        for row in rows
    ]


def _on_date(row: Mapping[str, Any], day: date, now: datetime) -> Mapping[str, Any]:
    if "summary" not in row:
        return {**row, "datetime": datetime.combine(day, time(12), now.tzinfo).isoformat()}
    if "at" not in row:
        return {**row, "start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat()}
    start = datetime.combine(day, time.fromisoformat(str(row["at"])), now.tzinfo)
    return {
        **row,
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=int(row.get("minutes", 60)))).isoformat(),
    }


def _service(entity: Entity, name: str) -> Service:
    domain, _, verb = name.partition(".")
    services = SERVICES.get(entity.domain, {})
    if domain == "homeassistant":
        verb = ANY_DOMAIN.get(verb, {}).get(entity.domain, verb)
    elif domain != entity.domain:
        raise BadCall(f"{name} is nothing for a {entity.domain.replace('_', ' ')}")
    if verb not in services:
        can = ", ".join(services) or "nothing"
        raise BadCall(f"a {entity.domain.replace('_', ' ')} can't {verb.replace('_', ' ')}; it can: {can}")
    return services[verb]
