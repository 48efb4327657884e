"""A session: one person in one place. It holds the conversation, and turn follows turn; speech ends a reply."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

from .core.channel import Channel
from .core.clock import TextClock
from .core.conversation import INTENTS, Conversation
from .core.election import Claim, Election
from .core.feed import Feed, Happening, HomeChanged, HouseholdChanged
from .core.intent import Context
from .core.ports import AudioSink, AudioSource, EchoCanceller, VoiceActivity
from .core.spans import Trace, UnderWay
from .core.turn import ELSEWHERE, INTERRUPTED, Decision, Event, Picked, Replying, TurnRecord, Utterance
from .stages.audio_in.ducking import Ducking
from .stages.audio_in.echo import EchoCancelled, Loudspeaker
from .stages.audio_in.endpointer import Endpointer, Endpointing
from .stages.audio_in.hum import HumFree
from .stages.audio_in.microphone_check import CheckedSource
from .stages.audio_in.noise_gate import QuietBatcher
from .stages.audio_in.wake import WakeGate
from .stages.speak import SpeechQueue
from .turn import Turn, TurnServices

STEP = 0.1
"""Seconds of audio after which is looked again whether the reply has begun."""


@dataclass(frozen=True, slots=True)
class Ear:
    """How a session listens."""

    vad: Callable[[], VoiceActivity]
    """Makes a detector of speech; each stream of sound gets its own, for it remembers."""
    timing: Endpointing = field(default_factory=Endpointing)
    barge_in: bool = True
    """Speech ends a reply."""
    echo: Callable[[], EchoCanceller] | None = None
    """Makes what takes our own voice out of the microphone's sound; None where it can't be heard."""
    wake: Callable[[AudioSource], WakeGate] | None = None
    """Closes a microphone until a wake word is said; None: it is open."""
    election: Election | None = None
    """Of the satellites that may hear the same sentence; None: nobody else can."""
    gathers: bool = True
    """In a quiet room sound is looked at in fewer, longer pieces."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a session keeps."""

    intents: int = INTENTS
    """Confirmed ones that a later sentence may refer back to."""
    events: int = 1000
    """That an observer may fall behind."""
    goes_on: int = 3
    """Times that a sentence may go on after a pause that had ended its turn."""


