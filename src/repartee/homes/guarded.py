"""A home behind its breaker and a limiter: what may be done twice is tried again, what is away gets a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType

from repartee.core.backoff import retried
from repartee.core.breaker import Breaker, BreakerHealth, CircuitOpen
from repartee.core.channel import Channel
from repartee.core.duty import Duty, duties_of
from repartee.core.errors import Unreachable
from repartee.core.home import Home, States
from repartee.core.limiter import PriorityLimiter
from repartee.core.plan import Action, Effect
from repartee.core.ports import HomeBackend

from .expectations import idempotent
from .remote import RemoteHome

REST, LONGEST_REST = 1.0, 5.0
"""Seconds: short, because a home connects again by itself and is then to be used at once."""
TRIES, PAUSE = 2, 0.6
"""Times what may be done twice is tried, and the most seconds between: longer than a broken connection takes to be back
(`link.FIRST_PAUSE`), short enough to wait for."""


class GuardedHome:
    """Satisfies `HomeBackend`, as the home inside it does."""

    def __init__(self, home: HomeBackend, name: str) -> None:
        self.inside = home
        self.limiter = home.limiter if isinstance(home, RemoteHome) else PriorityLimiter(name)
        self.breaker = Breaker(name, rest=REST, longest=LONGEST_REST, time=_loop_time)

    @property
    def home(self) -> Home:
        return self.inside.home

    @property
    def states(self) -> States:
        return self.inside.states

    @property
    def duties(self) -> Sequence[Duty]:
        return duties_of(self.inside)

    @property
    def health(self) -> BreakerHealth:
        return self.breaker.health

    def changes(self) -> Channel[str]:
        return self.inside.changes()

    async def __aenter__(self) -> GuardedHome:
        await self.inside.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.inside.__aexit__(kind, error, trace)

    async def perform(self, action: Action) -> Sequence[Effect]:
        async def once() -> Sequence[Effect]:
            with self.breaker:
                return await self.inside.perform(action)

        try:
            async with self.limiter:
                return await retried(once, Unreachable, tries=TRIES if idempotent(action.service) else 1, first=PAUSE)
        except CircuitOpen as error:
            raise Unreachable("it did not answer again and again, so I leave it alone for a moment") from error


def _loop_time() -> float:
    """The clock of everything around: virtual where the loop's is."""
    return asyncio.get_running_loop().time()
