"""Does a plan: steps in the order that their groups ask for, independent ones at once, each within the turn's deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repartee.core.errors import ReparteeError, Unreachable
from repartee.core.home import State
from repartee.core.plan import Action, Effect, Plan, Step
from repartee.core.ports import HomeBackend

from .understand import batched

CONCURRENCY = 16
"""Service calls under way at once; each may be for many devices."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step."""

    step: Step
    effects: tuple[Effect, ...] = ()
    before: Mapping[str, State] | None = None
    """The states of its devices before, for "undo that" and for replies that compare."""

    @property
    def done(self) -> bool:
        return not self.step.doubt and all(effect.confirmed for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Backends:
    """Which back end takes which call: by the service's domain (`routes`), the main one otherwise."""

    main: HomeBackend
    routes: Mapping[str, HomeBackend] | None = None

    def of(self, service: str) -> HomeBackend:
        return (self.routes or {}).get(service.partition(".")[0], self.main)

    def state(self, entity: str) -> State:
        return self.of(entity).states[entity]


async def act(plan: Plan, backends: Backends, deadline: float | None = None) -> tuple[Outcome, ...]:
    """Outcomes in the plan's order. Never raises for what a device or a back end did: that stands in the effects.

    `deadline` is a time of the running loop; what is not confirmed by then is given up and told so. Cancelling cancels
    every call under way. A step with a doubt, and one whose groups before it failed, is not done. Steps with a `delay`
    are not waited for here: a skill turns them into a call that the household keeps.
    """
    if plan.question is not None:
        return tuple(Outcome(step) for step in plan.steps)
    limit = asyncio.Semaphore(CONCURRENCY)
    steps: list[asyncio.Task[Outcome]] = []
    async with asyncio.TaskGroup() as group:
        for step in plan.steps:
            earlier = [task for task, known in zip(steps, plan.steps, strict=False) if known.group in step.after]
            steps.append(group.create_task(_step(step, earlier, backends, deadline, limit)))
    return tuple(task.result() for task in steps)


async def _step(
    step: Step,
    earlier: Sequence[asyncio.Task[Outcome]],
    backends: Backends,
    deadline: float | None,
    limit: asyncio.Semaphore,
) -> Outcome:
    for task in earlier:
        await task
    if any(not task.result().done for task in earlier):
        return Outcome(step, tuple(e for a in step.actions for e in failed(a, "what had to come first did not work")))
    if step.doubt or not step.actions:
        return Outcome(step)
    before = {entity: backends.state(entity) for action in step.actions for entity in action.entities}
    calls = [_call(action, backends.of(action.service), deadline, limit) for action in batched(step.actions)]
    results = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
    return Outcome(step, tuple(effect for effects in results for effect in effects), before)


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
