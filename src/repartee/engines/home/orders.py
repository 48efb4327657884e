"""Standing orders as the household keeps them: when they are due, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from repartee.core.home import State
from repartee.core.order import order_as_json, order_from_json
from repartee.core.plan import Order
from repartee.core.schedule import NoSun, NoTime, PastTime, SunTime, next_due
from repartee.homes.fields import BadCall

KIND = "household"
"""Domain of orders: `household.1f3a...`."""
WAITING, PAUSED = "waiting", "paused"
LONGEST = 366 * 24 * 3600.0
"""Seconds ahead."""


def order_state(data: object, now: float) -> State:
    """A new one. Raises `BadCall`."""
    order = _order(data)
    if order.due is None and order.when.condition is None:
        raise BadCall("it needs to know when")
    if order.due is not None and not now - 1 <= order.due <= now + LONGEST:
        raise BadCall("that is not within the next year")
    return _state(WAITING, order)


def order_of(state: State) -> Order:
    return order_from_json(state.attributes)


def paused(state: State) -> State:
    return State(PAUSED, state.attributes)


def resumed(state: State, now: float, zone: tzinfo | None, sun: SunTime | None) -> State:
    """At its next time, where it was paused over one. Raises `BadCall` where there is none any more."""
    order = order_of(state)
    if order.due is None or order.due > now:
        return State(WAITING, state.attributes)
    again = after_due(state, now, zone, sun)
    if again is None:
        raise BadCall("its time is over")
    return again


def after_due(state: State, now: float, zone: tzinfo | None, sun: SunTime | None) -> State | None:
    """What it is once it was done; None: gone."""
    order = order_of(state)
    if order.when.condition is not None:
        return state if order.when.condition.always else None
    if order.when.repeat is None:
        return None
    at = datetime.fromtimestamp(now, zone) if zone else datetime.fromtimestamp(now).astimezone()
    try:
        due = next_due(order.when, at, sun)
    except (NoSun, NoTime, PastTime):
        return None
    return _state(WAITING, replace(order, due=due.timestamp()))


def noted(state: State, was: bool) -> State:
    """With whether its condition holds now."""
    return State(state.value, {**state.attributes, "was": was})


def is_a_wait(state: State) -> bool:
    """Whether it is due after so many seconds, whatever the clock on the wall is set to."""
    return bool(state.attributes["when"].get("after"))


def _order(data: object) -> Order:
    if not isinstance(data, Mapping):
        raise BadCall("an order says what is to be done, and when")
    try:
        return order_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadCall(f"that is no order: {error!r}") from error


def _state(value: str, order: Order) -> State:
    attributes: dict[str, Any] = order_as_json(order)
    return State(value, attributes)
