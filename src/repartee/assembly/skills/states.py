"""Questions about states: is it, are any, are all, which, how many, where, what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation

from .targets import nothing, place, step, targets, within, words

NOBODY_KNOWS = (None, "unknown", "unavailable")


def get_state(intent: Intent, situation: Situation) -> Step:
    """`matched` and `unmatched`: the ids of the devices that are as asked, and of the others."""
    if "name" in intent.slots:
        found: tuple[Entity, ...] = targets(intent, situation)
    else:
        found = _all(intent, situation)
    wanted = {value.casefold() for value in words(intent, "state")}
    matched = [entity.id for entity in found if not wanted or is_so(entity, situation, wanted)]
    unmatched = _others(found, matched)
    if silent := _silent(intent, found, matched if wanted else (), situation):
        return _unknown(intent, silent)
    return step(intent, state=(matched or unmatched)[0], matched=matched, unmatched=unmatched)


def _silent(intent: Intent, found: Sequence[Entity], matched: Collection[str], situation: Situation) -> list[Entity]:
    """Those of which nobody knows, where the answer hangs on them: an open window settles "is any open", and a closed
    one "are all open", whatever the others are."""
    silent = [entity for entity in found if situation.states[entity.id].value in NOBODY_KNOWS]
    kind = intent.response.partition("_")[0]
    if kind == "all":
        return silent if len(silent) + len(matched) == len(found) else []
    return silent if not matched and kind in ("one", "any", "bs", "where", "default") else []


def _unknown(intent: Intent, silent: Sequence[Entity]) -> Step:
    told = Intent("RepUnknown", intent.slots)
    return step(told, state=silent[0].id, names=[entity.name for entity in silent[:3]])


def _others(found: Iterable[Entity], matched: Iterable[str]) -> list[str]:
    known = set(matched)
    return [entity.id for entity in found if entity.id not in known]


def _all(intent: Intent, situation: Situation) -> tuple[Entity, ...]:
    """A question without a place is about the whole home."""
    where = place(intent, situation)
    domains, classes = words(intent, "domain"), words(intent, "device_class")
    found = tuple(
        entity
        for entity in situation.home.entities
        if (not domains or entity.domain in domains)
        and (not classes or entity.device_class in classes)
        and within(entity, where, situation)
    )
    if not found:
        raise Doubtful(nothing(intent, situation, domains[0] if domains else "device"))
    return found


SAME = {"open": {"on"}, "closed": {"off"}, "home": {"on"}, "locked": {"off"}, "unlocked": {"on"}}
"""What a binary sensor calls the states that people ask for."""


def is_so(entity: Entity, situation: Situation, wanted: set[str]) -> bool:
    value = situation.states[entity.id].value
    if value is None:
        return False
    if entity.domain == "binary_sensor":
        return value in wanted.union(*(SAME.get(state, set()) for state in wanted))
    return value.casefold() in wanted


OPENABLE = ("door", "garage_door", "opening", "window")
ANYTHING: Mapping[str, Callable[[Entity], bool]] = {
    "open": lambda e: e.domain in ("cover", "valve") or (e.domain == "binary_sensor" and e.device_class in OPENABLE),
    "unlocked": lambda e: e.domain == "lock" or (e.domain == "binary_sensor" and e.device_class == "lock"),
    "on": lambda e: e.domain in ("light", "switch", "fan", "media_player", "input_boolean", "humidifier", "siren"),
}
"""What "is anything open" is about."""


def anything(intent: Intent, situation: Situation) -> Step:
    """Is anything open, on, unlocked, here or anywhere; answered as the question about one kind of device is."""
    state = words(intent, "state")[0] if words(intent, "state") else ""
    if state not in ANYTHING:
        raise Doubtful(Doubt("no_intent"))
    where = place(intent, situation)
    found = [e for e in situation.home.entities if ANYTHING[state](e) and within(e, where, situation)]
    wanted = {"on", "playing"} if state == "on" else {state}
    matched = [entity.id for entity in found if is_so(entity, situation, wanted)]
    unmatched = _others(found, matched)
    silent = [entity for entity in found if situation.states[entity.id].value in NOBODY_KNOWS]
    if silent and not matched:
        return _unknown(intent, silent)
    asked = Intent("HassGetState", intent.slots, response=intent.response)
    return step(asked, state=next(iter((*matched, *unmatched)), ""), matched=matched, unmatched=unmatched)


SKILLS = {"HassGetState": get_state, "RepAnything": anything}
