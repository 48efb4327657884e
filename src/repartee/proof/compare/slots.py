"""How slots are compared: the rules of the test sentences' README, written once for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def same_slots(expected: Mapping[str, Any], actual: Mapping[str, Any], context_area: str | None = None) -> bool:
    """Numbers by value, strings without case, a list means any of these; an extra area may be the context's."""
    for slot, value in actual.items():
        if slot not in expected:
            if slot == "area" and context_area is not None and same_value(context_area, value):
                continue
            return False
    return all(slot in actual and same_value(value, actual[slot]) for slot, value in expected.items())


def same_value(expected: Any, actual: Any) -> bool:
    if isinstance(expected, list | tuple):
        if isinstance(actual, list | tuple):
            return bool(set(map(_plain, expected)) & set(map(_plain, actual)))
        return any(same_value(value, actual) for value in expected)
    if isinstance(actual, list | tuple):
        return any(same_value(expected, value) for value in actual)
    return bool(_plain(expected) == _plain(actual))


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).casefold()
    try:
        return float(value)
    except (TypeError, ValueError):
        return " ".join(str(value).split()).casefold()
