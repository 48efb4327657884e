"""An event loop whose clock jumps instead of waiting: ten minutes of silence take no time, every run is the same."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    """Where a loop would wait, time passes at once; only what is ready now is reported."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(5)  # only a thread can wake us: real time, and not for ever
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(main: Coroutine[Any, Any, T], *, real: bool = False) -> T:
    """Runs `main` on virtual time, or on the wall clock where threads and sockets are at work."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop if real else VirtualLoop) as runner:
        return runner.run(main)
