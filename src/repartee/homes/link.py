"""A connection that is kept: opened once, then again after every interruption, for as long as it is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from repartee.core.backoff import pauses
from repartee.core.errors import Refused, ReparteeError, Unreachable

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds between tries to connect again: at first, at most."""
REFUSED_PAUSE = 60.0
"""Seconds after a refused key: each try is a failed login in somebody's log."""

CLOSES_WITHIN = 1.5
"""Seconds in which a connection that is told to end says good-bye; told again sooner, it would leave without."""

Once = Callable[[], Awaitable[None]]
"""One connection from beginning to end; calls `Link.ready` in between. Whatever it raises, the next one is tried."""


class Link:
    """Give `open` what one connection does; it returns at the first `ready`, and goes on until `close`."""

    def __init__(self, name: str, called: str, changed: Callable[[], None]) -> None:
        """`called`: by a person. `changed` is called whenever `trouble` is another."""
        self.name, self.called = name, called
        self.trouble: str | None = "not connected yet"
        """Why it can't be used now, None while it can: for logs and health pages, not for ears."""
        self.connections = 0
        """How often it has connected."""
        self._refused = False
        self._changed = changed
        self._first: asyncio.Future[None] | None = None
        self._life: asyncio.Task[None] | None = None

    async def open(self, once: Once) -> None:
        """Raises what the first connection raised."""
        self._first = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._stay(once), name=f"home-{self.name}")
        self._life.add_done_callback(self._ended)
        try:
            await asyncio.wait({self._first, self._life}, return_when=asyncio.FIRST_COMPLETED)
            await (self._first if self._first.done() else self._life)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends it. Before Python 3.12 `asyncio.wait_for` can swallow a cancellation, so it is said until heard."""
        while self._life and not self._life.done():
            self._life.cancel()
            await asyncio.wait({self._life}, timeout=CLOSES_WITHIN)
        self.trouble = "not connected any more"

    def ready(self) -> None:
        """From now on it can be used."""
        self.trouble, self._refused = None, False
        self.connections += 1
        if self._first and not self._first.done():
            self._first.set_result(None)

    def check(self) -> None:
        """Raises `Unreachable` or `Refused`, in words for a person, while it can't be used."""
        if self._refused and self.trouble is not None:
            raise Refused(f"{self.called} does not let me in any more: I need a new token")
        if self.trouble is not None:
            raise Unreachable(f"{self.called} can't be reached")

    def _ended(self, life: asyncio.Task[None]) -> None:
        """Only a mistake of ours ends it unasked: that must not pass in silence."""
        if not life.cancelled() and (error := life.exception()):
            self.trouble = f"stopped by a mistake: {error!r}"
            log.error("%s: %s", self.name, self.trouble, exc_info=error)
            self._changed()

    async def _stay(self, once: Once) -> None:
        waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            connections = self.connections
            try:
                await once()
                self.trouble = "the connection was lost"
            except ReparteeError as error:
                if self._first and not self._first.done():
                    return self._first.set_exception(error)
                self._refused = isinstance(error, Refused)
                self.trouble = str(error)
            except Exception as error:  # a link's edge: a mistake of ours must not keep a home away for ever
                log.error("%s: broken off by a mistake", self.name, exc_info=error)
                if self._first and not self._first.done():
                    broken = Unreachable(f"{self.called} says something that can't be read: {error!r}")
                    broken.__cause__ = error
                    return self._first.set_exception(broken)
                self._refused, self.trouble = False, f"broken off by a mistake: {error!r}"
            self._changed()
            if self.connections > connections:
                waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
            wait = REFUSED_PAUSE if self._refused else next(waits)
            log.warning("%s: %s; trying again in %.1f s", self.name, self.trouble, wait)
            await asyncio.sleep(wait)
