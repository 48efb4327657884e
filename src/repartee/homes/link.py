"""A connection that is kept: opened once, then again after every interruption, for as long as it is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from repartee.core.backoff import pauses
from repartee.core.duty import Duty
from repartee.core.errors import Refused, ReparteeError, Unreachable

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds between tries to connect again: at first, at most."""
REFUSED_PAUSE = 60.0
"""Seconds after a refused key: each try is a failed login in somebody's log."""

Once = Callable[[], Awaitable[None]]
"""One connection from beginning to end; calls `Link.ready` in between; raises `ReparteeError` where it fails,
and whatever else it raises is a mistake of ours that ends no more than this connection."""


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
        self.duty = Duty(f"home {name}")

    async def open(self, once: Once) -> None:
        """Raises what the first connection raised."""
        self._first = asyncio.get_running_loop().create_future()
        self.duty.start(partial(self._stay, once))
        try:
            await self._first
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Ends it."""
        await self.duty.stop()
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

    async def _stay(self, once: Once) -> None:
        waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            connections = self.connections
            error = await self._one(once)
            if error and self._first and not self._first.done():
                self._first.set_exception(error)
                await asyncio.Event().wait()  # whoever opens it closes it
            self._refused = isinstance(error, Refused)
            self.trouble = str(error) if error else "the connection was lost"
            self._changed()
            if self.connections > connections:
                waits = pauses(FIRST_PAUSE, LONGEST_PAUSE)
            wait = REFUSED_PAUSE if self._refused else next(waits)
            log.warning("%s: %s; trying again in %.1f s", self.name, self.trouble, wait)
            await asyncio.sleep(wait)

    async def _one(self, once: Once) -> ReparteeError | None:
        """One connection; why it ended, where it was more than lost."""
        with self.duty.item():
            try:
                await once()
            except ReparteeError as error:
                return error
            return None
        return Unreachable(f"{self.called} sends something that we make a mistake on")
