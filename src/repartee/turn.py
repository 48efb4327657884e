"""One utterance, top to bottom: listen, hear, understand, act, speak."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from repartee.core.limiter import PriorityLimiter
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer
from repartee.stages.hear import hear
from repartee.stages.understand.clarification import Listener, answered
from repartee.stages.understand.confirmation import ConfirmationPolicy, with_confirmation
from repartee.stages.understand.decision import Choice, DecisionThresholds, Prior, choose, prior, under_way
from repartee.stages.understand.plan_cache import CachedPlan, PlanCache
from repartee.stages.understand.planning import decide, plan

from .core.clock import Clock
from .core.errors import NothingWorks, OutOfTime, ReparteeError
from .core.hearing import Hearing, Hypothesis
from .core.intent import Context, Reading
from .core.plan import Doubt, Outcome, Plan
from .core.ports import AudioSink, Synthesizer, Transcriber, Understanding
from .core.skill import NEW, Asked, Recent, Situation, Skills
from .core.spans import Span, Trace
from .core.turn import Decision, Event, Finished, Heard, Replying, Started, TurnRecord
from .core.wake import Detection
from .grammar.cache import CachedUnderstanding
from .stages.act import Backends, act, effects_of
from .stages.reply import Replies
from .stages.speak import Prepared, speak

log = logging.getLogger(__name__)
RESERVE = 0.3
"""Seconds of the deadline that acting leaves to the reply, so that what failed can still be told."""
APOLOGY = 5.0
"""Seconds for telling the person that the turn's own time ran out."""


@dataclass(frozen=True, slots=True)
class TurnServices:
    """Who does the work of a turn; assembly chooses them."""

    ear: Transcriber
    understanding: Understanding
    skills: Skills
    backends: Backends
    replies: Replies
    voice: Synthesizer
    names: Mapping[str, str] = field(default_factory=dict)
    """Kind to engine name, for the record."""
    deadline: float = 5.0
    """Seconds from the end of speech within which the reply begins, or the turn gives up."""
    confidence: float = 0.8
    """Score from which a reading is acted on."""
    thresholds: DecisionThresholds = field(default_factory=DecisionThresholds)
    """When what was heard is acted on."""
    concurrency: int = 4
    """Service calls of one plan under way at once."""
    policy: ConfirmationPolicy = field(default_factory=ConfirmationPolicy)
    """What wants a yes first, and what may not be done at all."""
    plans: PlanCache = field(default_factory=PlanCache)
    """Those that worked, remembered."""
    line: PriorityLimiter = field(default_factory=lambda: PriorityLimiter("turns"))
    """Before thinking and acting: turns overtake what nobody waits for."""
    hurried: bool = False
    """Answers have come late: only what the answer needs is done, nothing on a guess. Memory and language models, where
    there are any, are not asked."""


class Understood(NamedTuple):
    """What a turn took a sentence for, as far as it takes to forget that."""

    text: str
    context: Context
    made: CachedPlan | None


