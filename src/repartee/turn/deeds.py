"""What a turn does to the home: whatever ends the turn meanwhile, it is awaited and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from ..core.amendment import Amendment, amendment, same_deeds
from ..core.plan import Effect, Outcome, Plan
from ..core.spans import Trace
from ..stages.act import act, effects_of
from .services import TurnServices


class Deeds:
    """Of one turn; of a sentence that went on after a pause, on top of those of its beginning (`first`)."""

    def __init__(
        self, services: TurnServices, tell: Callable[[tuple[Effect, ...]], None], first: Deeds | None = None
    ) -> None:
        self._services, self._tell, self._first = services, tell, first
        self._halted = False
        self.outcomes: tuple[Outcome, ...] = ()
        """As far as it has got; added to as things happen."""
        self.taken_back: tuple[Outcome, ...] = ()
        """What came of undoing what the beginning of the sentence had set off."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        return effects_of(self.outcomes)

    @property
    def amended(self) -> bool:
        """Whether the whole sentence came to something else than its beginning."""
        first = self._first
        return first is not None and (first.amended or not same_deeds(self.effects, first.effects))

    @property
    def failed_to_take_back(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.taken_back if not outcome.done)

    def halt(self) -> None:
        """What has not begun is not done any more."""
        self._halted = True

    async def do(self, plan: Plan, until: float, trace: Trace) -> None:
        """`until`: a time of the running loop, from which on what is not confirmed is given up."""
        change = amendment(self._first.outcomes if self._first else (), plan)
        if not (change.back.steps or plan.steps):
            return
        with trace.span("act"):
            task = asyncio.create_task(self._amend(change, until))
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                await asyncio.wait({task})
                raise

    async def _amend(self, change: Amendment, until: float) -> None:
        """Takes back what the whole sentence does not ask for, then does what is missing."""
        services = self._services
        do = partial(act, backends=services.backends, deadline=until, concurrency=services.concurrency)
        self.taken_back = await do(change.back, done=self._told, halted=lambda: self._halted)
        added = await do(change.more, done=self._done, halted=lambda: self._halted)
        self.outcomes = change.outcomes(added)

    def _done(self, outcomes: Sequence[Outcome]) -> None:
        """Some of it has happened."""
        self.outcomes = (*self.outcomes, *outcomes)
        self._told(outcomes)

    def _told(self, outcomes: Sequence[Outcome]) -> None:
        if effects := effects_of(outcomes):
            self._tell(effects)
