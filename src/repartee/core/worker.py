"""One thread for one blocking model, so that the event loop never waits for arithmetic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """Runs calls one after the other on a thread of its own, started with the first call.

    A call that has begun can't be stopped from outside: whoever awaited it may be cancelled, its result is then
    dropped, and the next call waits until it is through. Keep calls short (20-80 ms).
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._calls = 0

    @property
    def busy(self) -> bool:
        """Whether a call would have to wait for another one."""
        return self._calls > 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._calls += 1
        future = self._executor.submit(call, *args, **kwargs)
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def submit(self, call: Callable[[], object]) -> None:
        """The same where nobody waits for it."""
        self._calls += 1
        self._executor.submit(call).add_done_callback(self._done)

    def _done(self, _: object) -> None:
        self._calls -= 1

    def drain(self) -> None:
        """Returns when all that was handed over is through; nothing more may be."""
        self._executor.shutdown(wait=True)

    def close(self) -> None:
        """Returns at once; a call that has begun ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)
