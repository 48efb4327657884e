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

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._executor.submit(call, *args, **kwargs))

    def close(self) -> None:
        """Returns at once; a call that has begun ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)
