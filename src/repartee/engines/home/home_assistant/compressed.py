"""The short form in which Home Assistant sends states: `a` all of an entity, `c` what changed, `r` gone.

Source: homeassistant/components/websocket_api/messages.py, `subscribe_entities`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repartee.core.errors import BadText
from repartee.core.home import State

UNKNOWN = "unknown"
LONGEST_STATE = 255
"""Characters; Home Assistant itself sends no longer ones."""


def whole(row: Mapping[str, Any]) -> State:
    """`{"s": state, "a": attributes}`; contexts and times are left out."""
    return State(_value(row.get("s")), _attributes(row))


def changed(before: State, diff: Mapping[str, Any]) -> State:
    """`{"+": {"s": ..., "a": {...}}, "-": {"a": [...]}}` on top of the state before."""
    more, less = diff.get("+") or {}, diff.get("-") or {}
    value = _value(more["s"]) if "s" in more else before.value
    gone = set(less.get("a") or ())
    fresh = _attributes(more)
    if not gone and not fresh:
        return State(value, before.attributes)
    kept = {key: was for key, was in before.attributes.items() if key not in gone}
    return State(value, kept | dict(fresh))


PERSON, AUTOMATION = "person", "automation"


def origin_of(row: Mapping[str, Any]) -> str:
    """Who changed it, by its context: `person`, `automation`, or nothing where it is not reported (a switch, a sensor).

    A context with a parent was set off by another one; source: homeassistant/core.py, `Context`.
    """
    context = row.get("c")
    if not isinstance(context, Mapping):
        return ""
    return AUTOMATION if context.get("parent_id") else PERSON if context.get("user_id") else ""


def _attributes(row: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes = row.get("a") or {}
    if not isinstance(attributes, Mapping):
        raise BadText("its attributes are no object")
    return attributes


def _value(value: Any) -> str | None:
    return None if value is None or value == UNKNOWN else str(value)[:LONGEST_STATE]
