"""How the parts of a connection send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wyoming.event import Eventable

Send = Callable[[Eventable], Awaitable[None]]
"""One event to the other side, whole, whoever else is sending."""
