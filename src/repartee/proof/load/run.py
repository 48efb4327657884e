"""A whole load: a server, people, phases, what becomes of it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import numpy as np

from repartee.assembly.audio_models import open_audio_models
from repartee.assembly.footprint import Footprints
from repartee.assembly.settings import Settings
from repartee.core.errors import BadInput
from repartee.engines.fallback import Breakers
from repartee.proof.bench import machine
from repartee.proof.recordings import Recordings, recorded, shared, synthesised

from .crowd import Crowd
from .result import Result, breaks, recovery
from .server import own_server
from .shape import AFTER, Phase, Shape
from .socket_line import SocketLine
from .spoken import sentences
from .watch import Watch

LIMIT = 4000.0
"""Milliseconds of p95 from which on nobody calls it an answer (P0: above 4 s)."""
SESSIONS = 128
"""Sockets that our own server takes; who comes later is refused."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    shape: Shape
    url: str = ""
    """Of a server that runs; empty: one of our own is started."""
    pid: int | None = None
    """The server's, where it runs on this machine."""
    recordings: Path | None = None
    home: Path | None = None
    sessions: int = SESSIONS
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    pid: int | None
    ready_s: float | None = None


async def run(settings: Settings, wanted: Wanted) -> Result:
    """Raises `BadInput`, `ReparteeError`."""
    if wanted.url and not wanted.url.startswith(("http://", "https://")):
        raise BadInput(f"{wanted.url!r} is no address of a server like http://127.0.0.1:8765/")
    with tempfile.TemporaryDirectory() as scratch:
        recordings = await _recordings(settings, wanted, Path(scratch))
        spoken = sentences(recordings)
        if not spoken:
            raise BadInput("no recording there can be said again and again; give others with --recordings")
        async with _target(wanted, recordings, Path(scratch)) as target, unlimited() as http:
            crowd = Crowd(lambda: SocketLine(http, target.url, spoken[0].area), spoken)
            result = await _live(wanted, target, crowd, recordings)
    result.facts |= {"ready_s": target.ready_s and round(target.ready_s, 2), "sentences": len(spoken)}
    return result


def unlimited() -> aiohttp.ClientSession:
    """Connections without a limit of the client's own (100 by default): only the server refuses anybody."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


async def _live(wanted: Wanted, target: Target, crowd: Crowd, recordings: Recordings) -> Result:
    watch, shape = Watch(target.pid), wanted.shape
    result = Result(shape, target.url, recordings.origin, crowd.said, crowd.refused, watch, ())
    phase = shape.phases[0]

    def state() -> tuple[str, int, int, int, int]:
        told = phase.name, crowd.users, crowd.speaking, len(crowd.said), len(crowd.refused)
        wanted.tell(live_line(told, result))
        return told

    watching = asyncio.create_task(watch.follow(target.url, state))
    try:
        for phase in shape.phases:
            if not (result.broke_at and phase.judged):
                await _phase(shape, phase, crowd, result)
        await crowd.leave()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    result.late, result.nobody_free = crowd.late, crowd.nobody_free
    if shape.name == "soak":
        watch.judge_leak()
    result.facts |= {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    return result


async def _phase(shape: Shape, phase: Phase, crowd: Crowd, result: Result) -> None:
    now = asyncio.get_running_loop().time
    began = now()

    def broken() -> bool:
        why = breaks(result.of(phase.name), LIMIT) if shape.until_it_breaks and phase.judged else ""
        if why:
            result.broke_at = phase.name
            result.facts["broke_because"] = why
        return bool(why)

    await crowd.live(phase, broken)
    result.lived[phase.name] = now() - began
    after = phase.name in AFTER
    if after:
        first = next((p.name for p in shape.phases if result.of(p.name)), "")
        usual = [s.uttered.answered for s in result.of(first) if s.uttered.answered is not None]
        if usual:
            result.recovery_s = recovery(result.of(phase.name), began, float(np.quantile(usual, 0.95)))


def live_line(told: tuple[str, int, int, int, int], result: Result) -> str:
    """For a terminal, once a second."""
    phase, users, speaking, said, refused = told
    last = [s.uttered.answered for s in result.said[-20:] if s.uttered.answered is not None]
    bad = sum(s.uttered.fate.value in ("lost", "failed", "wrong") for s in result.said)
    moment = result.watch.moments[-1] if result.watch.moments else None
    cpu = (
        f", CPU {moment.cpu:.0f} %, {moment.rss_mb:.0f} MB"
        if moment and moment.cpu is not None and moment.rss_mb
        else ""
    )
    answer = f", answers {np.median(last):.0f} ms" if last else ""
    return f"{phase}: {users} people, {speaking} speaking, {said} said, {bad} bad, {refused} refused{answer}{cpu}"


@asynccontextmanager
async def _target(wanted: Wanted, recordings: Recordings, scratch: Path) -> AsyncIterator[Target]:
    if wanted.url:
        yield Target(wanted.url, wanted.pid)
        return
    wanted.tell("starting a server")
    folder = scratch / "server"
    folder.mkdir()
    async with own_server(folder, wanted.home or recordings.home, wanted.sessions) as served:
        yield Target(served.url, served.pid, served.ready_s)


async def _recordings(settings: Settings, wanted: Wanted, scratch: Path) -> Recordings:
    if wanted.recordings:
        return recorded(wanted.recordings, wanted.home)
    return shared() or await _made(settings, scratch)


async def _made(settings: Settings, scratch: Path) -> Recordings:
    async with AsyncExitStack() as stack:
        models = open_audio_models(settings, Breakers(), None, Footprints(), stack)
        return await synthesised(models.voice, scratch)
