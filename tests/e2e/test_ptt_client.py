"""The push-to-talk client against the real server: pressed, spoken to, answered; and what it weighs."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from repartee.app.cli.ptt import socket_url
from repartee.app.ptt.button import Button, Mode
from repartee.app.ptt.client import Client
from repartee.app.ptt.display import Detail, Display
from repartee.app.ptt.keys import Key, Keys, Press
from repartee.app.ptt.statistics import PRESS, RELEASE, Statistics
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings, System
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.channel import Channel
from repartee.core.clock import LiveClock
from repartee.core.errors import BadInput, Unreachable
from tests.fakes.serving import serving
from tests.sound import Samples, noisy, silence, spoken

pytestmark = pytest.mark.real_time
WITHIN = 30.0


class Microphone:
    """Room noise at the pace of life, and what somebody says into it."""

    def __init__(self) -> None:
        self.clock = LiveClock()
        self._said: Samples = silence(0)
        self._at = 0
        self._over = asyncio.Event()

    async def say(self, samples: Samples) -> None:
        """Returns when it was said, and a moment later."""
        self._over.clear()
        self._said = np.concatenate([samples, silence(0.1)])
        await self._over.wait()

    def __aiter__(self) -> Microphone:
        return self

    async def __anext__(self) -> AudioChunk:
        await asyncio.sleep(0.02)
        now, self._said = self._said[:320], self._said[320:]
        self._at += 320
        if not len(self._said):
            self._over.set()
        return AudioChunk(noisy(np.pad(now, (0, 320 - len(now)))), SAMPLE_RATE, (self._at - 320) / SAMPLE_RATE)


class FallbackTranscriber:
    """A loudspeaker for tests: everything is heard at once."""

    def __init__(self) -> None:
        self.chunks: Channel[AudioChunk] = Channel(10_000)

    async def play(self, chunk: AudioChunk) -> None:
        self.chunks.push(chunk)

    async def drain(self) -> None:
        """At once."""

    def stop(self) -> None:
        """Nothing waits."""

    def hold(self) -> None:
        """Nothing waits."""

    def resume(self) -> None:
        """Nothing was held."""


class Noting(Display):
    """A display that tells when a turn was shown."""

    answered: asyncio.Event

    def turn(self, record: Mapping[str, Any], statistics: Statistics) -> None:
        super().turn(record, statistics)
        self.answered.set()


async def press(keys: Keys, key: Key) -> None:
    keys.push(Press(key, asyncio.get_running_loop().time()))


@pytest.mark.parametrize("mode", [Mode.HOLD, Mode.HYBRID])
async def test_pressed_spoken_released_and_it_is_done(mode: Mode) -> None:
    async with open_assistant(Settings(system=System(data=Path("-")))) as assistant:
        await assistant.warm()
        async with serving(assistant) as url:
            keys, statistics, microphone, ears = Keys(16), Statistics(), Microphone(), FallbackTranscriber()
            display, answered = Noting(Detail.COMPACT, Console(file=(out := io.StringIO()))), asyncio.Event()
            display.answered = answered
            client = Client(Button(mode), keys, ears, display, statistics)
            talking = asyncio.create_task(client.talk(socket_url(url), None, microphone))
            await asyncio.sleep(0.3)
            await press(keys, Key.DOWN)
            await microphone.say(spoken("turn off the hallway light"))
            if mode is Mode.HOLD:
                await press(keys, Key.UP)
            async with asyncio.timeout(WITHIN):
                await answered.wait()
            await press(keys, Key.QUIT)
            await asyncio.wait_for(talking, WITHIN)
            assert assistant.backend.states["light.hallway_light"].value == "off"
    assert dict(statistics.decisions) == {"acted": 1}
    assert statistics.presses == 1
    assert len(statistics.spans[PRESS]) == 1
    assert (RELEASE in statistics.spans) is (mode is Mode.HOLD)
    assert "acted" in out.getvalue()


async def test_a_server_that_is_not_there_or_not_one() -> None:
    client = Client(
        Button(Mode.HOLD),
        Keys(1),
        FallbackTranscriber(),
        Display(Detail.MINIMAL, Console(file=io.StringIO())),
        Statistics(),
    )
    with pytest.raises(Unreachable, match="is the server running"):
        await client.talk("ws://127.0.0.1:9/api/socket", None, Microphone())
    async with open_assistant(Settings(system=System(data=Path("-")))) as assistant, serving(assistant) as url:
        with pytest.raises(BadInput, match="give ws"):
            await client.talk(socket_url(url).replace("/api/socket", "/api/nothing"), None, Microphone())


def test_it_loads_no_model_and_stays_small() -> None:
    code = """
import sys, psutil
import repartee.app.cli, repartee.app.cli.ptt
heavy = {"onnxruntime", "moonshine_voice", "pymicro_wakeword", "pyopen_wakeword", "fastapi", "hassil", "pydantic"}
print(sorted(heavy & set(sys.modules)), psutil.Process().memory_info().rss // 1_000_000)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    loaded, megabytes = out.rsplit(" ", 1)
    assert loaded == "[]"
    assert int(megabytes) < 100
