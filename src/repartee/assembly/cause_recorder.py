"""Who and what changed the home, noted as it happens: turns, orders, and what the home reports by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, runtime_checkable

from repartee.core.causes import Cause, CauseLog, Origin
from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.home import State
from repartee.core.intent import Context
from repartee.core.plan import Alert, Effect, Order, Outcome
from repartee.core.ports import HomeBackend
from repartee.core.turn import Decision, TurnRecord


@runtime_checkable
class TellsOrigins(Protocol):
    """A home that knows who changed a thing last."""

    def origin(self, entity: str) -> str:
        """`person`, `automation`, or nothing."""
        ...


class CauseRecorder:
    """Feeds the log."""

    def __init__(self, backend: HomeBackend, log: CauseLog, wall: Callable[[], float] = time.time) -> None:
        self._backend, self.log, self._wall = backend, log, wall
        self._known: dict[str, str | None] = {}
        self._changes: Channel[str] = Channel(1)
        self.duty = Duty("causes")

    async def __aenter__(self) -> CauseRecorder:
        """With a home that is in sync: nothing that it reports from now on is overlooked."""
        self._subscribe()
        self.duty.start(self._run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.duty.stop()
        self._changes.close()

    def _subscribe(self) -> None:
        self._changes = self._backend.changes()
        self._known = {entity: state.value for entity, state in self._backend.states.items()}

    async def _run(self) -> None:
        if self._changes.closed:  # begun again
            self._subscribe()
        async for entity in self._changes:
            with self.duty.item():
                self._changed(entity)

    def of_session(self, context: Context, person: bool = True) -> Callable[[TurnRecord], None]:
        """To be told of each turn of one session. `person`: somebody speaks in it; else a sentence waited."""

        def finished(record: TurnRecord) -> None:
            if record.decision is not Decision.SILENCE:
                self.did(record.effects, Origin.SAID if person else Origin.DUE, record.transcript, context.area)
                if person:
                    self.log.heard(self._wall())

        return finished

    def told(self, alert: Alert) -> None:
        """It is due, and whoever is there is told."""
        self.log.told(alert, self._wall())

    def carried_out(self, order: Order, outcomes: Sequence[Outcome]) -> None:
        """An order has come due."""
        self.did(tuple(e for outcome in outcomes for e in outcome.effects), Origin.DUE, order.name, order.area)

    def did(self, effects: tuple[Effect, ...], origin: Origin, text: str, area: str | None = None) -> None:
        """What we did, and why."""
        entities = [effect.entity for effect in effects if effect.confirmed and effect.entity]
        self.log.did(entities, Cause(origin, self._wall(), text, area))

    def _changed(self, entity: str) -> None:
        if not entity:
            return
        value = self._backend.states.get(entity, State()).value
        before = self._known.get(entity, value)
        self._known[entity] = value
        if value != before and value is not None:
            told = self._backend.origin(entity) if isinstance(self._backend, TellsOrigins) else ""
            self.log.reported(entity, Origin(told) if told else Origin.OUTSIDE, self._wall())
