"""Garbage is collected while no turn is answered. A full collection looks at everything that lives: after dozens of
sentences that is 90 ms, and by itself it comes in the middle of a turn, for that is when things are made."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress

EVERY = 300.0
"""Seconds."""
QUIET = 1.0
"""Seconds between looks whether somebody is still being answered."""
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


async def collect_when_idle(answering: Callable[[], int]) -> None:
    """From time to time, while no turn is answered; until cancelled."""
    wait = EVERY
    while True:
        await asyncio.sleep(wait)
        wait = QUIET if answering() else EVERY
        if wait == EVERY:
            settle()
