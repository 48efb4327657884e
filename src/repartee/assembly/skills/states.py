"""Questions about states: is it, are any, are all, which, how many, where, what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from repartee.core.home import Entity, State
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation

from .language import words_of
from .measures import is_low
from .targets import meaning, nothing, place, step, targets, within, words

UNKNOWN_STATES = (None, "unknown", "unavailable")


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
    """Those of unknown state, where the answer hangs on them: an open window settles "is any open", and a closed
    one "are all open", whatever the others are."""
    silent = [entity for entity in found if situation.states[entity.id].value in UNKNOWN_STATES]
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
    kinds = {alike for kind in classes for alike in ALIKE.get(kind, ())}
    found = tuple(
        entity
        for entity in situation.home.entities
        if within(entity, where, situation)
        and (
            ((not domains or entity.domain in domains) and (not classes or entity.device_class in classes))
            or (entity.domain in CONTACTS and entity.device_class in kinds)
        )
    )
    if not found:
        raise Doubtful(nothing(intent, situation, domains[0] if domains else "device"))
    return without_groups(found, situation)


CONTACTS = ("binary_sensor", "cover")
DOORS = ("door", "garage_door", "garage", "gate")
ALIKE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("door", "opening"), DOORS),
    **dict.fromkeys(("garage", "garage_door"), ("garage", "garage_door")),
    "window": ("window",),
}
"""Whether a motor moves it or a contact watches it, people ask for the same kind of thing."""


def without_groups(found: Sequence[Entity], situation: Situation) -> tuple[Entity, ...]:
    """A group of which members are there is not counted beside them."""
    ids = {entity.id for entity in found}
    return tuple(e for e in found if not ids & {*_members(e, situation)} - {e.id})


def _members(entity: Entity, situation: Situation) -> tuple[str, ...]:
    members = situation.states[entity.id].attributes.get("entity_id")
    return tuple(map(str, members)) if isinstance(members, list | tuple) else ()


SAME = {"open": {"on"}, "closed": {"off"}, "home": {"on"}, "locked": {"off"}, "unlocked": {"on"}}
"""What a binary sensor calls the states that people ask for."""


def is_so(entity: Entity, situation: Situation, wanted: set[str]) -> bool:
    value = situation.states[entity.id].value
    if value is None:
        return False
    if entity.domain == "binary_sensor":
        return value in wanted.union(*(SAME.get(state, set()) for state in wanted))
    if "on" in wanted and entity.domain in RUNNING:
        return value not in RUNNING[entity.domain] or value in wanted
    return value.casefold() in wanted


RUNNING: Mapping[str, tuple[str, ...]] = {
    "climate": ("off",),
    "media_player": ("off", "standby", "idle"),
    "vacuum": ("docked", "idle", "paused", "error"),
    "lawn_mower": ("docked", "paused", "error"),
    "water_heater": ("off",),
}
"""What says "on" in words of its own, and the states in which it is not."""


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
    fitting = [e for e in situation.home.entities if ANYTHING[state](e) and within(e, where, situation)]
    found = without_groups(fitting, situation)
    wanted = {"on", "playing"} if state == "on" else {state}
    matched = [entity.id for entity in found if is_so(entity, situation, wanted)]
    unmatched = _others(found, matched)
    silent = [entity for entity in found if situation.states[entity.id].value in UNKNOWN_STATES]
    if silent and not matched:
        return _unknown(intent, silent)
    asked = Intent("HassGetState", intent.slots, response=intent.response)
    return step(asked, state=next(iter((*matched, *unmatched)), ""), matched=matched, unmatched=unmatched)


def everything_locked(intent: Intent, situation: Situation) -> Step:
    """All locks of the place or the house; one of unknown state leaves the answer open."""
    where = place(intent, situation)
    locks = [e for e in situation.home.entities if ANYTHING["unlocked"](e) and within(e, where, situation)]
    if not locks:
        raise Doubtful(nothing(intent, situation, "lock"))
    unlocked = [e.id for e in locks if not is_so(e, situation, {"locked"})]
    silent = [e for e in locks if situation.states[e.id].value in UNKNOWN_STATES]
    if silent and len(silent) == len(unlocked):
        return _unknown(Intent(intent.name, {**intent.slots, "state": "locked"}), silent)
    asked = Intent("HassGetState", {**intent.slots, "state": _word("locked", situation)}, response="all")
    return step(asked, state=locks[0].id, matched=_others(locks, unlocked), unmatched=unlocked)


def is_it(intent: Intent, situation: Situation) -> Step:
    """Whether a thing is in a state of its own kind: playing, docked, charging, heating, low."""
    asked = meaning(intent, "state", ASKED)
    entity = targets(intent, situation)[0]
    state = situation.states[entity.id]
    answer = None if state.value in UNKNOWN_STATES else asked(entity, state, situation)
    now = _word(str(state.value), situation)
    level = state.attributes.get("battery_level")
    if intent.slots.get("state") == "low":
        now = _word({True: "low", False: "not low"}.get(answer, ""), situation) if answer is not None else ""
    key = {None: "unknown", True: "default", False: "no"}[answer]
    return step(replace(intent, response=key), state=entity.id, now=now, level=level, name=entity.name)


def _in(*values: str) -> Asked:
    return lambda _entity, state, _situation: state.value in values


def _charging(entity: Entity, state: State, _situation: Situation) -> bool | None:
    """Only where the thing says so: a robot in its dock may be full."""
    if state.value in ("charging", "cleaning", "mowing", "returning"):
        return state.value == "charging"
    known = state.attributes.get("is_charging", state.attributes.get("charging"))
    if entity.device_class == "battery_charging":
        known = state.value == "on"
    return known if isinstance(known, bool) else None


def _acting(action: str) -> Asked:
    """What a thermostat does now, as far as it tells."""

    def asked(_entity: Entity, state: State, _situation: Situation) -> bool | None:
        known = state.attributes.get("hvac_action")
        return None if known is None and state.value != "off" else known == action

    return asked


PEOPLE = ("person", "device_tracker")
Asked = Callable[[Entity, State, Situation], bool | None]
ASKED: Mapping[str, Asked] = {
    "playing": _in("playing"),
    "paused": _in("paused"),
    "cleaning": _in("cleaning", "mowing"),
    "docked": lambda e, state, _s: state.value in (("home",) if e.domain in PEOPLE else ("docked", "charging")),
    "running": lambda e, _state, s: is_so(e, s, {"on"}),
    "off": lambda e, _state, s: not is_so(e, s, {"on"}),
    "charging": _charging,
    "muted": lambda _e, state, _s: _flag(state.attributes.get("is_volume_muted")),
    "heating": _acting("heating"),
    "cooling": _acting("cooling"),
    "armed": lambda _e, state, _s: str(state.value).startswith("armed"),
    "disarmed": _in("disarmed"),
    "low": lambda e, _state, s: is_low(e, s),
}
"""None: the thing does not tell."""


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _word(state: str, situation: Situation) -> str:
    """As people say it, where the language has a word for it."""
    return words_of(situation.context.language.partition("-")[0], "states").get(state, state.replace("_", " "))


SKILLS = {
    "RepAnything": anything,
    "RepEverythingLocked": everything_locked,
    "RepIs": is_it,
}
