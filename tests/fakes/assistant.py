"""A small assistant without models: one floor, a few devices, and it understands "turn on/off the NAME".

It stands where the real one does, so that the server and the page are tested for themselves. Its ear always hears the
same sentence (`hears`), its voice is a tone. `python -m tests.fakes.assistant` serves it for looking at the page.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from repartee.core.audio import AudioChunk
from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.errors import BadSettings
from repartee.core.home import Home, State, States
from repartee.core.home_file import home_from
from repartee.core.intent import Intent, Part, Reading
from repartee.core.plan import Action, Effect
from repartee.core.ports import AudioSink, AudioSource, HomeBackend
from repartee.core.spans import Span
from repartee.core.turn import Decision, Event, Finished, Heard, Replying, Started, TurnRecord
from repartee.turn import Picked

HOME: Mapping[str, object] = {
    "floors": [{"name": "Ground floor", "id": "ground"}],
    "areas": [{"name": "Living room", "floor": "ground"}, {"name": "Hall", "floor": "ground"}],
    "entities": [
        {"name": "Lamp", "domain": "light", "area": "Living room", "state": "off", "attributes": {"brightness": 128}},
        {"name": "Front door", "domain": "lock", "area": "Hall", "state": "locked"},
        {"name": "Temperature", "domain": "sensor", "area": "Hall", "state": "21.5"},
    ],
}
RATE = 22_050


class FakeHome:
    """Devices that obey `turn_on` and `turn_off` at once."""

    def __init__(self, home: Mapping[str, object] = HOME) -> None:
        read = home_from(home)
        self.home: Home = read.home
        self.states: States = read.states
        self.performed: list[Action] = []
        self._observers: list[Channel[str]] = []

    async def __aenter__(self) -> FakeHome:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Nothing to let go of."""

    async def perform(self, action: Action) -> Sequence[Effect]:
        self.performed.append(action)
        for entity in action.entities:
            value = "off" if action.service.endswith("off") else "on"
            self.set(entity, State(value, self.states[entity].attributes))
        return [Effect(entity, action.service, action.data, confirmed=True) for entity in action.entities]

    def set(self, entity: str, state: State) -> None:
        self.states.set(entity, state)
        self.tell(entity)

    def tell(self, entity: str) -> None:
        for observer in self._observers:
            observer.push(entity)

    def changes(self) -> Channel[str]:
        channel = Channel[str](16)
        self._observers.append(channel)
        return channel


class FakeStore:
    connections = 0

    def __init__(self) -> None:
        self.turns: list[TurnRecord] = []

    def record(self, turn: TurnRecord) -> None:
        self.turns.append(turn)

    async def recent(self, limit: int) -> Sequence[TurnRecord]:
        return self.turns[::-1][:limit]

    async def close(self) -> None:
        """Nothing to write."""


