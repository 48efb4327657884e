"""From what was done of a sentence to what the whole one says: what to take back, what to keep, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .home import State
from .intent import Intent
from .plan import Action, Effect, Outcome, Plan, Step
from .restoring import taking_back

TAKING_BACK = Intent("RepUndo")


@dataclass(frozen=True, slots=True)
class Amendment:
    """Two plans, one after the other, and what stays as it is."""

    back: Plan
    """Takes back what the whole sentence does not ask for."""
    more: Plan
    """What is still to be done."""
    whole: Plan
    kept: tuple[tuple[Effect, ...], ...]
    """For each of its steps: what is done already."""
    before: Mapping[str, State]
    """The states before any of it."""

    def outcomes(self, added: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """Of the whole plan, once the rest is done, too."""
        return tuple(
            Outcome(step, (*kept, *more.effects), {**(more.before or {}), **self.before})
            for step, kept, more in zip(self.whole.steps, self.kept, added, strict=True)
        )


def amendment(done: Sequence[Outcome], whole: Plan) -> Amendment:
    """`whole` is planned as if nothing had been done yet. What has a question is not done, and nothing stays done."""
    wanted = () if whole.question else whole.steps
    confirmed = [effect for outcome in done for effect in outcome.effects if effect.confirmed]
    kept = tuple(tuple(e for e in confirmed if any(_asks(action, e) for action in step.actions)) for step in wanted)
    stays = [effect for effects in kept for effect in effects]
    gone = [replace(o, effects=tuple(e for e in o.effects if e not in stays)) for o in done]
    calls = taking_back(gone)
    back = Plan((Step(TAKING_BACK, calls),)) if calls else Plan()
    more = Plan(tuple(replace(step, actions=_rest(step, effects)) for step, effects in zip(wanted, kept, strict=True)))
    if whole.question:
        more, kept = whole, tuple(() for _ in whole.steps)
    return Amendment(back, more, whole, kept, states_before(done))


def _asks(action: Action, effect: Effect) -> bool:
    """Whether this effect is what the call would come to."""
    same = action.service == effect.service and dict(action.data) == dict(effect.data)
    return same and (not action.entities or effect.entity in action.entities)


def _rest(step: Step, kept: Sequence[Effect]) -> tuple[Action, ...]:
    """The calls of the step without what is done already."""
    rest = []
    for action in step.actions:
        done = {effect.entity for effect in kept if _asks(action, effect)}
        left = tuple(entity for entity in action.entities if entity not in done)
        if left or (not action.entities and not done):
            rest.append(replace(action, entities=left))
    return tuple(rest)


def states_before(done: Sequence[Outcome]) -> dict[str, State]:
    """Of what the deeds have changed: the oldest, where it was changed twice."""
    states: dict[str, State] = {}
    for outcome in done:
        for entity, state in (outcome.before or {}).items():
            states.setdefault(entity, state)
    return states


def same_deeds(some: Sequence[Effect], others: Sequence[Effect]) -> bool:
    """Whether the same was done to the same things."""
    return {_deed(effect) for effect in some} == {_deed(effect) for effect in others}


def _deed(effect: Effect) -> tuple[str, str, str]:
    return effect.entity, effect.service, repr(sorted(effect.data.items()))
