"""What the household says by itself, to whoever is there: a timer is over, a reminder is due, dinner is ready."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from repartee.core.channel import Channel
from repartee.core.intent import Context
from repartee.core.plan import Alert
from repartee.stages.reply import Replies

WAITING = 50
"""Alerts that are kept while nobody is there to hear them; the oldest go first."""


class Audible(Protocol):
    """A session that a person can hear."""

    @property
    def context(self) -> Context: ...

    async def say(self, text: str) -> None: ...


class Announcer:
    """Sessions that can be heard join; each alert is said in each of them that it concerns."""

    def __init__(self, replies: Replies, do: Callable[[Alert], Awaitable[None]]) -> None:
        """`do` carries out a command whose time has come; once, however many are listening."""
        self._replies, self._do = replies, do
        self._present: list[Audible] = []
        self._waiting: deque[Alert] = deque(maxlen=WAITING)
        self._saying: set[asyncio.Task[None]] = set()

    @contextmanager
    def present(self, session: Audible) -> Iterator[None]:
        """While a person can hear this session. The first to come hears what was missed."""
        self._present.append(session)
        while self._waiting:
            self._say(self._waiting.popleft(), [session])
        try:
            yield
        finally:
            self._present.remove(session)

    async def run(self, alerts: Channel[Alert]) -> None:
        """Until the household closes its alerts."""
        async for alert in alerts:
            if alert.kind == "command":
                await self._do(alert)
            elif self._present:
                self._say(alert, [s for s in self._present if _concerns(alert, s)])
            else:
                self._waiting.append(alert)

    def _say(self, alert: Alert, sessions: list[Audible]) -> None:
        for session in sessions:
            text = self._replies.alert(alert, session.context.language)
            task = asyncio.create_task(session.say(text))
            self._saying.add(task)
            task.add_done_callback(self._saying.discard)


def _concerns(alert: Alert, session: Audible) -> bool:
    """An announcement is for all rooms but the one it was made in; everything else is for everybody."""
    return alert.kind != "announcement" or alert.area is None or alert.area != session.context.area