class Turn:
    """`listen` (where there is sound), then `answer`, then `record`. Used once."""

    def __init__(
        self,
        services: TurnServices,
        context: Context,
        clock: Clock,
        sink: AudioSink,
        tell: Callable[[Event], None],
        recent: Recent = NEW,
    ) -> None:
        self.id = secrets.token_hex(6)
        self.context = context
        self._recent = recent
        self._services, self._sink, self._tell = services, sink, tell
        self._trace = Trace(clock)
        self._at = time.time()
        self._broken: Exception | None = None
        self._endpoint = Endpoint(speech_end=clock.now(), reason="text")
        self._heard: tuple[Hypothesis, tuple[Hypothesis, ...]] | None = None
        self._guess = Choice("", None)
        self._prepared = Prepared()
        self._decision = Decision.SILENCE
        self.transcript = ""
        self.reading: Reading | None = None
        self.plan = Plan()
        self._made: CachedPlan | None = None
        self.outcomes: tuple[Outcome, ...] = ()
        self.reply = ""
        self.error: str | None = None
        tell(Started(self.id))

    async def listen(self, endpointer: Endpointer) -> None:
        """Until the person has finished; each partial is planned already, the last guess is the answer."""
        audio = endpointer.utterance(self._endpoint)
        try:
            expect = self._services.understanding.expect(self.context)
            async for hearing in hear(audio, self._services.ear, expect, self._trace):
                self._consider(hearing)
        except Exception as error:  # the turn's edge, as in `answer`, which will tell the person
            self._broken = error
            async for _ in audio:  # the person goes on speaking; it is still this turn
                pass
        self._trace.spans.append(Span("listen", self._endpoint.speech_end, None, self._endpoint.decided))

    async def answer(self, text: str | None = None) -> None:
        """Does what was said (or what `text` says) and replies, or says why not. Never raises but for cancellation."""
        self.transcript = self.transcript if text is None else text
        try:
            if self._broken:
                raise self._broken
            async with asyncio.timeout_at(self._deadline()) as limit:
                async with self._services.line:
                    await self._do()
                await self._speak(begun=lambda: limit.reschedule(None))
        except TimeoutError:
            await self._apologise(OutOfTime(f"not done after {self._services.deadline:g} s"))
        except ReparteeError as error:
            await self._apologise(error)
        except Exception as error:  # the turn's edge: whatever else breaks, the person is told and the house goes on
            log.exception("turn %s broke", self.id)
            await self._apologise(ReparteeError(f"{type(error).__name__}: {error}"))

    def woken(self, word: Detection) -> None:
        """By a wake word: when it ended, was noticed, was sure. Without a visible end, from the notice on."""
        if word.ended is None:
            self._trace.spans.append(Span("wake_word", word.fired, None, word.settled))
        else:
            self._trace.spans.append(Span("wake_word", min(word.ended, word.fired), word.fired, word.settled))

    def interrupted(self, since: float) -> None:
        """Somebody spoke over the reply, from audio second `since` on; now it is silent."""
        spoken = next((s.first for s in self._trace.spans if s.stage == "speak" and s.first is not None), None)
        if spoken is not None:
            self._trace.spans.append(Span("barge_in", max(since, spoken), None, self._trace.clock.now()))

    def record(self, error: str | None = None) -> TurnRecord:
        """What came of it; observers are told."""
        self._prepared.drop()
        self._keep_plan()
        reading = self.reading
        record = TurnRecord(
            id=self.id,
            at=self._at,
            transcript=self.transcript,
            decision=self._decision,
            reading=reading,
            question=self.reply if self._decision is Decision.ASKED else None,
            alternatives=self._alternatives(),
            effects=effects_of(self.outcomes),
            reply=self.reply,
            speech_end=self._endpoint.speech_end,
            wait_class=self._endpoint.reason,
            spans=tuple(sorted(self._trace.spans, key=lambda span: span.start)),
            engines=self._services.names,
            pace=self._trace.clock.pace,
            error=error or self.error,
        )
        self._tell(Finished(record))
        return record

    def _consider(self, hearing: Hearing) -> None:
        """The words so far: shown, read, and read for how long a silence would end the turn."""
        if (hearing.free, hearing.home) != self._heard:
            self._heard = (hearing.free, hearing.home)
            self._guess = self._chosen(hearing)
            sayable = under_way(hearing, self._services.thresholds)
            self._endpoint.status = self._services.understanding.status(sayable, self.context)
            self._endpoint.clarity, self._endpoint.sensible = self._guess.clarity, self._guess.sensible
            if not self._services.hurried:
                self._prepared.guess(self._reply_without_deeds(), self.context.language, self._services.voice)
        self.transcript = self._guess.text
        self._tell(Heard(self.id, self.transcript, hearing.final))

    def _chosen(self, hearing: Hearing) -> Choice:
        """What was said: the answer to what we asked, or the likeliest thing that makes sense here and now."""
        if answer := self._answer_to(hearing.text):
            return Choice(hearing.text, answer)
        thresholds = self._services.thresholds
        now = self._services.backends.situation(self.context, recent=self._recent)

        def usual(reading: Reading) -> Prior:
            return prior(plan(reading, self._services.skills, now), now.states, self.context.history, thresholds)

        return choose(hearing, self._read, usual, thresholds)

    def _reply_without_deeds(self) -> str:
        """The reply to what was said so far, where it takes no deed: its sound can be made while we wait."""
        reading = self._guess.reading
        guessed = self._planned(reading).plan if reading and reading.acts else Plan()
        if not guessed.steps or guessed.actions or any(step.doubt for step in guessed.steps):
            return ""
        now = self._services.backends.situation(self.context)
        outcomes = tuple(Outcome(step) for step in guessed.steps)
        return self._services.replies.render(outcomes, now.home, now.states, self.context.language)

    def _read(self, text: str) -> Reading | None:
        """The one reading to go by, if any: an answer to what we asked, or a sentence of its own."""
        return self._answer_to(text) or decide(
            self._services.understanding.parse(text, self.context), self._services.confidence
        )

    def _answer_to(self, text: str) -> Reading | None:
        if self._recent.asked is None:
            return None
        services, home = self._services, self._services.backends.main.home
        parse = partial(services.understanding.parse, context=self.context)
        return answered(self._recent.asked, text, Listener(home, parse, self.context.language, services.policy.pin))

    def recent(self) -> Recent:
        """What the next sentence may refer to."""
        changed = any(effect.confirmed for effect in effects_of(self.outcomes))
        outcomes = self.outcomes if changed else self._recent.outcomes
        return Recent(outcomes, self.reply or self._recent.reply, self._asked())

    def _asked(self) -> Asked | None:
        if self._decision is not Decision.ASKED or self.reading is None:
            return None
        doubt = self.plan.question or Doubt(self.reading.question or "", choices=self.reading.alternatives)
        return Asked(self.transcript, self.reading, doubt)

    async def _do(self) -> None:
        """Understands, acts, and finds the words for what came of it."""
        with self._trace.span("understand"):
            known = self._guess.text == self.transcript
            self.reading = self._guess.reading if known else self._read(self.transcript)
            if self.reading and not self.reading.question:
                self._made = self._planned(self.reading)
                self.plan = self._made.plan
            self._decision = self._decide()
        if self.plan.steps:
            with self._trace.span("act"):
                until = self._deadline() - RESERVE
                self.outcomes = await act(self.plan, self._services.backends, until, self._services.concurrency)
        self.reply = self._words()
        if self.reply:
            self._tell(Replying(self.id, self.reply))

    def _planned(self, reading: Reading) -> CachedPlan:
        services, context = self._services, self.context

        def make(situation: Situation) -> Plan:
            made = plan(reading, services.skills, situation)
            return (
                made
                if reading.confirmed
                else with_confirmation(made, services.policy, situation.home, context.language, situation.states)
            )

        return services.plans.plan(reading, services.backends.situation(context, recent=self._recent), make)

    def _keep_plan(self) -> None:
        """For the next time, where the home has confirmed all of it."""
        effects = effects_of(self.outcomes)
        if self._made and effects and all(effect.confirmed for effect in effects):
            self._services.plans.keep(self._made, self._services.backends.routes)

    @property
    def understood(self) -> Understood:
        return Understood(self.transcript, self.context, self._made)

    def correct(self, before: Understood) -> None:
        """Where this was "no, the other one": what the turn before was taken for is not remembered. The answer to a
        question of ours corrects nothing."""
        known = self._services.understanding
        if self.reading is None or self._recent.asked or not isinstance(known, CachedUnderstanding):
            return
        if known.corrects(self.transcript):
            known.forget(before.text, before.context)
            if before.made:
                self._services.plans.forget(before.made)

    def _decide(self) -> Decision:
        if not self.transcript.strip():
            return Decision.SILENCE
        if self.reading is None:
            return Decision.REJECTED
        if self.reading.question or self.plan.question:
            return Decision.ASKED
        return Decision.REJECTED if all(step.doubt for step in self.plan.steps) else Decision.ACTED

    def _alternatives(self) -> tuple[str, ...]:
        if self.reading and self.reading.question:
            return self.reading.alternatives
        return self.plan.question.choices if self.plan.question else ()

    def _words(self) -> str:
        if self._decision is Decision.SILENCE:
            return ""
        if self.reading is None:
            overheard = self._heard is not None and bool(self._heard[1])
            return "" if overheard else self._services.replies.error(Doubt("no_intent"), self.context.language)
        if self.reading.question:
            doubt = Doubt(self.reading.question, choices=self.reading.alternatives)
            return self._services.replies.ask(doubt, self.context.language)
        now = self._services.backends.situation(self.context)
        return self._services.replies.render(self.outcomes, now.home, now.states, self.context.language)

    async def _apologise(self, error: ReparteeError) -> None:
        self.error = str(error)
        self.reply = self._services.replies.apology(error, self.context.language)
        self._tell(Replying(self.id, self.reply))
        try:
            async with asyncio.timeout(APOLOGY):
                await self._speak()
        except (TimeoutError, ReparteeError) as silent:
            log.warning("turn %s: the apology could not be spoken: %s", self.id, silent)

    async def _speak(self, begun: Callable[[], None] = lambda: None) -> None:
        """What no voice could say stands to be read: it was done all the same."""
        sound = self._prepared.synthesize(self.reply, self.context.language, self._services.voice)
        try:
            await speak(sound, self._sink, self._trace, begun)
        except NothingWorks as silent:
            self.error = self.error or str(silent)
            log.warning("turn %s: %s", self.id, silent)

    def _deadline(self) -> float:
        """Of the running loop: when the reply must have begun."""
        spent = self._trace.clock.now() - self._endpoint.speech_end
        return asyncio.get_running_loop().time() + self._services.deadline - spent
