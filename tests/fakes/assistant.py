"""The real assistant with the shipped fakes: one floor, a few devices, no models.

Its ear always hears the same sentence, its voice is a tone. `python -m tests.fakes.assistant` serves it for looking at
the page.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np

from repartee.assembly.assistant import Assistant
from repartee.assembly.audio_models import AudioModels
from repartee.assembly.homes import OpenHome
from repartee.assembly.mitigation import Mitigations
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Brain, Settings, System
from repartee.assembly.skills import load_skills
from repartee.assembly.telemetry import Telemetry
from repartee.assembly.understandings import Understandings
from repartee.contract import load_profile
from repartee.core.audio import AudioChunk
from repartee.core.home_file import home_from
from repartee.core.plan import Action, Effect
from repartee.core.ports import HomeBackend
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import Household
from repartee.engines.store.memory import MemoryStore
from repartee.engines.stt import fake as stt

HOME: Mapping[str, object] = {
    "floors": [{"name": "Ground floor", "id": "ground"}],
    "areas": [{"name": "Living room", "floor": "ground"}, {"name": "Hall", "floor": "ground"}],
    "entities": [
        {
            "name": "Lamp", "domain": "light", "area": "Living room", "state": "off",
            "attributes": {"brightness": 128},
        },
        {"name": "Front door", "domain": "lock", "area": "Hall", "state": "locked"},
        {"name": "Temperature", "domain": "sensor", "area": "Hall", "state": "21.5"},
    ],
}  # fmt: skip
RATE = 22_050
LONG = 100.0
"""Seconds that the reply to a story takes."""


class RecordingHome(DemoHome):
    """A demo home that remembers what it was told to do."""

    def __init__(self, home: Mapping[str, object] = HOME) -> None:
        super().__init__(home_from(home))
        self.performed: list[Action] = []

    async def perform(self, action: Action) -> Sequence[Effect]:
        self.performed.append(action)
        return await super().perform(action)


class Hum:
    """A voice of one tone: 400 ms, or `LONG` where it has not understood (a story, say)."""

    async def warm(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        pieces = LONG * 10 if "Sorry" in text else 4
        for number in range(int(pieces)):
            await asyncio.sleep(0)
            t = (np.arange(RATE // 10) + number * (RATE // 10)) / RATE
            yield AudioChunk((np.sin(2 * np.pi * 220 * t) * 3000).astype(np.int16), RATE, number / 10)

    def close(self) -> None:
        """Nothing to give back."""


def fake_assistant(
    hears: str = "turn on the lamp",
    backend: HomeBackend | None = None,
    folder: Path = Path("-"),
    settings: Settings | None = None,
) -> AbstractAsyncContextManager[Assistant]:
    """`folder`: where things are kept, unless `settings` say it."""
    models = AudioModels(stt.Engine(hears), Hum(), {"stt": "fake", "vad": "fake", "tts": "fake"})
    home = OpenHome("fake", backend or RecordingHome())
    return open_assistant(settings or Settings(system=System(data=folder)), home=home, models=models)


def still_assistant(hears: str = "turn on the lamp") -> Assistant:
    """The same where nothing runs by itself: for virtual time."""
    return Assistant(
        Settings(system=System(data=Path("-"))),
        RecordingHome(),
        Household(None),
        MemoryStore(),
        AudioModels(stt.Engine(hears), Hum(), {"stt": "fake", "vad": "fake", "tts": "fake", "home": "fake"}),
        Understandings(Brain(), load_skills()),
        Telemetry(load_profile(), Mitigations()),
    )


async def main(port: int, token: str | None) -> None:
    from repartee.app.doors.server import Address, run_server

    async with fake_assistant(backend=DemoHome()) as assistant:
        await run_server(assistant, Address(port=port, token=token))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 0, sys.argv[2] if sys.argv[2:] else None))
