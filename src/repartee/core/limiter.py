"""A bounded queue before something that can do only so much at once; people before the background.

What a person waits for goes first; background work (reading anew, warming, announcements) begins only while nobody
waits, but is let in after a while all the same. One that is full refuses at once and says so: better a quick no than
an answer nobody waits for any more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType

from .errors import ReparteeError

PATIENCE = 5.0
"""Seconds after which background work is let in where there is room, whoever is being served."""

_BACKGROUND: ContextVar[bool] = ContextVar("background", default=False)


class Overloaded(ReparteeError):
    """Too many wait already."""

    key = "overloaded"

    def __init__(self, name: str, waiting: int) -> None:
        super().__init__(f"too much is going on at once: {waiting} calls wait for {name} already")


@contextmanager
def background() -> Iterator[None]:
    """What is done inside (and by tasks that begin inside) nobody waits for."""
    token = _BACKGROUND.set(True)
    try:
        yield
    finally:
        _BACKGROUND.reset(token)


@dataclass(frozen=True, slots=True)
class LimiterHealth:
    """For metrics."""

    name: str
    under_way: int
    waiting: int
    refused: int
    """Since the start."""
    overtaken: int
    """Background work that had to wait for people, since the start."""


class PriorityLimiter:
    """`async with limiter:` around each call. One event loop. A call that need not wait costs a microsecond or two."""

    def __init__(self, name: str, at_once: int = 16, waiting: int = 64) -> None:
        """`at_once` calls under way; `waiting` people, and as much background work, in the queue."""
        if at_once < 1 or waiting < 0:
            raise ValueError(f"a limiter lets at least one through: {at_once=}, {waiting=}")
        self.name, self.at_once, self.waiting = name, at_once, waiting
        self._under_way = {False: 0, True: 0}
        """By whether it is background."""
        self._queues: dict[bool, deque[asyncio.Future[None]]] = {False: deque(), True: deque()}
        self._overdue: set[asyncio.Future[None]] = set()
        self._refused = self._overtaken = 0

    @property
    def health(self) -> LimiterHealth:
        waiting = sum(map(len, self._queues.values()))
        return LimiterHealth(self.name, sum(self._under_way.values()), waiting, self._refused, self._overtaken)

    async def __aenter__(self) -> PriorityLimiter:
        """Raises `Overloaded`."""
        late = _BACKGROUND.get()
        if self._may(late) and not self._queues[late]:
            self._under_way[late] += 1
        else:
            await self._wait(late)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._under_way[_BACKGROUND.get()] -= 1
        self._next()

    def _may(self, late: bool, patient: bool = True) -> bool:
        if self._under_way[False] + self._under_way[True] >= self.at_once:
            return False
        return not late or not patient or not (self._under_way[False] or self._queues[False])

    async def _wait(self, late: bool) -> None:
        queue = self._queues[late]
        if len(queue) >= self.waiting:
            self._refused += 1
            raise Overloaded(self.name, len(queue))
        self._overtaken += late
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        hurry = asyncio.get_running_loop().call_later(PATIENCE, self._hurry, turn) if late else None
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            elif turn.done() and not turn.cancelled():  # its turn came just when nobody wanted it any more
                self._under_way[late] -= 1
            self._next()
            raise
        finally:
            self._overdue.discard(turn)
            if hurry:
                hurry.cancel()

    def _hurry(self, turn: asyncio.Future[None]) -> None:
        """It has waited long enough."""
        self._overdue.add(turn)
        self._next()

    def _next(self) -> None:
        """Lets in all for whom there is room."""
        for late in (False, True):
            queue = self._queues[late]
            while queue and self._may(late, patient=queue[0] not in self._overdue):
                self._under_way[late] += 1
                turn = queue.popleft()
                if turn.cancelled():
                    self._under_way[late] -= 1
                else:
                    turn.set_result(None)
