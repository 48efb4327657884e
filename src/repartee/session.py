"""A session: one person in one place, turn after turn; what was said before, and speaking over the reply."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from .core.channel import Channel
from .core.clock import TextClock
from .core.intent import Context, Intent
from .core.ports import AudioSink, AudioSource, VoiceActivity
from .core.skill import NEW
from .core.spans import Trace
from .core.turn import Event, Replying, TurnRecord
from .stages.listen import Endpointing, Listening
from .stages.speak import speak
from .turn import Crew, Turn

INTERRUPTED = "interrupted"
"""The error of a turn whose reply was cut off: somebody spoke, or pressed the button."""


@dataclass(frozen=True, slots=True)
class Ear:
    """How a session listens."""

    gate: Callable[[], VoiceActivity]
    """Makes a gate; each stream of sound gets its own, for a gate remembers."""
    timing: Endpointing = field(default_factory=Endpointing)
    barge_in: bool = True
    """Speech ends a reply. Not where the microphone hears our own loudspeaker."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a session keeps."""

    intents: int = 100
    """Confirmed ones that a later sentence may refer back to."""
    events: int = 1000
    """That an observer may fall behind."""


class Session:
    """Turns follow each other; at most one is being answered."""

    def __init__(
        self,
        crew: Callable[[], Crew],
        ear: Ear,
        sink: AudioSink,
        context: Context,
        finished: Callable[[TurnRecord], None],
        limits: Limits = Limits(),  # frozen
    ) -> None:
        """`crew` is asked at each turn, so that a changed home is understood from the next sentence on."""
        self._crew, self._ear, self._sink, self._finished = crew, ear, sink, finished
        self._context = context
        self._history: deque[Intent] = deque(maxlen=limits.intents)
        self._limits = limits
        self._observers: list[Channel[Event]] = []
        self._answering: asyncio.Task[None] | None = None
        self._recent = NEW

    async def listen(self, source: AudioSource) -> AsyncIterator[TurnRecord]:
        """A record for each turn, until the source ends. Sound without any speech gives one turn of silence."""
        self.stop()
        listening = Listening(source, self._ear.gate(), self._ear.timing)
        onset: asyncio.Future[bool] = asyncio.ensure_future(listening.onset())
        turns = 0
        try:
            while await onset:
                turn = self._turn(listening)
                await turn.listen(listening)
                answer = self._answer(turn)
                onset = asyncio.ensure_future(self._next_onset(listening, answer))
                await asyncio.wait({answer})
                yield self._done(turn, answer)
                turns += 1
            if not turns:
                yield self._done(self._turn(listening))
        finally:
            onset.cancel()
            self.stop()

    async def ask(self, text: str) -> TurnRecord:
        """A typed sentence; the reply is spoken too."""
        self.stop()
        turn = Turn(
            self._crew(), self.context, TextClock(asyncio.get_running_loop().time), self._sink, self._tell, self._recent
        )
        answer = self._answer(turn, text)
        await asyncio.wait({answer})
        return self._done(turn, answer)

    async def announce(self, text: str) -> None:
        """Says something of its own accord (a timer is over), once nobody is being answered; `stop` silences it."""
        if self._answering:
            await asyncio.wait({self._answering})
        self._recent = replace(self._recent, reply=text)
        self._tell(Replying(secrets.token_hex(6), text))
        trace = Trace(TextClock(asyncio.get_running_loop().time))
        said = speak(text, self._context.language, self._crew().voice, self._sink, trace, lambda: None)
        self._answering = asyncio.create_task(said)
        await asyncio.wait({self._answering})

    def stop(self) -> None:
        """Ends what is being said or done."""
        if self._answering and not self._answering.done():
            self._answering.cancel()
            self._sink.stop()

    def events(self, capacity: int | None = None) -> Channel[Event]:
        """What happens from now on. A slow observer loses the oldest (and the channel counts them); close to leave."""
        channel = Channel[Event](capacity or self._limits.events)
        self._observers.append(channel)
        return channel

    def _turn(self, listening: Listening) -> Turn:
        return Turn(self._crew(), self.context, listening.clock, self._sink, self._tell, self._recent)

    @property
    def context(self) -> Context:
        """What the next sentence may lean on."""
        return replace(self._context, history=tuple(self._history))

    def _answer(self, turn: Turn, text: str | None = None) -> asyncio.Task[None]:
        self._answering = asyncio.create_task(turn.answer(text))
        return self._answering

    async def _next_onset(self, listening: Listening, answer: asyncio.Task[None]) -> bool:
        """Speech while we answer ends the answer; where that can't be, nobody listens until the answer is over."""
        if not self._ear.barge_in or listening.clock.pace != "realtime":
            await asyncio.wait({answer})
            return await listening.onset()
        spoke = await listening.onset()
        if spoke and not answer.done():
            answer.cancel()
        return spoke

    def _done(self, turn: Turn, answer: asyncio.Task[None] | None = None) -> TurnRecord:
        record = turn.record(INTERRUPTED if answer and answer.cancelled() else None)
        if record.reading and any(effect.confirmed for effect in record.effects):
            self._history.extend(part.intent for part in record.reading.parts)
        self._recent = turn.recent()
        self._finished(record)
        return record

    def _tell(self, event: Event) -> None:
        self._observers = [observer for observer in self._observers if not observer.closed]
        for observer in self._observers:
            observer.push(event)
