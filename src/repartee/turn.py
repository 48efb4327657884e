"""One utterance, top to bottom: listen, hear, interpret, act, reply, speak.

A conversation goes in; `Turn.after` gives the conversation that comes out.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from .core.clock import Clock
from .core.conversation import INTENTS, Conversation
from .core.election import Claim, Loudness
from .core.errors import NothingWorks, OutOfTime, ReparteeError
from .core.hearing import Hearing, Hypothesis
from .core.intent import Reading
from .core.limiter import PriorityLimiter
from .core.link import Sentence
from .core.plan import Effect, Outcome, Plan, if_all_goes_well
from .core.ports import Synthesizer, Transcriber
from .core.skill import Situation
from .core.spans import Span, Trace, UnderWay
from .core.turn import (
    ELSEWHERE,
    Acted,
    Asking,
    Decision,
    Event,
    Finished,
    Heard,
    Replying,
    Started,
    TurnRecord,
    Utterance,
)
from .core.wake import Detection
from .stages.act import Backends, act, effects_of
from .stages.audio_in.endpointer import Endpoint, Endpointer
from .stages.hear import hear
from .stages.reply import Replies
from .stages.speak import Prepared, SpeechQueue, once
from .stages.understand.interpret import NOTHING_SAID, SILENCE, Act, Ask, Ignore, Interpretation, Interpreter, Say

log = logging.getLogger(__name__)
RESERVE = 0.3
"""Seconds of the deadline that acting leaves to the reply, so that what failed can still be told."""
APOLOGY = 5.0
"""Seconds for telling the person that the turn's own time ran out."""


@dataclass(frozen=True, slots=True)
class TurnServices:
    """What a turn is done with; assembly chooses it."""

    ear: Transcriber
    interpreter: Interpreter
    backends: Backends
    replies: Replies
    voice: Synthesizer
    names: Mapping[str, str] = field(default_factory=dict)
    """Kind to engine name, for the record."""
    deadline: float = 5.0
    """Seconds from the end of speech within which the reply begins, or the turn gives up."""
    concurrency: int = 4
    """Service calls of one plan under way at once."""
    limiter: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before thinking and acting: people's turns go before background work."""
    hurried: bool = False
    """Answers have come late: only what the answer needs is done, nothing on a guess. A language model is not asked,
    and that is said."""
    open_ear: bool = False
    """What an open microphone hears is meant for us, so that links that take time are asked about it, too."""


@dataclass(frozen=True, slots=True)
class Picked:
    """An answer by button."""

    question: str
    """Id of the question."""
    choice: int
    """Which of its choices, from 0."""


