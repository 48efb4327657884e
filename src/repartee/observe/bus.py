"""What was measured, told to whoever listens, with the correlation id of the turn it belongs to.

Without listeners it costs one look at an empty tuple. Listeners are bounded channels: a slow one loses and counts.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..core.channel import Channel

correlation: ContextVar[str] = ContextVar("repartee_correlation", default="")
"""Id of the turn that is under way; empty outside of one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement, as listeners get it."""

    name: str
    milliseconds: float
    turn: str
    """Correlation id; empty where none was set."""


@contextmanager
def correlated(turn: str = "") -> Iterator[str]:
    """Whatever is measured inside carries this id (or a new one), in tasks started inside as well."""
    turn = turn or secrets.token_hex(6)
    token = correlation.set(turn)
    try:
        yield turn
    finally:
        correlation.reset(token)


class Bus:
    """Fans out from any thread to channels of any event loop."""

    def __init__(self) -> None:
        self.listeners: tuple[tuple[asyncio.AbstractEventLoop, Channel[Measured]], ...] = ()
        """Look at it before making an event; empty means that there is no listener."""

    def listen(self, capacity: int = 1024) -> Channel[Measured]:
        """Must be called where a loop runs; close the channel to leave."""
        channel = Channel[Measured](capacity)
        self.listeners = (*self.listeners, (asyncio.get_running_loop(), channel))
        return channel

    def tell(self, event: Measured) -> None:
        gone = False
        for loop, channel in self.listeners:
            if channel.closed or loop.is_closed():
                gone = True
            elif _here(loop):
                channel.push(event)
            else:
                loop.call_soon_threadsafe(channel.push, event)
        if gone:
            self.listeners = tuple((o, c) for o, c in self.listeners if not (c.closed or o.is_closed()))


def _here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
