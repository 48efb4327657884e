"""Opens what an assistant keeps things in: the store, the household, recorded turns, and its understandings."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from repartee.engines.home.household import Household
from repartee.engines.home.taught import Taught
from repartee.engines.store.memory import MemoryStore
from repartee.engines.store.sqlite import SqliteStore, Timeouts

from .assistant import sun_of
from .homes import OpenHome
from .recording import FOLDER, Recorder
from .settings import Settings
from .understandings import Understandings, cache_limits
from .zone import zone_of


def open_understandings(settings: Settings, taught: Taught) -> Understandings:
    """With the caches and the steering of the settings."""
    limits = cache_limits(settings.system)
    return Understandings(settings.brain, taught=taught, limits=limits, steers=settings.speed.steer)


def open_household(settings: Settings, home: OpenHome, notebook: SqliteStore | None) -> Household:
    zone, sun = zone_of(settings.home.time_zone), sun_of(settings, home.backend)
    return Household(notebook, home.timers, zone=zone, sun=sun)


def open_recorder(settings: Settings, data: Path | None, stack: AsyncExitStack) -> Recorder | None:
    """Only where a person wants it, and something is kept at all."""
    if not settings.system.record or data is None:
        return None
    recorder = Recorder(data / FOLDER, settings)
    stack.push_async_callback(asyncio.to_thread, recorder.close)
    return recorder


def open_store(settings: Settings, data: Path | None) -> SqliteStore | MemoryStore:
    """Where turns are kept: in a file, or nowhere."""
    system = settings.system
    timeouts = Timeouts(system.store_timeout, system.store_busy)
    file = data / "repartee.sqlite" if data else None
    return SqliteStore(file, system.retention_days, timeouts=timeouts) if file else MemoryStore()
