"""A session: one person in one place, turn after turn; what was said before, and speaking over the reply."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from repartee.stages.audio_in.ducking import Ducking
from repartee.stages.audio_in.echo import EchoCancelled, Loudspeaker
from repartee.stages.audio_in.endpointer import Endpointer, Endpointing
from repartee.stages.audio_in.microphone_check import CheckedSource
from repartee.stages.audio_in.noise_gate import QuietBatcher
from repartee.stages.audio_in.wake import WakeGate

from .core.channel import Channel
from .core.clock import TextClock
from .core.intent import Context, Intent
from .core.ports import AudioSink, AudioSource, EchoCanceller, VoiceActivity
from .core.skill import NEW
from .core.spans import Trace
from .core.turn import INTERRUPTED, Decision, Event, Replying, TurnRecord
from .stages.speak import speak
from .turn import Turn, TurnServices, Understood


@dataclass(frozen=True, slots=True)
class Ear:
    """How a session listens."""

    gate: Callable[[], VoiceActivity]
    """Makes a gate; each stream of sound gets its own, for a gate remembers."""
    timing: Endpointing = field(default_factory=Endpointing)
    barge_in: bool = True
    """Speech ends a reply."""
    echo: Callable[[], EchoCanceller] | None = None
    """Makes what takes our own voice out of the microphone's sound; None where it can't be heard."""
    wake: Callable[[AudioSource], WakeGate] | None = None
    """Closes a microphone until a wake word is said; None: it is open."""


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
        services: Callable[[], TurnServices],
        ear: Ear,
        sink: AudioSink,
        context: Context,
        finished: Callable[[TurnRecord], None],
        limits: Limits = Limits(),  # frozen
    ) -> None:
        """`crew` is asked at each turn, so that a changed home is understood from the next sentence on."""
        self._services, self._ear, self._finished = services, ear, finished
        self._canceller = ear.echo() if ear.echo else None
        self._sink = Loudspeaker(sink, self._canceller) if self._canceller else sink
        self._context = context
        self._history: deque[Intent] = deque(maxlen=limits.intents)
        self._limits = limits
        self._observers: list[Channel[Event]] = []
        self._answering: asyncio.Task[None] | None = None
        self._recent = NEW
        self._before: Understood | None = None
        """Of the last turn in which something was said."""

    async def listen(self, source: AudioSource) -> AsyncIterator[TurnRecord]:
        """A record for each turn, until the source ends. Sound without any speech gives one turn of silence."""
        self.stop()
        heard = self._without_us(source)
        wake_gate = self._ear.wake(heard) if self._ear.wake else None
        endpointer = Endpointer(wake_gate or heard, self._ear.gate(), self._ear.timing)
        onset: asyncio.Future[bool] = asyncio.ensure_future(endpointer.onset())
        turns = 0
        try:
            while await onset:
                turn = self._turn(endpointer, wake_gate)
                await turn.listen(endpointer)
                answer = self._answer(turn)
                onset = asyncio.ensure_future(self._next_onset(endpointer, answer))
                await asyncio.wait({answer})
                if answer.cancelled() and endpointer.onset_at is not None:
                    turn.interrupted(endpointer.onset_at)
                record = self._done(turn, answer)
                if wake_gate:
                    wake_gate.rest(asked=record.decision is Decision.ASKED)
                yield record
                turns += 1
            if not turns:
                yield self._done(self._turn(endpointer))
        finally:
            onset.cancel()
            self.stop()
            if isinstance(self._sink, Loudspeaker):
                self._sink.close()

    async def ask(self, text: str) -> TurnRecord:
        """A typed sentence; the reply is spoken too."""
        self.stop()
        turn = Turn(self._services(), self.context, TextClock(), self._sink, self._tell, self._recent)
        answer = self._answer(turn, text)
        await asyncio.wait({answer})
        return self._done(turn, answer)

    async def announce(self, text: str) -> None:
        """Says something of its own accord (a timer is over), once nobody is being answered; `stop` silences it."""
        if self._answering:
            await asyncio.wait({self._answering})
        self._recent = replace(self._recent, reply=text)
        self._tell(Replying(secrets.token_hex(6), text))
        trace = Trace(TextClock())
        sound = self._services().voice.synthesize(text, self._context.language)
        said = speak(sound, self._sink, trace, lambda: None)
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

    def _without_us(self, source: AudioSource) -> AudioSource:
        """Only sound that comes as it is spoken can hold our own voice."""
        if source.clock.pace != "realtime":
            return source
        checked = CheckedSource(QuietBatcher(source))
        if self._canceller and isinstance(self._sink, Loudspeaker):
            alone = EchoCancelled(checked, self._sink, self._canceller)
            return Ducking(alone, self._sink) if self._ear.barge_in else alone
        return checked

    def _turn(self, endpointer: Endpointer, wake_gate: WakeGate | None = None) -> Turn:
        turn = Turn(self._services(), self.context, endpointer.clock, self._sink, self._tell, self._recent)
        if wake_gate and (word := wake_gate.hold()):
            turn.woken(word)
        return turn

    @property
    def busy(self) -> bool:
        """Whether somebody is being answered."""
        return self._answering is not None and not self._answering.done()

    @property
    def context(self) -> Context:
        """What the next sentence may lean on."""
        return replace(self._context, history=tuple(self._history))

    def _answer(self, turn: Turn, text: str | None = None) -> asyncio.Task[None]:
        self._answering = asyncio.create_task(turn.answer(text))
        return self._answering

    async def _next_onset(self, endpointer: Endpointer, answer: asyncio.Task[None]) -> bool:
        """Speech while we answer ends the answer; where that can't be, nobody listens until the answer is over."""
        if not self._ear.barge_in or endpointer.clock.pace != "realtime":
            await asyncio.wait({answer})
            return await endpointer.onset()
        spoke = await endpointer.onset()
        if spoke and not answer.done():
            answer.cancel()
        return spoke

    def _done(self, turn: Turn, answer: asyncio.Task[None] | None = None) -> TurnRecord:
        record = turn.record(INTERRUPTED if answer and answer.cancelled() else None)
        if record.reading and any(effect.confirmed for effect in record.effects):
            self._history.extend(part.intent for part in record.reading.parts)
        self._recent = turn.recent()
        if self._before:
            turn.correct(self._before)
        if record.decision is not Decision.SILENCE:
            self._before = turn.understood
        self._finished(record)
        return record

    def _tell(self, event: Event) -> None:
        self._observers = [observer for observer in self._observers if not observer.closed]
        for observer in self._observers:
            observer.push(event)
