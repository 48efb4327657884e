"""What server, tool and machine do meanwhile, second by second."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import psutil

from repartee.observe.resources import LEAST, Resources
from repartee.observe.slope import Leak, LeakVerdict
from repartee.proof.bench import Crowd as Others

EVERY = 1.0
"""Seconds."""
PARTS = re.compile(r'^repartee_component_memory\w*\{component="([^"]+)"\} ([0-9.e+]+)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Moment:
    """One second of the load."""

    at: float
    """Seconds since its beginning."""
    phase: str
    users: int
    speaking: int
    said: int
    """Sentences so far."""
    refused: int
    cpu: float | None
    """Percent of one core, of the server; None: it is elsewhere."""
    rss_mb: float | None
    tool_cpu: float
    """Percent of one core."""


@dataclass(slots=True)
class Watch:
    """`follow` until cancelled."""

    pid: int | None
    """The server's, where it runs here."""
    moments: list[Moment] = field(default_factory=list)
    leak: LeakVerdict | None = None
    parts: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Component of the server to its MB at the first and the last look, where it tells."""
    _server: Resources | None = None
    _others: Others = field(default_factory=Others)

    async def follow(self, url: str, state: Callable[[], tuple[str, int, int, int, int]]) -> None:
        """`state`: phase, users, speaking, said, refused."""
        self._server = Resources(self.pid) if self.pid else None
        began, tool = time.monotonic(), time.process_time()
        before = began
        async with aiohttp.ClientSession() as http:
            while True:
                await asyncio.sleep(EVERY)
                now, used = time.monotonic(), time.process_time()
                cpu = rss = None
                if self._server:
                    with suppress(psutil.Error):
                        usage = self._server.sample()
                        cpu, rss = usage.cpu_percent, usage.rss / 1e6
                percent = (used - tool) / (now - before) * 100
                self.moments.append(Moment(now - began, *state(), cpu, rss, percent))
                before, tool = now, used
                if len(self.moments) % 30 == 1 and url.startswith("http"):
                    await self._look_inside(http, url)

    def judge_leak(self) -> LeakVerdict | None:
        """Over the whole load; one that is too short to tell growth from a start that fills caches says so."""
        if self._server and self._server.samples:
            lasted = self._server.samples[-1].at - self._server.samples[0].at
            early = LeakVerdict(Leak.UNCERTAIN, None, None, f"{lasted:.0f} s; {LEAST:.0f} s are needed")
            self.leak = self._server.leak() if lasted >= LEAST else early
        return self.leak

    @property
    def others_percent(self) -> float:
        """Of all cores, what neither we nor the server took."""
        server = sum(m.cpu or 0.0 for m in self.moments) / max(len(self.moments), 1) / (psutil.cpu_count() or 1)
        return max(0.0, self._others.percent() - server)

    async def _look_inside(self, http: aiohttp.ClientSession, url: str) -> None:
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with asyncio.timeout(2):
                async with http.get(f"{url.rstrip('/')}/metrics") as answer:
                    told = parts_of(await answer.text())
            for name, size in told.items():
                first = self.parts.get(name, (size, size))[0]
                self.parts[name] = (first, size)


def parts_of(metrics: str) -> Mapping[str, float]:
    """Component to MB, of what a server tells Prometheus."""
    return {name: float(value) / 1e6 for name, value in PARTS.findall(metrics)}
