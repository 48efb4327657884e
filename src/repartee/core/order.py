"""Standing orders as JSON, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .intent import Intent, Part
from .plan import Action, Order
from .when import when_as_json, when_from_json


def order_as_json(order: Order) -> dict[str, object]:
    return {
        "name": order.name,
        "when": when_as_json(order.when),
        "part": _part_as_json(order.part) if order.part else None,
        "actions": [{"service": a.service, "entities": list(a.entities), "data": dict(a.data)} for a in order.actions],
        "area": order.area,
        "language": order.language,
        "due": order.due,
        "was": order.was,
    }


def order_from_json(data: Mapping[str, Any]) -> Order:
    """Raises `KeyError` or `TypeError` for what is none."""
    return Order(
        str(data["name"]),
        when_from_json(data["when"]),
        _part_from_json(data["part"]) if data["part"] else None,
        tuple(Action(call["service"], tuple(call["entities"]), call["data"]) for call in data["actions"]),
        data["area"],
        str(data["language"]),
        None if data["due"] is None else float(data["due"]),
        data["was"],
    )


def _part_as_json(part: Part) -> dict[str, object]:
    intent = part.intent
    return {
        "intent": intent.name,
        "slots": {name: list(value) if isinstance(value, tuple) else value for name, value in intent.slots.items()},
        "entities": list(intent.entities),
        "response": intent.response,
        "confirmed": part.confirmed,
    }


def _part_from_json(row: Mapping[str, Any]) -> Part:
    slots = {name: tuple(value) if isinstance(value, list) else value for name, value in row["slots"].items()}
    intent = Intent(row["intent"], slots, entities=tuple(row["entities"]), response=row["response"])
    return Part(intent, confirmed=bool(row["confirmed"]))
