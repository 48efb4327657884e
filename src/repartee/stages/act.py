"""Does a plan: steps in the order of their groups, independent ones at once, each within the turn's deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType

from repartee.core.conversation import NEW, Conversation
from repartee.core.errors import ReparteeError, Unreachable
from repartee.core.home import NOTHING, State
from repartee.core.plan import Action, Effect, Outcome, Plan, Step
from repartee.core.ports import HomeBackend
from repartee.core.schedule import SunTime
from repartee.core.skill import Situation

CONCURRENCY = 16
"""Service calls under way at once; each may be for many devices."""


@dataclass(frozen=True)
class Backends:
    """Which back end takes which call: by the service's domain (`routes`), the main one otherwise."""

    main: HomeBackend
    routes: Mapping[str, HomeBackend] = field(default_factory=dict)
    """Domains that the home itself has not: timers, alarms, our own lists."""
    sun: SunTime | None = None
    """When the sun rises and sets here."""
    zone: tzinfo | None = None
    """Of the clocks here; None: the machine's."""
    wall: Callable[[], float] = time.time
    """Unix seconds, now."""

    def of(self, service: str) -> HomeBackend:
        """`service` may be an entity's id as well."""
        return self.routes.get(service.partition(".")[0], self.main)

    def situation(
        self,
        conversation: Conversation = NEW,
        now: datetime | None = None,
        turn: str = "",
        before: Mapping[str, State] = MappingProxyType({}),
    ) -> Situation:
        """What skills decide by, as it is at this moment. `before`: states as they were, of deeds taken for undone."""
        own = next(iter(self.routes.values()), None)
        household = own.home if own else NOTHING
        now = now or datetime.fromtimestamp(self.wall(), self.zone).astimezone(self.zone)
        return Situation(
            self.main.home,
            _Everywhere(self, before),
            conversation.context,
            now,
            household,
            conversation,
            self.sun,
            turn,
        )


@dataclass(frozen=True)
class _Everywhere(Mapping[str, State]):
    """The live states of all back ends."""

    backends: Backends
    before: Mapping[str, State]
    """Instead of the live ones."""

    def __getitem__(self, entity: str) -> State:
        return self.before.get(entity) or self.backends.of(entity).states[entity]

    def get(self, entity: str, default: object = None) -> State:
        return self[entity]

    def __iter__(self) -> Iterator[str]:
        for backend in {id(b): b for b in (self.backends.main, *self.backends.routes.values())}.values():
            yield from backend.states

    def __len__(self) -> int:
        return sum(1 for _ in self)


async def act(
    plan: Plan,
    backends: Backends,
    deadline: float | None = None,
    concurrency: int = CONCURRENCY,
    done: Callable[[Sequence[Outcome]], None] = lambda _: None,
    halted: Callable[[], bool] = lambda: False,
) -> tuple[Outcome, ...]:
    """Outcomes in the plan's order. Never raises for what a device or a back end did: that stands in the effects.

    `deadline` is a time of the running loop; what is not confirmed by then is given up and told so. Cancelling cancels
    every call under way; at most `concurrency` are at once. A step with a doubt is not done, and nothing at all while
    the plan has a question. What comes after a step that failed is done all the same: "and then" is an order, no
    condition. `done` is told of outcomes as they happen. Once `halted`, what has not begun is not done.
    """
    if plan.question is not None:
        return tuple(Outcome(step) for step in plan.steps)
    groups: dict[int, list[Step]] = {}
    for step in plan.steps:
        groups.setdefault(step.group, []).append(step)
    limit = asyncio.Semaphore(concurrency)

    async def call(action: Action) -> Sequence[Effect]:
        return (
            failed(action, "it was stopped")
            if halted()
            else await _call(action, backends.of(action.service), deadline, limit)
        )

    if len(groups) == 1:
        return tuple(await _group(plan.steps, (), backends, call, done))
    running: dict[int, asyncio.Task[list[Outcome]]] = {}
    async with asyncio.TaskGroup() as tasks:
        for number, steps in groups.items():
            earlier = [running[g] for step in steps for g in step.after if g in running]
            running[number] = tasks.create_task(_group(steps, earlier, backends, call, done))
    results = {number: iter(task.result()) for number, task in running.items()}
    return tuple(next(results[step.group]) for step in plan.steps)


Call = Callable[[Action], Awaitable[Sequence[Effect]]]


async def _group(
    steps: Sequence[Step],
    earlier: Sequence[asyncio.Task[list[Outcome]]],
    backends: Backends,
    call: Call,
    done: Callable[[Sequence[Outcome]], None],
) -> list[Outcome]:
    """Steps that run at once share their calls: twenty lamps of one sentence are one call."""
    for task in earlier:
        await task
    ready = [() if step.doubt else step.actions for step in steps]
    calls = _batched(action for actions in ready for action in actions)
    before = {entity: backends.of(entity).states[entity] for action in calls.values() for entity in action.entities}
    pending = [call(action) for action in calls.values()]
    results = [await pending[0]] if len(pending) == 1 else await asyncio.gather(*pending)
    effects = dict(zip(calls, results, strict=True))
    outcomes = [_outcome(step, actions, effects, before) for step, actions in zip(steps, ready, strict=True)]
    done(outcomes)
    return outcomes


def _outcome(
    step: Step, actions: Sequence[Action], effects: Mapping[Key, Sequence[Effect]], before: Mapping[str, State]
) -> Outcome:
    own = [
        effect
        for action in actions
        for effect in effects[_key(action)]
        if not action.entities or effect.entity in action.entities
    ]
    return Outcome(step, tuple(own), {entity: before[entity] for action in actions for entity in action.entities})


Key = tuple[str, str, int]


def _key(action: Action) -> Key:
    """Equal for what can be one call. What names no device (a new timer) is a call of its own."""
    return (action.service, repr(sorted(action.data.items())), 0 if action.entities else id(action))


def _batched(actions: Iterable[Action]) -> dict[Key, Action]:
    """One call for all devices that get the same; the order of first mention stays."""
    calls: dict[Key, Action] = {}
    for action in actions:
        known = calls.get(_key(action))
        entities = dict.fromkeys((*(known.entities if known else ()), *action.entities))
        calls[_key(action)] = Action(action.service, tuple(entities), action.data)
    return calls


async def _call(
    action: Action, backend: HomeBackend, deadline: float | None, limit: asyncio.Semaphore
) -> Sequence[Effect]:
    try:
        async with asyncio.timeout_at(deadline), limit:
            return await backend.perform(action)
    except TimeoutError:
        return failed(action, "it did not answer in time")
    except Unreachable as error:
        return failed(action, str(error) or "the home can't be reached")
    except ReparteeError as error:
        return failed(action, str(error))


def failed(action: Action, why: str) -> tuple[Effect, ...]:
    """The effects of a call that came to nothing."""
    return tuple(Effect(entity, action.service, action.data, error=why) for entity in action.entities or ("",))


def effects_of(outcomes: Sequence[Outcome]) -> tuple[Effect, ...]:
    return tuple(effect for outcome in outcomes for effect in outcome.effects)
