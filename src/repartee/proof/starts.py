"""How long the server takes until it takes the first request, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from repartee.contract import Provenance

from .results import Taken

STARTS = 5
PATIENCE = 60.0


async def measure_starts(folder: Path) -> Taken:
    """Files in the page cache. Raises `TimeoutError` for a server that does not come up."""
    taken = Taken("ready_warm", "the server started, files in the page cache", Provenance())
    command = Path(sys.executable).with_name("repartee")
    env = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    for _ in range(STARTS):
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            command, "serve", "--port", "0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            cwd=folder, env=env,
        )  # fmt: skip
        try:
            assert process.stdout
            async with asyncio.timeout(PATIENCE):
                line = await process.stdout.readline()
            if b"http://" in line:
                taken.samples.append(time.perf_counter() - began)
        finally:
            process.terminate()
            await process.wait()
    return taken