class Session:
    """Turns follow each other; at most one is being answered."""

    def __init__(
        self,
        services: Callable[[], TurnServices],
        ear: Ear,
        sink: AudioSink,
        conversation: Conversation,
        finished: Callable[[TurnRecord], None],
        limits: Limits = Limits(),  # frozen
        feed: Feed | None = None,
    ) -> None:
        """`services` is asked at each turn, so that a changed home is understood from the next sentence on.

        `feed`: where what happens here is told, too.
        """
        self.conversation = conversation
        """As the last turn left it."""
        self._services, self._ear, self._finished = services, ear, finished
        self._canceller = ear.echo() if ear.echo else None
        self._sink = Loudspeaker(sink, self._canceller) if self._canceller else sink
        self._speech = SpeechQueue(self._sink)
        self._limits = limits
        self.id = secrets.token_hex(4)
        self.feed = feed or Feed(limits.events)
        self._endpointer: Endpointer | None = None
        self._listening: asyncio.Future[bool | None] | None = None
        """For somebody to go on."""
        self._standing: tuple[Turn, Callable[[Claim], Awaitable[bool]]] | None = None
        """A turn that others may have heard too, and what says whether it is for us to answer."""
        self._turn: Turn | None = None
        """Being answered, or the last that was."""
        self._last: Turn | None = None
        """The last in which something was said."""
        self._answering: asyncio.Task[None] | None = None
        self._announcing: asyncio.Task[None] | None = None
        self._announcements = asyncio.Lock()
        """People come first, so only one announcement at a time waits to be spoken."""
        self._ending: set[asyncio.Task[TurnRecord]] = set()
        """Turns that are being recorded: that must not be lost with who asked."""

    async def listen(self, source: AudioSource, held: bool = False) -> AsyncIterator[TurnRecord]:
        """A record for each turn, until the source ends. Sound without any speech gives one turn of silence.

        `held`: a button is held down; only the end of the source ends the turn.
        """
        self.stop()
        await self.settled()
        heard = self._without_us(source)
        wake_gate = self._ear.wake(heard) if self._ear.wake else None
        endpointer = self._endpointer = Endpointer(wake_gate or heard, self._ear.vad(), self._ear.timing, held)
        onset: asyncio.Future[bool | None] = asyncio.ensure_future(endpointer.onset())
        turns = 0
        other: Turn | None = None
        try:
            while other or await onset:
                turn = other or self._begun(endpointer, wake_gate)
                if other is None:
                    await turn.listen(endpointer)
                turn, answer, other = await self._whole(turn, endpointer)
                if other is None:
                    onset = asyncio.ensure_future(self._next_onset(endpointer, answer))
                record = await self._recorded(turn, answer, endpointer)
                if other:
                    other.part(self.conversation)
                if wake_gate:
                    wake_gate.cooldown(asked=record.decision is Decision.ASKED)
                yield record
                turns += 1
            if not turns:
                yield self._done(self._begun(endpointer))
        finally:
            for listening in (onset, self._listening):
                if listening:
                    listening.cancel()
            self.stop()
            if isinstance(self._sink, Loudspeaker):
                self._sink.close()

    async def transcribe(self, source: AudioSource) -> AsyncIterator[Utterance]:
        """What is said, utterance by utterance, and nothing is done about it. Raises what hearing raises."""
        endpointer = Endpointer(source, self._ear.vad(), self._ear.timing)
        while await endpointer.onset():
            start = endpointer.onset_at or 0.0
            turn = self._begun(endpointer)
            await turn.listen(endpointer)
            yield turn.utterance(start)

    def hold(self, held: bool) -> None:
        """Whether a button is held down that alone ends the turn being heard."""
        if self._endpointer:
            self._endpointer.held = held

    async def ask(self, said: str | Picked) -> TurnRecord:
        """A typed sentence, or an answer by button; the reply is spoken too."""
        self.stop()
        await self.settled()
        turn = Turn(self._services(), self.conversation, TextClock(), self._speech, self._tell)
        return await self._recorded(turn, self._answer(turn, said))

    async def announce(self, text: str) -> bool:
        """Says something of its own accord (a timer is over), in order of asking, once nobody is being answered.

        False: it was spoken over, or stopped. Raises what speaking raises.
        """
        async with self._announcements:
            while self.busy:
                await self._answered()
            sound = self._services().voice.synthesize(text, self.conversation.language)
            say = self._speech.say(sound, Trace(TextClock()), lambda: self._announced(text))
            self._announcing = asyncio.create_task(say)
            try:
                await asyncio.wait({self._announcing})
            finally:
                self._announcing.cancel()
        if self._announcing.cancelled():
            return False
        self._announcing.result()
        return True

    def stop(self) -> None:
        """Ends what is being said; of what is being done, what has not begun."""
        if self._turn:
            self._turn.halt()
        self._interrupt()

    async def settled(self) -> None:
        """Returns when what was begun is done and recorded."""
        if self._ending:
            await asyncio.wait(self._ending)

    def events(self, capacity: int | None = None) -> Channel[Event]:
        """What happens from now on. A slow observer loses the oldest (and the channel counts them); close to leave."""
        return self.feed.subscribe(self._own, capacity or self._limits.events)

    @property
    def busy(self) -> bool:
        """Whether somebody is being answered."""
        return self._answering is not None and not self._answering.done()

    @property
    def under_way(self) -> UnderWay | None:
        """The stage that the turn being answered is in."""
        return self._turn.under_way if self._turn and self.busy else None

    @property
    def context(self) -> Context:
        """What the next sentence may lean on."""
        return self.conversation.context

    def _without_us(self, source: AudioSource) -> AudioSource:
        """Only sound that comes as it is spoken can hold our own voice."""
        if source.clock.pace != "realtime":
            return HumFree(source)
        checked = HumFree(CheckedSource(QuietBatcher(source) if self._ear.gathers else source))
        if self._canceller and isinstance(self._sink, Loudspeaker):
            alone = EchoCancelled(checked, self._sink, self._canceller)
            return Ducking(alone, self._sink) if self._ear.barge_in else alone
        return checked

    def _begun(self, endpointer: Endpointer, wake_gate: WakeGate | None = None) -> Turn:
        turn = Turn(self._services(), self.conversation, endpointer.clock, self._speech, self._tell)
        if wake_gate and (word := wake_gate.hold()):
            turn.woken(word)
        self._stand(turn, endpointer)
        return turn

    def _stand(self, turn: Turn, endpointer: Endpointer) -> None:
        """As one of those that may have heard it. Who presses a button means this one."""
        election = self._ear.election
        if election and endpointer.clock.pace == "realtime" and not endpointer.held:
            onset, clock = endpointer.onset_at or 0.0, endpointer.clock
            candidate = election.stand(self.id, lambda: clock.now() - onset)
            self._standing = (turn, partial(election.wins, candidate))

    async def _whole(self, turn: Turn, endpointer: Endpointer) -> tuple[Turn, asyncio.Task[None], Turn | None]:
        """The turn once its sentence is over, being answered; and one of which was thought that it goes on with it."""
        answer = self._answer(turn)
        try:
            while turn.goes_on < self._limits.goes_on and await self._resumed(turn, answer, endpointer):
                more = Turn(self._services(), turn.before, endpointer.clock, self._speech, self._tell, turn)
                self._stand(more, endpointer)
                await more.listen(endpointer)
                if not more.belongs:
                    return turn, answer, more
                turn, answer = more, self._answer(more)
        except BaseException:
            self._end(turn, answer, endpointer)  # who listens may go; what was done is recorded all the same
            raise
        return turn, answer, None

    async def _resumed(self, turn: Turn, answer: asyncio.Task[None], endpointer: Endpointer) -> bool:
        """Whether the person goes on within a moment, or before the reply has begun; the answer is then cut off."""
        live = endpointer.clock.pace == "realtime"
        if not turn.resumable_until or (live and not self._ear.barge_in):
            return False
        if not live:
            await asyncio.wait({answer})
        until = turn.resumable_until
        spoke = await self._onset(endpointer, until)
        while spoke is None and live and not (turn.replying or answer.done()):
            until += STEP
            spoke = await self._onset(endpointer, until)
        if not spoke:
            return False
        turn.halt()
        self._interrupt()
        await asyncio.wait({answer})
        self._note_barge_in(turn, answer, endpointer)
        return True

    def _note_barge_in(self, turn: Turn, answer: asyncio.Task[None], endpointer: Endpointer) -> None:
        """Where speech has ended the answer."""
        if answer.cancelled() and endpointer.onset_at is not None:
            turn.interrupted(endpointer.onset_at)

    def _answer(self, turn: Turn, said: str | Picked | None = None) -> asyncio.Task[None]:
        self._turn = turn
        self._answering = asyncio.create_task(self._elected(turn, said))
        return self._answering

    async def _elected(self, turn: Turn, said: str | Picked | None) -> None:
        """Answers, unless another satellite is to."""
        standing, wins = self._standing or (None, None)
        if wins and standing is turn and not await wins(turn.claim()):
            turn.error = ELSEWHERE
        else:
            await turn.answer(said)

    async def _answered(self) -> None:
        if self._answering:
            await asyncio.wait({self._answering})

    async def _onset(self, endpointer: Endpointer, until: float) -> bool | None:
        """As the endpointer's; None as well where no sound comes, as from a page that has stopped sending."""
        self._listening = self._listening or asyncio.ensure_future(endpointer.onset(until))
        patience = max(0.0, until - endpointer.clock.now()) + STEP if endpointer.clock.pace == "realtime" else None
        await asyncio.wait({self._listening}, timeout=patience)
        if not self._listening.done():
            return None
        spoke, self._listening = self._listening.result(), None
        return spoke

    async def _next_onset(self, endpointer: Endpointer, answer: asyncio.Task[None]) -> bool | None:
        """Speech while we answer ends the answer; where that can't be, the ear is closed until the answer is over."""
        listening, self._listening = self._listening, None
        if not self._ear.barge_in or endpointer.clock.pace != "realtime":
            await asyncio.wait({answer})
            return await endpointer.onset()
        spoke = await listening if listening else None
        spoke = await endpointer.onset() if spoke is None else spoke
        if spoke:
            self._interrupt()
        return spoke

    def _interrupt(self) -> None:
        """Silence. What the home is doing goes on, and is recorded."""
        for saying in (self._answering, self._announcing):
            if saying and not saying.done():
                saying.cancel()
                self._sink.stop()

    async def _recorded(
        self, turn: Turn, answer: asyncio.Task[None], endpointer: Endpointer | None = None
    ) -> TurnRecord:
        """Once the answer is over. Who waits for it may go: it is recorded all the same."""
        return await asyncio.shield(self._end(turn, answer, endpointer))

    def _end(
        self, turn: Turn, answer: asyncio.Task[None], endpointer: Endpointer | None = None
    ) -> asyncio.Task[TurnRecord]:
        async def end() -> TurnRecord:
            await asyncio.wait({answer})
            if endpointer:
                self._note_barge_in(turn, answer, endpointer)
            return self._done(turn, answer)

        ending = asyncio.create_task(end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending

    def _done(self, turn: Turn, answer: asyncio.Task[None] | None = None) -> TurnRecord:
        record = turn.record(INTERRUPTED if answer and answer.cancelled() else None)
        self.conversation = turn.after(self._limits.intents)
        if self._last:
            turn.correct(self._last)
        if record.decision is not Decision.SILENCE:
            self._last = turn
        self._finished(record)
        return record

    def _announced(self, text: str) -> None:
        self.conversation = replace(self.conversation, reply=text)
        self._tell(Replying(secrets.token_hex(6), text))

    def _tell(self, event: Event) -> None:
        self.feed.publish(Happening(event, self.id))

    def _own(self, happening: Happening) -> Event | None:
        what = happening.what
        return None if happening.session != self.id or isinstance(what, HomeChanged | HouseholdChanged) else what
