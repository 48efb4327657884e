"""What a call sets off beyond the devices it names: the members of a group, what a scene changes, what a script calls.

A back end tells it in the attributes of the state: `entity_id` (members of a group, or what a scene touches),
`entities` (what a scene turns them to), `sequence` (the calls of a script), `opaque` (and what else is unknown).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from repartee.core.home import State
from repartee.core.plan import Action

DEEPEST = 5
"""Scripts within scripts that are looked into."""
SAFE = {"locked", "locking", "closed", "closing", "off"}
"""What a scene may turn anything to: it lets no person in."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One thing that a call reaches."""

    entity: str
    """Empty where only the service is known."""
    service: str = ""
    """Empty where only the device is known: anything may be done to it."""
    within: str = ""
    """The scene or script it happens in."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A scene or script whose effects are unknown."""

    within: str


@dataclass(frozen=True, slots=True)
class House:
    """Where a call goes."""

    states: Mapping[str, State]
    domains: Collection[str]
    """Those of which groups are looked into. A state that was looked at is one that the plan depends on, so no more are
    looked at than there are rules about."""


def reached(action: Action, house: House, within: str = "", depth: int = 0) -> Iterator[Reach | Opaque]:
    """All of it, the named devices first."""
    verb = action.service.partition(".")[2]
    for entity in action.entities or ("",):
        yield Reach(entity, action.service, within)
        kind = entity.partition(".")[0]
        if kind not in ("scene", "script", "group", *house.domains):
            continue
        attributes = house.states[entity].attributes
        if kind == "scene" and verb == "turn_on":
            yield from _scene(entity, attributes)
        elif kind == "script" and verb in ("turn_on", "toggle"):
            yield from _script(entity, attributes, house, depth)
        else:
            yield from (Reach(member, action.service, within or entity) for member in attributes.get("entity_id", ()))


def _scene(scene: str, attributes: Mapping[str, object]) -> Iterator[Reach | Opaque]:
    wanted, touched = attributes.get("entities"), attributes.get("entity_id")
    if isinstance(wanted, Mapping):
        for entity, state in wanted.items():
            value = state.get("state") if isinstance(state, Mapping) else state
            if value not in SAFE and not str(value).startswith("armed"):
                yield Reach(str(entity), within=scene)
    elif isinstance(touched, list | tuple):
        yield from (Reach(str(entity), within=scene) for entity in touched)
    else:
        yield Opaque(scene)


def _script(script: str, attributes: Mapping[str, object], house: House, depth: int) -> Iterator[Reach | Opaque]:
    calls = attributes.get("sequence")
    if not isinstance(calls, list | tuple) or attributes.get("opaque") or depth == DEEPEST:
        yield Opaque(script)
    for call in calls if isinstance(calls, list | tuple) and depth < DEEPEST else ():
        yield from reached(Action(call["service"], tuple(call["entities"])), house, script, depth + 1)
