"""Trying again: how long to wait, and for what it is allowed. Jitter keeps a thousand boxes from knocking at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

T = TypeVar("T")
Random = Callable[[], float]
"""Uniform in [0, 1)."""


def pauses(first: float, longest: float, random: Random = random.random) -> Iterator[float]:
    """Seconds to wait before each further try: doubling from `first` to `longest`, each cut by up to a half."""
    pause = first
    while True:
        yield pause * (0.5 + random() / 2)
        pause = min(longest, pause * 2)


async def retried(
    call: Callable[[], Awaitable[T]],
    on: type[Exception],
    *,
    tries: int = 3,
    first: float = 0.05,
    longest: float = 1.0,
) -> T:
    """The result of `call`, made again after an error of the kind `on`; the last error is raised.

    Only for what may happen twice without harm. The deadline is the caller's: cancelled, it stops at once.
    """
    waits = pauses(first, longest)
    for _ in range(tries - 1):
        try:
            return await call()
        except on:
            await asyncio.sleep(next(waits))
    return await call()
