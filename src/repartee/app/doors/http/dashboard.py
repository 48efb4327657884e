"""What the dashboard shows: every budget with its figure, the caches, and lines over hours and days."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from repartee.assembly.assistant import Assistant
from repartee.assembly.telemetry import Telemetry
from repartee.observe.monitor import Monitor
from repartee.observe.resources import Usage
from repartee.proof.history import Use
from repartee.proof.timeline import Window, read_timeline

PARTS: Final = 96
"""Points of a line."""
LONGEST_H: Final = 24 * 31
"""Hours that one may look back."""
SHORTEST_H: Final = 0.1
AGAIN_S: Final = 20.0
"""Seconds for which a line that was read from the log is good."""


class DashboardRoutes:
    """Of one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lines: dict[float, tuple[float, dict[str, Any]]] = {}
        self._reading = asyncio.Lock()

    def routes(self) -> APIRouter:
        router = APIRouter(prefix="/api")

        @router.get("/dashboard")
        async def dashboard() -> dict[str, Any]:
            """Every budget of the profile with its figure since the start, advice, caches, and who is there."""
            telemetry = self._assistant.telemetry
            return {**_judged(telemetry.monitor), **_now(self._assistant), "caches": list(_caches(telemetry))}

        @router.get("/timeline")
        async def timeline(hours: Annotated[float, Query(ge=SHORTEST_H, le=LONGEST_H)] = 24) -> dict[str, Any]:
            """Waits, failures and use over the last hours, in 96 parts; across restarts where a log is kept."""
            return await self._line(hours)

        return router

    async def _line(self, hours: float) -> dict[str, Any]:
        """One reader at a time, on a thread of its own: the log may have megabytes."""
        async with self._reading:
            now = time.time()
            at, line = self._lines.get(hours, (0.0, {}))
            if now - at < AGAIN_S and line:
                return line
            window = Window(now - hours * 3600, now, PARTS)
            telemetry = self._assistant.telemetry
            line = await asyncio.to_thread(_read, telemetry.log_path, window, tuple(telemetry.resources.samples))
            self._lines = {hours: (now, line)}
            return line


def _read(log: Path | None, window: Window, samples: Sequence[Usage]) -> dict[str, Any]:
    return read_timeline(log, window, _lately(samples, window.end))


def _judged(monitor: Monitor) -> dict[str, Any]:
    verdicts = [verdict.as_json() for verdict in monitor.check(everything=True)]
    advice = [recommendation.as_json() for recommendation in monitor.recommendations()]
    return {
        "profile": monitor.profile.name,
        "title": monitor.profile.title,
        "turns": monitor.turns,
        "verdicts": verdicts,
        "recommendations": advice,
    }


def _now(assistant: Assistant) -> dict[str, Any]:
    telemetry = assistant.telemetry
    samples = telemetry.resources.samples
    newest = samples[-1] if samples else None
    return {
        "at": time.time(),
        "sessions": telemetry.sessions,
        "answering": assistant.answering(),
        "cpu_percent": newest.cpu_percent if newest else None,
        "components": dict(newest.components) if newest else {},
        "memory_mb": newest.rss / 1e6 if newest else None,
        "actions": [one.what for one in telemetry.mitigations.under_way()],
    }


def _caches(telemetry: Telemetry) -> Iterator[dict[str, Any]]:
    for name, cache in telemetry.caches.items():
        told = cache.statistics
        yield {
            "name": name,
            "entries": len(cache),
            "bytes": cache.bytes,
            "hits": told.hits,
            "misses": told.misses,
            "evicted": told.evicted,
            "expired": told.expired,
            "hit_percent": told.hit_percent,
            "saved_s": told.saved_s,
        }


def _lately(samples: Sequence[Usage], now: float) -> list[Use]:
    """This process's own samples: ten seconds apart, since its start and at most a day."""
    started = now - time.monotonic()
    return [Use(started + usage.at, usage.figures) for usage in samples]
