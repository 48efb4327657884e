"""Garbage is collected while no turn is answered. A full collection looks at everything that lives: after dozens of
sentences that is 90 ms, and by itself it comes in the middle of a turn, for that is when things are made."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress

import psutil

EVERY = 300.0
"""Seconds after which it is done in any case."""
LOOKS = 5.0
"""Seconds between looks at how much memory is used."""
GROWN, TOO_MUCH = 32e6, 128e6
"""Bytes by which memory has grown since the last time: from the first on it is done as soon as nobody is answered, from
the second on at once."""
THRESHOLDS = (2_000, 20, 200)
"""Objects, and collections of the generation before, from which Python collects by itself: what died young as ever, all
only if there was no pause for eight million objects."""


def settle() -> None:
    """What lives now need not be looked at again soon: models, grammar, what was learnt of it. What loading them took
    beside them goes back."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    give_back()


def give_back() -> None:
    """What is free inside goes back to the system; glibc keeps it otherwise."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def resident() -> float:
    """Bytes of memory in use."""
    return float(psutil.Process().memory_info().rss)


async def collect_when_idle(answering: Callable[[], int], used: Callable[[], float] = resident) -> None:
    """From time to time, and when much was used up, while no turn is answered; until cancelled."""
    time = asyncio.get_running_loop().time
    last, before = time(), used()
    while True:
        await asyncio.sleep(LOOKS)
        grown = used() - before
        wanted = grown >= GROWN or time() - last >= EVERY
        if grown >= TOO_MUCH or (wanted and not answering()):
            settle()
            last, before = time(), used()