@dataclass
class FakeSession:
    """Hears what the assistant was told to hear; obeys; hums."""

    assistant: FakeAssistant
    sink: AudioSink
    observers: list[Channel[Event]] = field(default_factory=list)
    answering: asyncio.Task[TurnRecord] | None = None
    heard_seconds: float = 0.0
    """Of sound, in the last turn."""

    async def listen(self, source: AudioSource) -> AsyncIterator[TurnRecord]:
        turn = self.assistant.next_id()
        self.tell(Started(turn))
        self.heard_seconds = 0.0
        words: Iterator[str] = itertools.accumulate(self.assistant.hears.split(), "{} {}".format)
        async for chunk in source:
            before, self.heard_seconds = self.heard_seconds, self.heard_seconds + chunk.seconds
            if int(before * 5) != int(self.heard_seconds * 5) and (text := next(words, None)):
                self.tell(Heard(turn, text))
        self.tell(Heard(turn, self.assistant.hears, final=True))
        yield await self.answered(turn, self.assistant.hears)

    async def ask(self, said: str | Picked) -> TurnRecord:
        text = said if isinstance(said, str) else said.question
        turn = self.assistant.next_id()
        self.tell(Started(turn))
        return await self.answered(turn, text)

    def events(self) -> Channel[Event]:
        self.observers.append(Channel(256))
        return self.observers[-1]

    def stop(self) -> None:
        if self.answering and not self.answering.done():
            self.answering.cancel()
            self.sink.stop()

    async def answered(self, turn: str, text: str) -> TurnRecord:
        self.answering = asyncio.create_task(self.answer(turn, text))
        await asyncio.wait({self.answering})
        cancelled = self.answering.cancelled()
        record = _record(turn, text, (), "", "interrupted") if cancelled else self.answering.result()
        self.assistant.store.record(record)
        self.tell(Finished(record))
        return record

    async def answer(self, turn: str, text: str) -> TurnRecord:
        home = self.assistant.backend
        named = [e for e in home.home.entities if e.name.lower() in text.lower()]
        effects: Sequence[Effect] = ()
        if named:
            service = f"{named[0].domain}.turn_{'off' if ' off' in text else 'on'}"
            effects = await home.perform(Action(service, (named[0].id,)))
        reply = (
            f"Turned {'off' if ' off' in text else 'on'} the {named[0].name}" if named else "Sorry, I don't know that"
        )
        self.tell(Replying(turn, reply))
        for number in range(1000 if "story" in text else self.assistant.reply_chunks):
            await self.sink.play(_hum(number))
        await self.sink.drain()
        return _record(turn, text, tuple(effects), reply, None)

    def tell(self, event: Event) -> None:
        for observer in self.observers:
            observer.push(event)


class FakeAssistant:
    """What `open_assistant` gives, without any engine."""

    def __init__(self, hears: str = "turn on the lamp", backend: HomeBackend | None = None) -> None:
        self.backend: HomeBackend = backend or FakeHome()
        self.household: HomeBackend = FakeHome({"entities": []})
        self.store = FakeStore()
        self.duties: Sequence[Duty] = ()
        self.engines: Mapping[str, str] = {"stt": "fake", "tts": "fake", "home": "fake"}
        self.hears = hears
        self.reply_chunks = 4
        """Of 100 ms; a story has a thousand."""
        self.sessions: list[FakeSession] = []
        self._ids = itertools.count(1)

    def session(
        self, sink: AudioSink, area: str | None = None, language: str | None = None, *, wake_words: Sequence[str] = ()
    ) -> FakeSession:
        if area and self.backend.home.area_named(area) is None:
            raise BadSettings(f"this home has no area {area!r}")
        self.sessions.append(FakeSession(self, sink))
        return self.sessions[-1]

    def next_id(self) -> str:
        return f"{next(self._ids):012x}"


def _hum(number: int) -> AudioChunk:
    t = (np.arange(RATE // 10) + number * (RATE // 10)) / RATE
    return AudioChunk((np.sin(2 * np.pi * 220 * t) * 3000).astype(np.int16), RATE, number / 10)


def _record(turn: str, text: str, effects: tuple[Effect, ...], reply: str, error: str | None) -> TurnRecord:
    spans = (
        Span("hear", 0.8, 0.95, 2.062),
        Span("listen", 2.0, None, 2.131),
        Span("understand", 2.131, None, 2.1312),
        Span("act", 2.1312, None, 2.139),
        Span("speak", 2.139, 2.147, 3.4),
    )
    reading = Reading((Part(Intent("HassTurnOn", {"name": "Lamp"})),)) if effects else None
    record = TurnRecord(turn, time.time(), text, Decision.ACTED if effects else Decision.REJECTED, reading)
    return replace(record, effects=effects, reply=reply, speech_end=2.0, wait_class="closed", spans=spans, error=error)


if __name__ == "__main__":
    from repartee.app.server import Address, serve
    from repartee.engines.home.demo import DemoHome

    address = Address(port=int(sys.argv[1]) if sys.argv[1:] else 0, token=sys.argv[2] if sys.argv[2:] else None)
    asyncio.run(serve(FakeAssistant(backend=DemoHome()), address))
