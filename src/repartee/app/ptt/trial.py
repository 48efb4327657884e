"""The real client with keys that a program presses: `python -m repartee.app.ptt.trial URL FILE PRESSES`.

In a process of its own, so that its memory and processor are a client's. Prints one JSON object: milliseconds by step,
MB and percent of a core.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import soxr
from rich.console import Console

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.clock import LiveClock
from repartee.engines.audio import nowhere
from repartee.observe.resources import Resources
from repartee.ptt import PTTPerformanceMonitor

from .button import Button, Mode
from .client import Client
from .display import Detail, Display
from .keys import Key, Keys, Press
from .statistics import Statistics

BLOCK, BETWEEN, SETTLE = 320, 1.5, 2.0
"""Samples of a chunk; seconds from one answer to the next press; seconds before the first."""


class Microphone:
    """A quiet room at the pace of life, and what somebody says into it once a key is down."""

    def __init__(self, words: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        self.clock = LiveClock()
        self._words, self._at = words, len(words)
        self.over = asyncio.Event()

    def say(self) -> None:
        self._at = 0
        self.over.clear()

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        noise, loop = np.random.default_rng(0), asyncio.get_running_loop()
        begin, number = loop.time(), 0
        while True:
            number += 1
            await asyncio.sleep(max(0.0, begin + number * 0.02 - loop.time()))
            self.clock.heard(number * 0.02)
            words = self._words[self._at : self._at + BLOCK]
            self._at += len(words)
            if not len(words):
                self.over.set()
            sound = noise.normal(0, 20, BLOCK) + np.pad(words, (0, BLOCK - len(words)))
            yield AudioChunk(np.clip(sound, -32767, 32767).astype(np.int16), SAMPLE_RATE, (number - 1) * 0.02)


class Timed(Client):
    """Notes when the home has done it, as the client is told."""

    released = 0.0
    took: list[float]

    async def _told(self, message: dict[str, Any]) -> None:
        if message["type"] == "acted" and self.released:
            self.took.append((self._time() - self.released) * 1000)
            self.released = 0.0
        if message["type"] == "finished":
            self.finished.set()
        await super()._told(message)

    finished: asyncio.Event


async def trial(url: str, file: Path, presses: int) -> dict[str, Any]:
    sound, rate = sf.read(str(file), dtype="float32", always_2d=True)
    words = (soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE) * 20_000).astype(np.int16)
    keys, microphone, resources = Keys(64), Microphone(words), Resources()
    statistics = Statistics(monitor=PTTPerformanceMonitor())
    display = Display(Detail.COMPACT, Console(file=io.StringIO()))
    client = Timed(Button(Mode.HOLD), keys, nowhere.Sink(), display, statistics)
    client.took, client.finished = [], asyncio.Event()
    talking = asyncio.create_task(client.talk(url, None, microphone))
    await asyncio.sleep(SETTLE)
    idle = [await _percent(resources) for _ in range(6)]
    recording = []
    for _ in range(presses):
        client.finished.clear()
        await _pressed(keys, Key.DOWN)
        microphone.say()
        resources.sample()
        await microphone.over.wait()
        recording.append(resources.sample().cpu_percent)
        client.released = await _pressed(keys, Key.UP)
        async with asyncio.timeout(30):
            await client.finished.wait()
        await asyncio.sleep(BETWEEN)
    await _pressed(keys, Key.QUIT)
    await talking
    return {
        "steps": {name: list(values) for name, values in statistics.uses.items()},
        "release_to_action": client.took,
        "memory_mb": resources.sample().rss / 1e6,
        "idle_percent": idle,
        "recording_percent": recording,
    }


async def _percent(resources: Resources) -> float:
    """Of one core, over a second."""
    resources.sample()
    await asyncio.sleep(1.0)
    return resources.sample().cpu_percent


async def _pressed(keys: Keys, key: Key) -> float:
    """As a keyboard's thread does it; the loop's time of the press."""
    loop, at = asyncio.get_running_loop(), [0.0]

    def press() -> None:
        at[0] = loop.time()
        loop.call_soon_threadsafe(keys.push, Press(key, at[0]))

    thread = threading.Thread(target=press)
    thread.start()
    await asyncio.to_thread(thread.join)
    return at[0]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(trial(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))))
