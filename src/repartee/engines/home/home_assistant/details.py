"""What Home Assistant keeps beside the states: the items of lists, forecasts, and what a script is going to do.

Lists and forecasts come by subscription, as states do: which "milk" is meant must be known when a sentence is planned,
and no turn waits for an answer. All of it joins the attributes of the state, under the names that a home's file has.

Source: homeassistant/components, `todo/item/subscribe`, `weather/subscribe_forecast`, `script/config`, as of 2024.3.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from repartee.core.home import State, States

from .socket import Message, NotAnswered, Socket

log = logging.getLogger(__name__)
DAILY = 1
"""Bit in the features of a weather entity that has daily forecasts."""


class Details:
    """Of one connection."""

    def __init__(self, states: States, update: Callable[[str, State], None]) -> None:
        self._states, self._update = states, update
        self._known: dict[str, Mapping[str, Any]] = {}
        self._asked: set[str] = set()

    def joined(self, entity: str, state: State) -> State:
        """The state with its details."""
        more = self._known.get(entity)
        return State(state.value, {**state.attributes, **more}) if more else state

    def forget(self, entity: str) -> None:
        """It came anew: a script may do something else now."""
        self._asked.discard(entity)
        self._known.pop(entity, None)

    async def read(self, socket: Socket, entities: Iterable[str]) -> None:
        """Of those that have any and were not asked for; in one round trip."""
        answers = []
        for entity in entities:
            question = _question(entity, self._states[entity])
            if question and entity not in self._asked:
                self._asked.add(entity)
                answers.append((entity, await socket.send(question, partial(self._told, entity))))
        for entity, answer in answers:
            try:
                result = await answer
            except NotAnswered as error:
                log.warning("%s: %s", entity, error)
                continue
            if isinstance(result, Mapping):
                self._learn(entity, _script(result.get("config") or {}))

    def _told(self, entity: str, event: Message) -> None:
        for key in ("items", "forecast"):
            if key in event:
                rows = event[key] if isinstance(event[key], list) else []
                self._learn(entity, {key: [row for row in rows if isinstance(row, Mapping)]})

    def _learn(self, entity: str, more: Mapping[str, Any]) -> None:
        self._known[entity] = more
        if entity in self._states:
            self._update(entity, self.joined(entity, self._states[entity]))


def _question(entity: str, state: State) -> Message | None:
    domain = entity.split(".", 1)[0]
    if domain == "todo":
        return {"type": "todo/item/subscribe", "entity_id": entity}
    features = state.attributes.get("supported_features")
    if domain == "weather" and isinstance(features, int) and features & DAILY:
        return {"type": "weather/subscribe_forecast", "entity_id": entity, "forecast_type": "daily"}
    return {"type": "script/config", "entity_id": entity} if domain == "script" else None


def _script(config: object) -> Mapping[str, Any]:
    """`sequence`: its calls, on whichever path; `opaque`: it may do more than they tell."""
    config = config if isinstance(config, Mapping) else {}
    calls = list(_calls(config.get("sequence") or ()))
    return {"sequence": [call for call in calls if call], "opaque": "sequence" not in config or None in calls}


def _calls(part: Any) -> Iterator[Mapping[str, Any] | None]:
    """Every call that may be made; None for one that is only known when it is made."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from _calls(one)
    if not isinstance(part, Mapping):
        return
    service = part.get("service") or part.get("action")
    if isinstance(service, str):
        yield _call(service, part)
    elif isinstance(part.get("scene"), str):
        yield {"service": "scene.turn_on", "entities": [part["scene"]], "data": {}}
    elif "device_id" in part and "type" in part and "domain" in part:
        yield {"service": f"{part['domain']}.{part['type']}", "entities": [], "data": {}}
    else:
        for inner in part.values():
            yield from _calls(inner)


def _call(service: str, part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    data = part.get("data") or {}
    places = (part.get("target") or {}, data, part) if isinstance(data, Mapping) else (part.get("target") or {}, part)
    named = [place["entity_id"] for place in places if isinstance(place, Mapping) and "entity_id" in place]
    entities = [one for name in named for one in (name if isinstance(name, list) else str(name).split(","))]
    if "{" in service or any("{" in str(entity) for entity in entities):
        return None
    if service.startswith("script.") and service != "script.turn_on":
        return {"service": "script.turn_on", "entities": [service], "data": {}}
    return {"service": service, "entities": [str(entity).strip() for entity in entities], "data": {}}