class Turn:
    """`listen` (where there is sound), then `answer`, then `record`. Used once."""

    def __init__(
        self,
        services: TurnServices,
        conversation: Conversation,
        clock: Clock,
        speech: SpeechQueue,
        tell: Callable[[Event], None],
    ) -> None:
        self.id = secrets.token_hex(6)
        self.before = conversation
        self._services, self._speech, self._tell = services, speech, tell
        self._trace = Trace(clock)
        self._at = time.time()
        self._broken: Exception | None = None
        self._endpoint = Endpoint(speech_end=clock.now(), reason="text")
        self._heard: tuple[Hypothesis, tuple[Hypothesis, ...]] | None = None
        self._heard_by = ""
        """Name of the recogniser that really heard it."""
        self._called = False
        """A wake word opened the microphone for it."""
        self._heard_out = False
        """The reply was spoken to its end."""
        self._prepared = Prepared()
        self._halted = False
        self._loudness = Loudness()
        self.wins: Callable[[Claim], Awaitable[bool]] | None = None
        """Where other satellites may hear the same sentence: whether this one is to answer."""
        self._interpreted = NOTHING_SAID
        self._decided = False
        """Whether the interpretation is of the whole sentence, not a guess."""
        self.transcript = ""
        self.outcomes: tuple[Outcome, ...] = ()
        """As far as it has got; added to as things happen."""
        self.reply = ""
        self.error: str | None = None
        tell(Started(self.id))

    async def listen(self, endpointer: Endpointer) -> None:
        """Until the person has finished; each partial is planned already, the last guess is the answer."""
        audio = self._loudness.of(endpointer.utterance(self._endpoint))
        try:
            expect = self._services.interpreter.understanding.expect(self.before.context)
            async for hearing in hear(audio, self._services.ear, expect, self._trace):
                self._heard_by = hearing.engine or self._heard_by
                self._consider(hearing)
        except Exception as error:  # the turn's edge, as in `answer`, which will tell the person
            self._broken = error
            async for _ in audio:  # the person goes on speaking; it is still this turn
                pass
        self._trace.spans.append(Span("listen", self._endpoint.speech_end, None, self._endpoint.decided))

    def utterance(self, start: float) -> Utterance:
        """What was listened to, from second `start` on. Raises what went wrong with it."""
        if self._broken:
            raise self._broken
        likelihood = self._heard[0].log_likelihood if self._heard else 0.0
        return Utterance(self.transcript, start, self._endpoint.speech_end, likelihood)

    async def answer(self, said: str | Picked | None = None) -> None:
        """Does what was heard (or `said`) and replies, or says why not. Never raises but for cancellation."""
        try:
            if self._broken:
                raise self._broken
            if self.wins and not await self.wins(self._claim()):
                self.error = ELSEWHERE
                return
            async with asyncio.timeout_at(self._deadline()) as limit:
                async with self._services.limiter:
                    words = await self._do(said)
                if words is not None:
                    await self._speak(words, begun=lambda: limit.reschedule(None))
        except TimeoutError:
            await self._apologise(OutOfTime(f"not done after {self._services.deadline:g} s"))
        except ReparteeError as error:
            await self._apologise(error)
        except Exception as error:  # the turn's edge: whatever else breaks, the person is told and the house goes on
            log.exception("turn %s broke", self.id)
            await self._apologise(ReparteeError(f"{type(error).__name__}: {error}"))

    def _claim(self) -> Claim:
        text, meant = self._interpreted.text, isinstance(self._interpreted.meaning, Act | Ask)
        likelihood = self._heard[0].log_likelihood if self._heard else 0.0
        return Claim(text, meant, self._loudness.level, likelihood / max(1, len(text)))

    def halt(self) -> None:
        """What has not begun is not done any more; what is under way is awaited and recorded."""
        self._halted = True

    def woken(self, word: Detection) -> None:
        """By a wake word: when it ended, was noticed, was sure. Without a visible end, from the notice on."""
        self._called = True
        if word.ended is None:
            self._trace.spans.append(Span("wake_word", word.fired, None, word.settled))
        else:
            self._trace.spans.append(Span("wake_word", min(word.ended, word.fired), word.fired, word.settled))

    def interrupted(self, since: float) -> None:
        """Somebody spoke over the reply, from audio second `since` on; now it is silent."""
        spoken = next((s.first for s in self._trace.spans if s.stage == "speak" and s.first is not None), None)
        if spoken is not None:
            self._trace.spans.append(Span("barge_in", max(since, spoken), None, self._trace.clock.now()))

    @property
    def under_way(self) -> UnderWay | None:
        """The stage that it is in; speaking may take as long as it takes."""
        stage = self._trace.under_way
        return None if stage and stage.stage == "speak" else stage

    @property
    def reading(self) -> Reading | None:
        return self._interpreted.reading if self._decided else None

    @property
    def effects(self) -> tuple[Effect, ...]:
        return effects_of(self.outcomes)

    def after(self, intents: int = INTENTS) -> Conversation:
        """The conversation as this turn leaves it. `intents`: how many confirmed ones are kept."""
        before, meaning = self.before, self._interpreted.meaning
        question = meaning.question if self._decided and isinstance(meaning, Ask) else None
        confirmed = any(effect.confirmed for effect in self.effects)
        meant = [part.intent for part in self.reading.parts] if self.reading and confirmed else []
        done = before.meant(meant, intents).did(self.outcomes)
        cut_off = isinstance(meaning, Say) and not self._heard_out
        return replace(done, question=question).said(self.transcript, self.reply, cut_off)

    def correct(self, last: Turn) -> None:
        """Where this was "no, the other one": what the turn before was taken for is not remembered. The answer to a
        question of ours corrects nothing."""
        if self.reading is None or self.before.question:
            return
        meaning = last._interpreted.meaning
        made = meaning.made if isinstance(meaning, Act) else None
        self._services.interpreter.correct(self.transcript, last.transcript, last.before.context, made)

    def record(self, error: str | None = None) -> TurnRecord:
        """What came of it; observers are told."""
        self._prepared.drop()
        self._keep_plan()
        question = self._interpreted.meaning.question if isinstance(self._interpreted.meaning, Ask) else None
        asked = question if self._decided else None
        record = TurnRecord(
            id=self.id,
            at=self._at,
            transcript=self.transcript,
            decision=self._decision(),
            reading=self.reading,
            question=self.reply if asked else None,
            question_id=asked.id if asked else None,
            alternatives=asked.doubt.labels if asked else (),
            effects=self.effects,
            reply=self.reply,
            speech_end=self._endpoint.speech_end,
            wait_class=self._endpoint.reason,
            spans=tuple(sorted(self._trace.spans, key=lambda span: span.start)),
            engines={**self._services.names, **({"stt": self._heard_by} if self._heard_by else {})},
            pace=self._trace.clock.pace,
            error=error or self.error,
        )
        self._tell(Finished(record))
        return record

    def _consider(self, hearing: Hearing) -> None:
        """The words so far: shown, interpreted, and read for how long a silence would end the turn."""
        if (hearing.free, hearing.home) != self._heard:
            self._heard = (hearing.free, hearing.home)
            now, endpoint = self._situation(), self._endpoint
            self._interpreted = self._services.interpreter.interpret(hearing, now, self.id)
            endpoint.status = self._services.interpreter.status(hearing, now)
            endpoint.clarity, endpoint.sensible = self._interpreted.clarity, self._interpreted.sensible
            if not self._services.hurried:
                self._prepared.guess(self._foreseen(), self.before.language, self._services.voice)
        self.transcript = self._interpreted.text
        self._tell(Heard(self.id, self.transcript, hearing.final))

    async def _do(self, said: str | Picked | None) -> AsyncGenerator[str, None] | None:
        """Interprets, acts, and finds the words for what came of it; None: nothing is said."""
        with self._trace.span("understand"):
            self._interpreted = self._settled(said)
            self.transcript = self._interpreted.text
        self._interpreted = await self._pondered(addressed=said is not None or self._called)
        self._decided, self.transcript = True, self._interpreted.text
        self._services.interpreter.decided(self._interpreted, self.before)
        match self._interpreted.meaning:
            case Act(made=made):
                await self._act(made.plan)
                now = self._situation()
                return once(self._services.replies.render(self.outcomes, now.home, now.states, self.before.language))
            case Ask(question=question):
                self._tell(Asking(self.id, question.id, question.doubt.labels))
                return once(self._services.replies.ask(question.doubt, self.before.language))
            case Say(words=words):
                return words
            case Ignore(reason=reason, told=told):
                return once(self._services.replies.error(reason, self.before.language)) if told else None

    def _settled(self, said: str | Picked | None) -> Interpretation:
        """Of the last guess, in the home as it is by now; of what was typed or picked, at once."""
        interpreter, now, guess = self._services.interpreter, self._situation(), self._interpreted
        match said:
            case str():
                return interpreter.typed(said, now, self.id)
            case Picked(question=question, choice=choice):
                return interpreter.chosen(question, choice, now, self.id)
        return interpreter.settled(guess.text, guess.reading, now, self.id) if guess.reading else guess

    async def _pondered(self, addressed: bool) -> Interpretation:
        """What the links that take time make of a sentence that nothing quick knows."""
        services, guess = self._services, self._interpreted
        addressed = addressed or services.open_ear or self._endpoint.reason == "released"
        sentence = Sentence(guess.text, self._situation(), self.id, addressed, services.hurried)
        return await services.interpreter.pondered(guess, sentence, self._trace)

    async def _act(self, plan: Plan) -> None:
        """Whatever ends the turn meanwhile, what the home is doing is awaited and recorded."""
        if not plan.steps:
            return
        with self._trace.span("act"):
            until, services = self._deadline() - RESERVE, self._services
            deeds = act(plan, services.backends, until, services.concurrency, self._done, lambda: self._halted)
            task = asyncio.create_task(deeds)
            try:
                self.outcomes = await asyncio.shield(task)
            except asyncio.CancelledError:
                await asyncio.wait({task})
                self.outcomes = task.result()
                raise

    def _done(self, outcomes: Sequence[Outcome]) -> None:
        """Some of it has happened."""
        self.outcomes = (*self.outcomes, *outcomes)
        if effects := effects_of(outcomes):
            self._tell(Acted(self.id, effects))

    def _situation(self) -> Situation:
        return self._services.backends.situation(self.before, turn=self.id)

    def _foreseen(self) -> str:
        """The reply to what was said so far if all goes well: its sound can be made while we wait."""
        meaning, language = self._interpreted.meaning, self.before.language
        if isinstance(meaning, Ask):
            return self._services.replies.ask(meaning.question.doubt, language)
        if not isinstance(meaning, Act):
            return ""
        now = self._situation()
        return self._services.replies.render(if_all_goes_well(meaning.plan), now.home, now.states, language)

    def _keep_plan(self) -> None:
        """For the next time, where the home has confirmed all of it."""
        meaning, effects = self._interpreted.meaning, self.effects
        if isinstance(meaning, Act) and effects and all(effect.confirmed for effect in effects):
            self._services.interpreter.plans.keep(meaning.made, self._services.backends.routes)

    def _decision(self) -> Decision:
        match self._interpreted.meaning if self._decided else None:
            case Act(made=made) if all(step.doubt for step in made.plan.steps):
                return Decision.REJECTED
            case Act():
                return Decision.ACTED if self.outcomes else Decision.CANCELLED
            case Ask():
                return Decision.ASKED
            case Say():
                return Decision.ACTED
            case Ignore(reason=reason):
                return Decision.SILENCE if reason is SILENCE else Decision.REJECTED
        return Decision.CANCELLED if self.transcript.strip() else Decision.SILENCE

    async def _apologise(self, error: ReparteeError) -> None:
        self.error, self.reply = str(error), ""
        try:
            async with asyncio.timeout(APOLOGY):
                await self._speak(once(self._services.replies.apology(error, self.before.language)))
        except (TimeoutError, ReparteeError) as silent:
            log.warning("turn %s: the apology could not be spoken: %s", self.id, silent)

    async def _speak(self, words: AsyncGenerator[str, None], begun: Callable[[], None] = lambda: None) -> None:
        """What no voice could say stands to be read: it was done all the same. The stream of words is closed when the
        listener is gone."""
        sound = self._prepared.synthesize(self._told(words), self.before.language, self._services.voice)
        try:
            async with aclosing(words):
                await self._speech.say(sound, self._trace, begun)
            self._heard_out = True
        except NothingWorks as silent:
            self.error = self.error or str(silent)
            log.warning("turn %s: %s", self.id, silent)

    async def _told(self, words: AsyncIterator[str]) -> AsyncIterator[str]:
        """The same words, shown as they come."""
        async for piece in words:
            self.reply += piece
            self._tell(Replying(self.id, self.reply))
            yield piece

    def _deadline(self) -> float:
        """Of the running loop: when the reply must have begun."""
        spent = self._trace.clock.now() - self._endpoint.speech_end
        return asyncio.get_running_loop().time() + self._services.deadline - spent
