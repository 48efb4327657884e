"""Plans remembered: what a sentence came down to, for as long as all that its skills looked at is the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from repartee.core.home import State
from repartee.core.intent import Part, Reading
from repartee.core.plan import Plan
from repartee.core.skill import Situation
from repartee.grammar.cache import Cache, identity

PUBLIC = "Hass"
"""How the public sentences' intents begin. Other skills may read the clock, or what was said and done before."""


@dataclass(frozen=True, slots=True)
class CachedPlan:
    """A plan, and all that it depends on."""

    plan: Plan
    key: Hashable
    """Reading, place and versions."""
    seen: Mapping[str, State] | None
    """What skills looked at while planning, as it was; None: they looked at everything."""
    cost_s: float = 0.0

    def holds(self, states: Mapping[str, State]) -> bool:
        """Whether all that was looked at is as it was."""
        return self.seen is not None and all(states[entity] == state for entity, state in self.seen.items())


class PlanCache:
    """Makes plans, and remembers those that were kept."""

    def __init__(self, cache: Cache[CachedPlan] | None = None) -> None:
        self.cache: Cache[CachedPlan] = Cache() if cache is None else cache

    def plan(self, reading: Reading, situation: Situation, make: Callable[[Situation], Plan]) -> CachedPlan:
        """`make` plans anew; what it looks at is noted."""
        key = _key(reading, situation)
        if found := self.cache.get(key, lambda made: made.holds(situation.states)):
            return found
        noted = _Noted(situation.states)
        start = time.perf_counter()
        plan = make(replace(situation, states=noted))
        return CachedPlan(plan, key, None if noted.everything else noted.seen, time.perf_counter() - start)

    def keep(self, made: CachedPlan, routes: Mapping[str, object]) -> None:
        """Call it once every effect is confirmed. `routes`: domains that are ours and not the home's.

        What was done there (a timer was set), leaves a doubt, does nothing, or is not `PUBLIC` is not kept.
        """
        if made.seen is not None and _is_lasting(made.plan, routes):
            self.cache.put(made.key, made, _size(made), made.cost_s)

    def forget(self, made: CachedPlan) -> None:
        """It was not what was meant."""
        self.cache.remove(made.key)


class _Noted(Mapping[str, State]):
    """States that note which of them are looked at."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self._states = states
        self.seen: dict[str, State] = {}
        self.everything = False

    def __getitem__(self, entity: str) -> State:
        state = self.seen[entity] = self._states[entity]
        return state

    def get(self, entity: str, default: object = None) -> State:
        return self[entity]

    def __iter__(self) -> Iterator[str]:
        self.everything = True
        return iter(self._states)

    def __len__(self) -> int:
        self.everything = True
        return len(self._states)


def _key(reading: Reading, situation: Situation) -> Hashable:
    """ "It" stands here as the device that was meant; the text is no part of it."""
    context, versions = situation.context, (situation.home.version, situation.household.version)
    return tuple(map(_part, reading.parts)), context.area, context.language, versions


def _part(part: Part) -> Hashable:
    return identity(part.intent), part.group, part.after, part.when, part.confirmed


def _is_lasting(plan: Plan, routes: Mapping[str, object]) -> bool:
    if any(step.doubt or not step.actions or not step.intent.name.startswith(PUBLIC) for step in plan.steps):
        return False
    return bool(plan.steps) and all(action.service.partition(".")[0] not in routes for action in plan.actions)


def _size(made: CachedPlan) -> int:
    """Bytes, roughly: objects count for more than their text."""
    actions = sum(500 + 60 * len(action.entities) + 100 * len(action.data) for action in made.plan.actions)
    return 800 + 800 * len(made.plan.steps) + actions + 100 * len(made.seen or ())
