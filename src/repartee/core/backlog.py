"""How far behind the hearing is, and whether somebody more can be heard.

A quick no is better than an answer that nobody waits for any more. How many can be heard at once is learnt from how
long words are waited for, and from how late the event loop is: additive increase, multiplicative decrease (Chiu and
Jain, Analysis of the Increase and Decrease Algorithms for Congestion Avoidance, 1989).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .limiter import LimiterHealth, Overloaded

LIMIT = 1.0
"""Seconds."""
FEWEST, MOST = 2.0, 64.0
"""People at once: as many are always heard; more never are."""
FEWER = 0.9
"""Of them, each time that somebody had to wait too long."""
BEAT = 0.1
"""Seconds between looks at how late the event loop is."""
LATE = 0.2
"""Of the limit: an event loop as late as that has more to do than it can."""


class Backlog:
    """Shared by all who are heard."""

    def __init__(self, limit: float = LIMIT, now: Callable[[], float] = time.monotonic) -> None:
        """`limit`: seconds behind from which on nobody more is heard; half of it is too long to wait for words.
        0: everybody always is heard."""
        self._limit, self._now = limit, now
        self._waiting: dict[object, float] = {}
        self._hearing = self._refused = 0
        self._loaded = False
        """Something was heard already: until then it is the model that is waited for."""
        self.late = 0.0
        """Seconds that the event loop was late at the last beat."""
        self._lessened = float("-inf")
        self.room = MOST
        """How many can be heard at once, as learnt so far."""

    @property
    def behind(self) -> float:
        """Seconds: the age of the oldest sound that waits for its words."""
        return self._now() - min(self._waiting.values()) if self._waiting else 0.0

    @property
    def health(self) -> LimiterHealth:
        """For metrics."""
        return LimiterHealth("hearing", self._hearing, len(self._waiting), self._refused, 0)

    @contextmanager
    def admitted(self, key: object) -> Iterator[None]:
        """While somebody is heard. Raises `Overloaded` where there is no room."""
        if self._limit and self._loaded and (self._hearing >= self.room or self.behind > self._limit or self._lags):
            self._refused += 1
            raise Overloaded("hearing", max(len(self._waiting), self._hearing))
        self._hearing += 1
        try:
            yield
        finally:
            self._learn(key)
            self._hearing -= 1
            self.back(key)

    def given(self, key: object) -> None:
        """The engine has the sound; from now on words are waited for."""
        self._waiting.setdefault(key, self._now())

    def back(self, key: object) -> None:
        """It has come back for more, or with the words."""
        self._loaded |= self._waiting.pop(key, None) is not None

    async def watch(self) -> None:
        """How late the event loop is; until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT
            await asyncio.sleep(BEAT)
            self.late = loop.time() - due
            if self._lags:
                self._lessen()

    @property
    def _lags(self) -> bool:
        return bool(self._limit) and self.late > LATE * self._limit

    def _learn(self, key: object) -> None:
        """From the wait for the last words."""
        since = self._waiting.get(key)
        if since is None or not self._loaded:
            return
        if self._now() - since > self._limit / 2:
            self._lessen()
        else:
            self.room = min(MOST, self.room + 1 / self.room)

    def _lessen(self) -> None:
        """Once in a while: what is late now was let in before the last time."""
        if self._hearing and self._now() - self._lessened >= self._limit:
            self._lessened = self._now()
            self.room = max(FEWEST, min(self.room, self._hearing) * FEWER)
