"""Standing orders at their time: conditions are monitored, deeds are done, and what could not be done is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from repartee.core.conditions import holds
from repartee.core.conversation import Conversation
from repartee.core.duty import Duty
from repartee.core.home import Home
from repartee.core.intent import Context, Intent, Part, Reading
from repartee.core.plan import Alert, Order, Outcome, Plan, Step
from repartee.core.skill import Situation, Skills
from repartee.core.when import When
from repartee.engines.home.household import Household
from repartee.engines.home.orders import KIND, WAITING, order_of
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.confirmation import ConfirmationPolicy, confirm
from repartee.stages.understand.planning import plan

log = logging.getLogger(__name__)
LEAST_APART = 60.0
"""Seconds between two times that one condition sets off its order: what hovers about a limit is no new event."""
SETTLED = 2.0
"""Seconds after the start until the home's states are believed."""
BACK = Intent("RepForAWhile")
"""What takes a deed back."""


@dataclass(frozen=True)
class OrderRunner:
    """Does what an order says, by the plan and the confirmation policy of its moment."""

    skills: Skills
    policy: ConfirmationPolicy
    replies: Replies
    backends: Callable[[], Backends]
    done: Callable[[Order, Sequence[Outcome]], None] = lambda _order, _outcomes: None
    """Told what came of each."""

    async def carry_out(self, order: Order) -> str:
        """What is to be told; nothing where all went well."""
        now = self.backends().situation(Conversation(Context(order.area, language=order.language)))
        made = self._plan(order, now)
        outcomes = await act(made, self.backends())
        self.done(order, outcomes)
        if made.question:
            return self.replies.error(made.question, order.language)
        wrong = [
            outcome
            for outcome in outcomes
            if outcome.step.doubt or not all(effect.confirmed for effect in outcome.effects)
        ]
        return self.replies.render(wrong, now.home, now.states, order.language) if wrong else ""

    def _plan(self, order: Order, now: Situation) -> Plan:
        if order.part is None:
            reading = Reading((Part(BACK, confirmed=True),))
            made = Plan((Step(BACK, order.actions),))
        else:
            ends = When(lasting=order.when.lasting, until=order.when.until, deed=order.name)
            reading = Reading((replace(order.part, when=ends if ends.ends else None),))
            made = plan(reading, self.skills, now)
        return confirm(made, reading, self.policy, now)


class ConditionMonitor:
    """Sets an order off when its condition becomes true."""

    def __init__(self, household: Household, backends: Callable[[], Backends]) -> None:
        self._household, self._backends = household, backends
        self._fired: dict[str, float] = {}
        self.duty = Duty("conditions")

    async def __aenter__(self) -> ConditionMonitor:
        self.duty.start(self._run)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.duty.stop()

    async def _run(self) -> None:
        """Every change is looked at; what became true while we were away is found at the start."""
        main = self._backends().main
        changes = main.changes()
        await asyncio.sleep(SETTLED)
        self._look()
        async for entity in changes:
            with self.duty.item():
                self._look(entity)
        await asyncio.Event().wait()  # the home has closed

    def _look(self, entity: str = "") -> None:
        """At the orders whose condition is about this entity; about any, where none is named."""
        states = self._backends().situation().states
        for name in self._waiting(self._household.home):
            order = order_of(self._household.states[name])
            condition = order.when.condition
            if condition is None or (entity and entity not in condition.entities):
                continue
            held = holds(condition, states)
            if held is None or held == order.was:
                continue
            self._household.note(name, held)
            now = asyncio.get_running_loop().time()
            if held and now - self._fired.get(name, -LEAST_APART) >= LEAST_APART:
                self._fired[name] = now
                self._household.fire(name)

    def _waiting(self, home: Home) -> list[str]:
        orders = [entity.id for entity in home.entities if entity.domain == KIND]
        return [name for name in orders if self._household.states[name].value == WAITING]


def failed(alert: Alert, why: str) -> Alert:
    """What could not be done at its time, to be told."""
    return replace(alert, kind="order_failed", message=why)
