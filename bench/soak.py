"""A household at ten times its usual rate, for hours, on the real server: does it grow?

Commands by voice, questions by text, talk that is no command, sentences broken off, pages that come and go, and
silence, one after the other at random. Resident memory is read every ten seconds after a first stretch in which
everything is loaded and met once; its slope is that of Theil and Sen, which a single step does not bend.
`REPARTEE_SOAK_S` says for how long (7200).
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil

from bench.abuse import Samples, feed, page, people, sound
from bench.figures import SHARED
from bench.record import real, save
from bench.resources import port, start, stop
from repartee.observe.slope import theil_sen

LOOKS_S = 10.0
SETTLING = 0.25
"""Share of the time after which growth is looked for."""
USUAL_PER_HOUR = 30
"""Sentences of a household."""
RATE = 10
PAUSE_S = 3600 / USUAL_PER_HOUR / RATE
"""Seconds from one thing to the next, on average."""
TYPED = (
    "turn on the kitchen lights", "turn off the kitchen lights", "set a timer for 10 minutes", "cancel all timers",
    "what time is it", "add milk to the shopping list", "remove milk from the shopping list", "is the garage door open",
    "dim the living room lamp to 30 percent", "what is the weather", "undo",
    "close the blinds and turn on the desk lamp",
    "tell me something about whales", "set the thermostat to 21 degrees",
)  # fmt: skip
"""What a household types or a program asks; one of them nobody understands."""


class Household:
    """Does things to a server at random."""

    def __init__(self, process: int, chance: random.Random) -> None:
        listening = port(process)
        self._socket = f"ws://127.0.0.1:{listening}/api/socket"
        self._http = f"http://127.0.0.1:{listening}/"
        self._chance = chance
        self._commands = [sound(path) for path in sorted((SHARED / "audio" / "home_commands").glob("*.wav"))]
        self._talk = people()
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    async def live(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        doings = [self.speak, self.type, self.type, self.ask, self.break_off, self.chat, self.come_and_go]
        async with asyncio.TaskGroup() as tasks:
            while time.monotonic() < until:
                doing = self._chance.choice(doings)
                tasks.create_task(self._counted(doing.__name__, doing()))
                await asyncio.sleep(self._chance.expovariate(1 / PAUSE_S))

    async def _counted(self, name: str, doing: Any) -> None:
        try:
            async with asyncio.timeout(60):
                await doing
            self.done[name] += 1
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            self.failed[f"{name}: {type(error).__name__}"] += 1

    async def speak(self) -> None:
        """Hands-free, at the pace of life, until the reply is over."""
        async with page(self._socket) as one:
            await one.send('{"type": "listen"}')
            await feed(one, _framed(self._chance.choice(self._commands)), 1.0)

    async def type(self) -> None:
        async with page(self._socket) as one:
            await one.send(f'{{"type": "ask", "text": "{self._chance.choice(TYPED)}"}}')
            await asyncio.sleep(2)

    async def ask(self) -> None:
        async with aiohttp.ClientSession() as client:
            async with client.post(f"{self._http}api/ask", json={"text": self._chance.choice(TYPED)}):
                pass
            for path in ("metrics", "health"):
                async with client.get(self._http + path) as answer:
                    await answer.read()

    async def break_off(self) -> None:
        async with page(self._socket) as one:
            await one.send('{"type": "listen"}')
            command = self._chance.choice(self._commands)
            await feed(one, command[: len(command) // 2], 1.0)
            if self._chance.random() < 0.5:
                await one.send('{"type": "stop"}')

    async def chat(self) -> None:
        """Ten seconds of people who talk to each other."""
        async with page(self._socket) as one:
            await one.send('{"type": "listen"}')
            at = self._chance.randrange(len(self._talk) - 160_000)
            await feed(one, self._talk[at : at + 160_000], 1.0)

    async def come_and_go(self) -> None:
        async with page(self._socket) as one:
            await asyncio.sleep(self._chance.uniform(0, 1))
            one.transport.abort()

    async def health(self) -> dict[str, Any]:
        async with aiohttp.ClientSession() as client, client.get(f"{self._http}health") as answer:
            told: dict[str, Any] = await answer.json()
            return told


def _framed(words: Samples) -> Samples:
    framed: Samples = np.concatenate([np.zeros(8000, "<i2"), words, np.zeros(24000, "<i2")])
    return framed


async def soak(process: int, seconds: float) -> dict[str, Any]:
    household, watched = Household(process, random.Random(1)), psutil.Process(process)
    living = asyncio.create_task(household.live(seconds))
    began, looks = time.monotonic(), list[tuple[float, float]]()
    while not living.done():
        await asyncio.sleep(LOOKS_S)
        looks.append((time.monotonic() - began, watched.memory_info().rss / 1e6))
        if len(looks) % 30 == 0:
            print(f"{looks[-1][0]:.0f} s {looks[-1][1]:.1f} MB {dict(household.done)}", flush=True)
    await living
    settled = [(at / 3600, mb) for at, mb in looks if at > seconds * SETTLING]
    growth = theil_sen(*zip(*settled, strict=True))
    health = await household.health()
    return {
        "seconds": round(seconds),
        "things_done": dict(household.done),
        "failed": dict(household.failed),
        "rss_mb_after_settling": round(settled[0][1], 1),
        "rss_mb_at_the_end": round(settled[-1][1], 1),
        "rss_mb_max": round(max(mb for _, mb in looks), 1),
        "growth_mb_per_hour": round(growth.value, 2),
        "growth_95_percent": [round(growth.low, 2), round(growth.high, 2)],
        "threads": watched.num_threads(),
        "descriptors": watched.num_fds(),
        "health": health["status"],
        "unwell": {name: one for name, one in health["components"].items() if one["status"] != "ok"},
    }


def main() -> Path:
    seconds = float(os.environ.get("REPARTEE_SOAK_S", "7200"))
    with tempfile.TemporaryDirectory() as folder:
        process, _ = start(Path(folder))
        try:
            figures = asyncio.run(soak(process.pid, seconds))
        finally:
            stop(process)
    print(figures)
    return save("soak", figures, real(pace="realtime"), ("onnxruntime",))


if __name__ == "__main__":
    sys.exit(main() is None)
