"""Whether a condition holds in the home as it is."""

from __future__ import annotations

from collections.abc import Mapping

from .home import State
from .when import Condition

UNKNOWN = (None, "unavailable", "unknown")


def holds(condition: Condition, states: Mapping[str, State]) -> bool | None:
    """None where nobody knows: of any, that none is known to; of all, that some are not known."""
    found = [_fulfils(condition, states[entity]) for entity in condition.entities]
    if not found:
        return None
    known = [each for each in found if each is not None]
    if condition.all_of:
        held = False if False in known else True if len(known) == len(found) else None
    else:
        held = True if True in known else False if len(known) == len(found) else None
    return held if held is None or not condition.negated else not held


def _fulfils(condition: Condition, state: State) -> bool | None:
    value = state.attributes.get(condition.attribute) if condition.attribute else state.value
    if value in UNKNOWN:
        return None
    if condition.above is None and condition.below is None:
        return str(value) in condition.values
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    over = condition.above is None or number > condition.above
    return over and (condition.below is None or number < condition.below)
