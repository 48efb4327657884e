"""CPU of the real server while a page is open in a quiet room, over its real socket. The room is white noise."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

import psutil
from tests.sound import noisy, silence
from websockets.asyncio.client import connect

from bench.record import machine, save
from bench.resources import port, start, stop
from repartee.contract.provenance import Origin, Provenance
from repartee.core.audio import SAMPLE_RATE

QUIET_S, IDLE_S = 60, 20


async def quiet_room(url: str, process: psutil.Process) -> dict[str, object]:
    """CPU of the server while one page streams a quiet room and nobody speaks; and before that, with nobody there."""
    idle = _used(process)
    await asyncio.sleep(IDLE_S)
    idle = (_used(process) - idle) / IDLE_S
    as_the_page, as_a_program = [await _streamed(url, process, frame) for frame in (0.08, 0.02)]
    return {
        "listening_cpu_percent": round(as_the_page * 100, 2),
        "listening_cpu_percent_frames_of_20_ms": round(as_a_program * 100, 2),
        "idle_cpu_percent": round(idle * 100, 2),
        "over_s": QUIET_S,
    }


async def _streamed(url: str, process: psutil.Process, frame: float) -> float:
    """CPU seconds a second. In a quiet room the page sends 80 ms in a frame; a program may send 20."""
    room, size = noisy(silence(4.0), 10.0).astype("<i2"), round(frame * SAMPLE_RATE)
    async with connect(url.replace("http:", "ws:") + "api/socket", compression=None) as socket:
        await socket.send('{"type":"listen"}')
        before, begin = _used(process), time.perf_counter()
        for number in range(round(QUIET_S / frame)):
            at = number * size % len(room)
            await socket.send(room[at : at + size].tobytes())
            await asyncio.sleep(max(0.0, begin + (number + 1) * frame - time.perf_counter()))
        return (_used(process) - before) / (time.perf_counter() - begin)


def _used(process: psutil.Process) -> float:
    """CPU seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> Path:
    with tempfile.TemporaryDirectory() as scratch:
        process, _ = start(Path(scratch))
        try:
            time.sleep(8)  # the models have been loaded by then
            url = f"http://127.0.0.1:{port(process.pid)}/"
            load = os.getloadavg()[0]
            figures = asyncio.run(quiet_room(url, psutil.Process(process.pid)))
        finally:
            stop(process)
    provenance = Provenance(Origin.SYNTHETIC, "realtime", True, {"home": "demo"}, machine())
    return save("quiet_room", {"load_average_before": load, **figures}, provenance, ("uvicorn", "websockets", "uvloop"))


if __name__ == "__main__":
    main()
