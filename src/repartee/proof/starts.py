"""How long the server takes until it takes the first request, in a process of its own, and what it costs idle."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from repartee.contract import Provenance

from .results import Taken

STARTS, COLD_STARTS = 5, 5
PATIENCE = 60.0
LOADING, IDLE, SLICE = 8.0, 12.0, 2.0
"""Seconds until the models are loaded, seconds in which nobody speaks, and seconds of one look at them."""


@dataclass(frozen=True, slots=True)
class Started:
    """A server that runs."""

    process: psutil.Process
    seconds: float
    """Until it said that it was ready."""
    url: str


async def measure_starts(folder: Path, *, cold: bool = False) -> list[Taken]:
    """`cold`: also with no file of the environment in the page cache, as after a boot. Raises `TimeoutError` for a
    server that does not come up."""
    warm = Taken("ready_warm", "the server started, files in the page cache", Provenance())
    found = [warm]
    for _ in range(STARTS):
        async with started(folder) as server:
            warm.samples.append(server.seconds)
    async with started(folder) as server:
        found.append(await _idle(server.process))
    if cold and hasattr(os, "posix_fadvise"):
        found.append(Taken("ready_cold", "the server started, no file in the page cache", Provenance()))
        for _ in range(COLD_STARTS):
            await asyncio.to_thread(evict)
            async with started(folder) as server:
                found[-1].samples.append(server.seconds)
    return found


async def _idle(process: psutil.Process) -> Taken:
    """Percent of one core while nobody speaks."""
    taken = Taken("idle_cpu", "the server up, models loaded, nobody speaks", Provenance())
    await asyncio.sleep(LOADING)
    for _ in range(round(IDLE / SLICE)):
        before, began = process.cpu_times(), time.perf_counter()
        await asyncio.sleep(SLICE)
        after, seconds = process.cpu_times(), time.perf_counter() - began
        taken.samples.append((after.user + after.system - before.user - before.system) / seconds * 100)
    return taken


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Started]:
    """A server with the demo home. Raises `TimeoutError` where it does not come up."""
    command = Path(sys.executable).with_name("repartee")
    env = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        command, "serve", "--port", "0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=folder, env=env,
    )  # fmt: skip
    try:
        assert process.stdout
        async with asyncio.timeout(PATIENCE):
            while b"http://" not in (line := await process.stdout.readline()):
                if not line:
                    raise TimeoutError("the server ended before it was ready")
        seconds = time.perf_counter() - began
        yield Started(psutil.Process(process.pid), seconds, line.decode().split()[-1])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def evict() -> None:
    """Asks the system to forget the files of the environment and of the program."""
    places = (Path(sys.prefix), Path(__file__).parents[1])
    for path in (path for place in places for path in place.rglob("*") if path.is_file()):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
