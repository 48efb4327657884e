"""Whether a loudspeaker is held, since when, and a place to wait for the end of that."""

from __future__ import annotations

import asyncio


class Held:
    """True while held."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._free = asyncio.Event()
        self._free.set()

    def __bool__(self) -> bool:
        return self._since is not None

    def begin(self, now: float) -> None:
        """`now`: seconds. Held already: as it was."""
        self._since = now if self._since is None else self._since
        self._free.clear()

    def end(self, now: float = 0.0) -> float:
        """Seconds for which it was held; 0 where it was not, or that is not measured."""
        seconds = max(0.0, now - self._since) if self._since is not None else 0.0
        self._since = None
        self._free.set()
        return seconds

    async def over(self) -> None:
        """Waits until it is not held; at once where it is not."""
        await self._free.wait()
