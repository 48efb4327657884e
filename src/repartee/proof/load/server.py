"""A server of our own for a load: in a process of its own, with models loaded, ended with the load."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from repartee.core.errors import ReparteeError

PATIENCE = 120.0
"""Seconds until it must be ready."""


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    pid: int
    ready_s: float
    """From the start of the process to models loaded."""


@asynccontextmanager
async def own_server(
    folder: Path, home: Path | None, sessions: int, env: Mapping[str, str] | None = None
) -> AsyncIterator[Served]:
    """`folder`: where it keeps its things; `sessions`: sockets it takes. Raises `ReparteeError`: it did not start."""
    command = [str(Path(sys.executable).with_name("repartee")), "serve", "--port", "0"]
    command += ["--home", str(home)] if home else []
    own = {
        "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "REPARTEE_SYSTEM__MAX_SESSIONS": str(sessions),
        "REPARTEE_AUDIO__ONE_ANSWERS": "false",  # they are not satellites of one household that hear one person
        "REPARTEE_SYSTEM__REQUESTS_PER_SECOND": "1000", "REPARTEE_SYSTEM__REQUESTS_AT_ONCE": "10000",
    }  # fmt: skip
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **own, **(env or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        async with asyncio.timeout(PATIENCE):
            line = (await process.stdout.readline()).decode()
            if "http" not in line:
                raise ReparteeError(f"the server did not start: {await _last_words(process)}")
            url = line.split()[-1]
            await _ready(url)
        yield Served(url, process.pid, time.monotonic() - began)
    except TimeoutError as error:
        raise ReparteeError(f"the server was not ready within {PATIENCE:.0f} s") from error
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{url}health/ready") as answer:
                if answer.status == 200:
                    return
                told = json.loads(await answer.text())
                if "loading" not in told.get("reason", "loading"):
                    raise ReparteeError(f"the server won't be ready: {told['reason']}")
            await asyncio.sleep(0.2)


async def _last_words(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    return (await process.stderr.read()).decode(errors="replace").strip()[-300:]
