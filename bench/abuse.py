"""Memory of the real server after abuse: sentences broken off, many languages, long talk; and what is given back.

Each step is done to one server over its socket and HTTP, one after the other; resident memory is read after each, and
its peak while it lasts. Sound is fed faster than people speak, which makes no difference to memory.
`REPARTEE_ABUSE` is the share of the whole that is done (1).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile as sf
import soxr
from home_assistant_intents import get_languages
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect

from bench.figures import SHARED
from bench.record import real, save
from bench.resources import port, start, stop
from repartee.core.audio import SAMPLE_RATE

BROKEN_OFF, AT_ONCE = 500, 3
TALK_S = 600
"""Seconds of people who talk to each other."""
FRAME = 1600
"""Samples of one message."""
FASTER = 5.0
"""The pace of talk, times life: the recogniser keeps up with it."""
SETTLES_S = 5.0
"""Seconds after each step before memory is read."""
Samples = NDArray[np.int16]


class Watched:
    """The resident memory of a process, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.peak = 0.0

    @property
    def rss_mb(self) -> float:
        return float(self._process.memory_info().rss / 1e6)

    @contextmanager
    def step(self, name: str, into: dict[str, Any]) -> Iterator[None]:
        """Notes peak and what is left of it a little later."""
        over, began = threading.Event(), time.perf_counter()
        self.peak = 0.0

        def look() -> None:
            while not over.wait(0.1):
                self.peak = max(self.peak, self.rss_mb)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield
        finally:
            time.sleep(SETTLES_S)
            over.set()
            looking.join()
        into[name] = {
            "rss_mb": round(self.rss_mb, 1),
            "peak_mb": round(self.peak, 1),
            "took_s": round(time.perf_counter() - began, 1),
        }
        print(name, into[name], flush=True)


def sound(path: Path) -> Samples:
    """16 kHz mono."""
    samples, rate = sf.read(str(path), dtype="float32", always_2d=True)
    mono = soxr.resample(samples.mean(axis=1), rate, SAMPLE_RATE)
    found: Samples = (np.clip(mono, -1, 1) * 32767).astype("<i2")
    return found


@asynccontextmanager
async def page(where: str) -> AsyncIterator[ClientConnection]:
    """One that reads what it is told and says that it has played it."""
    async with connect(where, compression=None, max_size=None) as socket:
        reading = asyncio.create_task(_read(socket))
        try:
            yield socket
        finally:
            reading.cancel()


async def _read(socket: ClientConnection) -> None:
    async for message in socket:
        told = json.loads(message) if isinstance(message, str) else {}
        if told.get("type") == "spoken":
            await socket.send(json.dumps({"type": "played", "utterance": told["utterance"]}))


async def feed(socket: ClientConnection, samples: Samples, pace: float = FASTER) -> None:
    """`pace`: times life."""
    for at in range(0, len(samples), FRAME):
        await socket.send(samples[at : at + FRAME].tobytes())
        await asyncio.sleep(FRAME / SAMPLE_RATE / pace)


async def whole(where: str, samples: Samples) -> None:
    """A sentence to its end, and its reply."""
    async with page(where) as socket:
        await socket.send('{"type": "listen"}')
        await feed(socket, np.concatenate([np.zeros(8000, "<i2"), samples, np.zeros(16000, "<i2")]), 1.0)
        await asyncio.sleep(2)


async def break_off(where: str, sentences: list[Samples], count: int) -> None:
    """So many half sentences: some by stopping, some by going away."""

    async def one(number: int) -> None:
        samples = sentences[number % len(sentences)]
        half = samples[: int(len(samples) * (0.3 + 0.5 * (number % 7) / 7))]
        async with page(where) as socket:
            await socket.send('{"type": "listen"}')
            await feed(socket, np.concatenate([np.zeros(4800, "<i2"), half]), 2.0)
            if number % 2:
                await socket.send('{"type": "stop"}')
                await asyncio.sleep(0.05)

    waiting = iter(range(count))

    async def client() -> None:
        for number in waiting:
            await one(number)

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))


async def ask_everywhere(where: str, languages: list[str]) -> None:
    for language in languages:
        async with connect(f"{where}?language={language}", compression=None, max_size=None) as socket:
            await socket.send('{"type": "ask", "text": "turn on the kitchen lights"}')
            async with asyncio.timeout(60):
                async for message in socket:
                    if isinstance(message, str) and json.loads(message)["type"] in ("finished", "error"):
                        break


async def talk(where: str, samples: Samples, seconds: float, *, held: bool) -> None:
    """People talk to each other for so long beside an open microphone; `held`: a button lies on the sofa."""
    async with page(where) as socket:
        await socket.send(json.dumps({"type": "listen", "held": held}))
        left = int(seconds * SAMPLE_RATE)
        while left > 0:
            await feed(socket, samples[:left])
            left -= len(samples)


def people() -> Samples:
    files = sorted((SHARED / "audio" / "read_speech").glob("*.*"))
    return np.concatenate([sound(path) for path in files if path.suffix in (".wav", ".flac", ".ogg")])


def abuse(pid: int, share: float) -> dict[str, Any]:
    where = f"ws://127.0.0.1:{port(pid)}/api/socket"
    commands = [sound(path) for path in sorted((SHARED / "audio" / "home_commands").glob("*.wav"))]
    talking, languages = people(), sorted(get_languages())
    watched, steps = Watched(pid), dict[str, Any]()

    def do(name: str, work: Any) -> None:
        with watched.step(name, steps):
            asyncio.run(work)

    count = max(AT_ONCE, round(BROKEN_OFF * share))
    do("one_command", whole(where, commands[0]))
    do("broken_off", break_off(where, commands, count))
    do("languages", ask_everywhere(where, languages[: max(5, round(len(languages) * share))]))
    do("held_talk", talk(where, talking, 60 * share, held=True))
    do("talk", talk(where, talking, TALK_S * share, held=False))
    do("one_command_more", whole(where, commands[0]))
    return {
        "sentences_broken_off": count,
        "at_once": AT_ONCE,
        "languages": len(languages),
        "talk_s": round(TALK_S * share),
        "steps": steps,
        "rss_mb_after_abuse": steps["one_command_more"]["rss_mb"],
    }


def main() -> Path:
    with tempfile.TemporaryDirectory() as folder:
        process, _ = start(Path(folder))
        try:
            time.sleep(8)  # the models have been loaded by then
            figures = abuse(process.pid, float(os.environ.get("REPARTEE_ABUSE", "1")))
        finally:
            stop(process)
    return save("abuse", figures, real(pace="fast"), ("onnxruntime",))


if __name__ == "__main__":
    sys.exit(main() is None)
