"""When something is due: who is told, and what is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from weakref import WeakSet

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.errors import ReparteeError
from repartee.core.intent import Intent
from repartee.core.limiter import PriorityLimiter, background
from repartee.core.plan import Alert, Plan, Step
from repartee.engines.home.household import Household
from repartee.session import Session
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies

from .orders import OrderRunner, failed

log = logging.getLogger(__name__)
TOO_LATE = 300.0
"""Seconds after which a command is no longer done, but reported: lights are not turned off an hour late."""
SPEAKING = 60.0
"""Seconds that telling one person may take."""


class AlertDispatcher:
    """Tells every session of this assistant what is due, and does the commands that were kept for later.

    What comes due while no session is open is told to the first one.
    """

    def __init__(
        self,
        household: Household,
        replies: Replies,
        backends: Callable[[], Backends],
        do: Callable[[Alert], Awaitable[object]],
        orders: OrderRunner,
        limiter: PriorityLimiter | None = None,
        told: Callable[[Alert], None] = lambda _: None,
    ) -> None:
        """`do` acts on a sentence that waited (`Alert.message`). `limiter`: where announcements wait for people."""
        self._limiter = limiter or PriorityLimiter("turns")
        self._household, self._replies, self._backends, self._do = household, replies, backends, do
        self._orders, self._told = orders, told
        self._sessions: WeakSet[Session] = WeakSet()
        self._somebody = asyncio.Event()
        self._alerts: Channel[Alert] | None = None
        self._attending: set[asyncio.Task[None]] = set()
        self.duty = Duty("alerts")

    def join(self, session: Session) -> None:
        self._sessions.add(session)
        self._somebody.set()

    async def __aenter__(self) -> AlertDispatcher:
        self._alerts = self._household.alerts()
        self.duty.start(self._run)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.duty.stop()
        for task in self._attending:
            task.cancel()

    async def _run(self) -> None:
        """Nothing that is due waits for another, or ends with it."""
        assert self._alerts is not None
        async for alert in self._alerts:
            with background():
                task = asyncio.create_task(self._attend_alone(alert))
            self._attending.add(task)
            task.add_done_callback(self._attending.discard)
        await asyncio.Event().wait()  # the household has closed

    async def _attend_alone(self, alert: Alert) -> None:
        with self.duty.item():
            await self._attend(alert)

    async def _attend(self, alert: Alert) -> None:
        try:
            if alert.kind == "announcement":
                async with self._limiter:
                    await self._tell_all(alert)
            elif alert.kind not in ("command", "order") or alert.late > TOO_LATE:
                await self._tell_all(alert)
            elif alert.order:
                if why := await self._orders.carry_out(alert.order):
                    await self._tell_all(failed(alert, why))
            elif alert.actions:
                await act(Plan((Step(Intent("HassStartTimer"), alert.actions),)), self._backends())
            else:
                await self._do(alert)
        except ReparteeError as error:
            log.warning("a %s was due, but: %s", alert.kind, error)

    async def _tell_all(self, alert: Alert) -> None:
        self._told(alert)
        while not self._sessions:
            self._somebody.clear()
            await self._somebody.wait()
        hearers = [s for s in self._sessions if alert.kind != "announcement" or s.context.area != alert.area]
        await asyncio.gather(*(self._tell(session, alert) for session in hearers))

    async def _tell(self, session: Session, alert: Alert) -> None:
        try:
            async with asyncio.timeout(SPEAKING):
                await session.announce(self._replies.alert(alert, session.context.language))
        except (TimeoutError, ReparteeError, OSError) as error:
            log.warning("a session could not be told of a %s: %s", alert.kind, error)
