"""Start-up, memory and idle cost of the real server and the real engines, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from bench.figures import SHARED
from bench.record import machine, save
from repartee.contract.provenance import Origin, Provenance

STARTS = 5
IDLE_S = 60
WARM_UP, TURNS = 100, 500


def start(folder: Path) -> tuple[subprocess.Popen[bytes], float]:
    """A server with the demo home, and the seconds until it said that it was ready."""
    command = [str(Path(sys.executable).with_name("repartee")), "serve", "--port", "0"]
    env = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, env=env)  # noqa: S603  # our own command
    assert process.stdout
    line = process.stdout.readline().decode()
    if not re.search(r"http://127\.0\.0\.1:\d+", line):
        raise RuntimeError(f"the server said {line!r}")
    return process, time.perf_counter() - begin


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


def port(pid: int) -> int:
    """On which the server listens."""
    listening = [c for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    return int(np.unique([c.laddr.port for c in listening]).item())


def evict() -> int:
    """Asks the system to forget the files of the environment, as after a boot; how many it was asked for."""
    files = [path for path in Path(sys.prefix).rglob("*") if path.is_file()]
    files += Path("src").rglob("*.py")
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return len(files)


def starts(folder: Path) -> dict[str, object]:
    evict()
    process, cold = start(folder)
    stop(process)
    warm = []
    for _ in range(STARTS):
        process, seconds = start(folder)
        warm.append(seconds)
        stop(process)
    return {"ready_cold_s": round(cold, 2), "ready_warm_s": round(sorted(warm)[STARTS // 2], 2), "n_warm": STARTS}


def idle(folder: Path) -> dict[str, object]:
    """CPU of the server while nobody speaks, models loaded, no microphone open."""
    process, _ = start(folder)
    try:
        sampling = psutil.Process(process.pid)
        time.sleep(8)  # the models have been loaded by then
        before, begin = sampling.cpu_times(), time.perf_counter()
        time.sleep(IDLE_S)
        after, seconds = sampling.cpu_times(), time.perf_counter() - begin
        used = after.user + after.system - before.user - before.system
        return {
            "idle_cpu_percent": round(used / seconds * 100, 3),
            "over_s": IDLE_S,
            "idle_rss_mb": round(sampling.memory_info().rss / 1e6, 1),
            "idle_threads": sampling.num_threads(),
        }
    finally:
        stop(process)


def memory() -> dict[str, object]:
    """Resident memory while recorded commands are heard again and again, as fast as they can be."""
    done = subprocess.run(  # ourselves
        [sys.executable, "-m", "bench.resources", "--turns"], capture_output=True, check=True, timeout=900
    )
    figures: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return figures


def turns() -> None:
    """In a process of its own: prints one JSON line."""
    from bench.turns import hear, opened, recordings

    async def grow(files: list[Path], home: Path | None) -> list[float]:
        process, rss = psutil.Process(), []
        async with opened(home) as assistant:
            for count in (WARM_UP, TURNS):
                async for _ in hear(assistant, [files[n % len(files)] for n in range(count)], realtime=False):
                    pass
                rss.append(process.memory_info().rss / 1e6)
        return rss

    with tempfile.TemporaryDirectory() as scratch:
        _, files, home = recordings(SHARED, Path(scratch))
        rss = asyncio.run(grow(files, home))
    print(
        json.dumps(
            {
                f"rss_mb_after_{WARM_UP}_turns": round(rss[0], 1),
                f"rss_mb_grown_over_{TURNS}_turns": round(rss[1] - rss[0], 1),
            }
        )
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {**starts(Path(folder)), **idle(Path(folder)), **memory()}
    save(
        "resources",
        figures,
        Provenance(Origin.REAL, "fast", True, {}, machine()),
        ("uvicorn", "fastapi", "onnxruntime"),
    )


if __name__ == "__main__":
    turns() if sys.argv[1:] == ["--turns"] else main()
