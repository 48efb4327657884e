"""The household's things as the notebook keeps them, and what they say when they are due."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from repartee.core.home import State
from repartee.core.intent import Data
from repartee.core.plan import Action, Alert
from repartee.core.wall import on_the_wall, unix
from repartee.homes.fields import BadCall

from . import orders


def as_note(state: State) -> Mapping[str, object]:
    return {"state": state.value, "attributes": dict(state.attributes)}


def from_note(kind: str, entity: str, kept: Mapping[str, Any]) -> State:
    """Raises `KeyError`, `ValueError`, `TypeError` or `AttributeError` for what makes no sense."""
    attributes = dict(kept["attributes"].items())
    state = State(str(kept["state"]), attributes)
    if kind == "list":
        if not all(isinstance(item["summary"], str) for item in attributes["items"]):
            raise ValueError("an item without words")
        return state
    if kind == orders.KIND:
        orders.order_of(state)
        return state
    due = attributes["due"]
    seconds = attributes.get("left") if due is None else due
    if seconds is None or not math.isfinite(seconds):
        raise ValueError("it is never due")
    if kind in ("alarm", "reminder") and state.value == "set":
        attributes.setdefault("at", moment(on_the_wall(due, None), None)["at"])  # of a version that kept only seconds
    due_of(state, None)
    alert_of(entity, state, 0.0)
    return state


def moment(at: datetime, zone: tzinfo | None) -> dict[str, object]:
    """A time on the wall as it is kept: `at`, its `zone`, and `fold` for the second of an hour that comes twice."""
    return {"at": at.replace(fold=0).isoformat(), "zone": getattr(zone, "key", None), "fold": at.fold}


def due_of(state: State, zone: tzinfo | None) -> float:
    """Unix seconds, by the rules that its zone has today; `zone`: of those that name none."""
    details = state.attributes
    if state.value != "set" or "at" not in details:
        return float(details["due"])
    at = datetime.fromisoformat(details["at"]).replace(fold=int(details.get("fold") or 0))
    return unix(at, zone_named(details.get("zone")) or zone)


def alert_of(entity: str, state: State, late: float) -> Alert:
    """What is told, or done, when it is due; `late` seconds after that."""
    details = state.attributes
    if entity.startswith(f"{orders.KIND}."):
        order = orders.order_of(state)
        return Alert("order", entity, order.name, order.area, order=order, late=late)
    actions = tuple(Action(c["service"], tuple(c["entities"]), dict(c["data"])) for c in details.get("actions") or ())
    commands = bool(actions or details.get("command"))
    return Alert(
        kind="command" if commands else entity.partition(".")[0],
        entity=entity,
        name=str(details.get("name", "")),
        area=details.get("area"),
        message=str(details.get("command") or details.get("message") or ""),
        actions=actions,
        seconds=float(details.get("seconds", 0.0)),
        late=late,
    )


def calls(actions: object) -> list[dict[str, object]]:
    """Calls for later: `service`, `entities`, `data`."""
    if not isinstance(actions, list | tuple) or not all(isinstance(action, Action) for action in actions):
        raise BadCall("what is to be done later must be service calls")
    return [{"service": a.service, "entities": list(a.entities), "data": dict(a.data)} for a in actions]


def number(data: Data, name: str) -> float:
    value = data.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCall(f"{name} must be a number, not {value!r}")
    return value


@lru_cache(maxsize=64)
def zone_named(name: object) -> ZoneInfo | None:
    """None for what is no zone (any more)."""
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
