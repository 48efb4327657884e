"""One utterance, top to bottom: listen, hear, interpret, act, reply, speak.

A conversation goes in; `Turn.after` gives the conversation that comes out.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from ..core.amendment import states_before
from ..core.audio import AudioChunk
from ..core.clock import Clock
from ..core.conversation import INTENTS, Conversation
from ..core.errors import NothingWorks, OutOfTime, ReparteeError
from ..core.hearing import Hearing, Hypothesis
from ..core.intent import Reading
from ..core.link import Sentence
from ..core.plan import Outcome, Plan, as_hoped
from ..core.restoring import lasts
from ..core.skill import Situation
from ..core.spans import Span, Trace, UnderWay
from ..core.turn import (
    Acted,
    Asking,
    Event,
    Finished,
    Heard,
    Picked,
    Replying,
    Started,
    TurnRecord,
    Utterance,
)
from ..core.wake import Detection
from ..stages.act import effects_of
from ..stages.audio_in.endpointer import Endpoint, Utterances
from ..stages.hear import going_on, hear, heard_alone, keeping
from ..stages.speak import Prepared, SpeechQueue, once
from ..stages.understand.continuation import belongs
from ..stages.understand.interpret import NOTHING_SAID, Act, Ask, Ignore, Interpretation, Say, decision_of
from ..stages.understand.looks import Looks
from .claims import Claim, claim_of
from .deeds import Deeds
from .services import TurnServices

__all__ = ["APOLOGY", "Turn", "TurnServices"]
log = logging.getLogger(__name__)
RESERVE = 0.3
"""Seconds of the deadline that acting leaves to the reply, so that what failed can still be told."""
LEAST_RESUME = 0.5
"""Seconds after the end of a turn in which its sentence may go on, however long was waited before."""
APOLOGY = 5.0
"""Seconds for telling the person that the turn's own time ran out."""


class Turn:
    """`listen` (where there is sound), then `answer`, then `record`. Used once."""

    def __init__(
        self,
        services: TurnServices,
        conversation: Conversation,
        clock: Clock,
        speech: SpeechQueue,
        tell: Callable[[Event], None],
        continues: Turn | None = None,
    ) -> None:
        """`continues`: a turn whose sentence perhaps goes on with what is heard now; then it is the same turn."""
        self.id: str = continues.id if continues else secrets.token_hex(6)
        self.before = conversation
        self.continues = continues
        self._services, self._speech, self._tell = services, speech, tell
        self._trace = Trace(clock)
        self._at = time.time()
        self._broken: Exception | None = None
        self._endpoint = Endpoint(speech_end=clock.now(), reason="text")
        self._heard: tuple[Hypothesis, tuple[Hypothesis, ...]] | None = None
        self._heard_by = ""
        """Name of the recogniser that really heard it."""
        self._sound: list[AudioChunk] = []
        """All that was said, from the beginning of the sentence."""
        self._rest: Hearing | None = None
        """What came after the pause, heard alone."""
        self._called: bool = continues is not None and continues._called
        """A wake word opened the microphone for it."""
        self._heard_out = False
        """The reply was spoken to its end."""
        self._looks, self._prepared = Looks(), Prepared()
        self._interpreted = NOTHING_SAID
        self._decided = False
        """Whether the interpretation is of the whole sentence, not a guess."""
        self.transcript = ""
        self.deeds: Deeds = self._deeds(continues.deeds if continues else None)
        self.reply = ""
        self.error: str | None = None
        if continues is None:
            tell(Started(self.id))
        services.begun(self.id, conversation)

    async def listen(self, endpointer: Utterances) -> None:
        """Until the person has finished; each partial is planned already, the last guess is the answer."""
        before = list(self.continues._sound) if self.continues else []
        audio, services = keeping(endpointer.utterance(self._endpoint), self._sound), self._services
        try:
            expect = services.interpreter.understanding.expect(self.before.context)
            async for hearing in hear(going_on(before, audio), services.ear, expect, self._trace, services.backlog):
                self._heard_by = hearing.engine or self._heard_by
                self._consider(hearing)
            if self.continues:
                self._rest = await heard_alone(self._sound, services.ear, expect)
        except Exception as error:  # the turn's edge, as in `answer`, which will tell the person
            self._broken = error
            async for _ in audio:  # the person goes on speaking; it is still this turn
                pass
        self._sound = [*before, *self._sound]
        self._trace.spans.append(Span("listen", self._endpoint.speech_end, None, self._endpoint.decided))

    @property
    def belongs(self) -> bool:
        """Whether what was heard goes on with the sentence before; otherwise it is one of its own."""
        first, rest = self.continues, self._rest
        if first is None or rest is None or self._broken:
            return False
        leaning_on_nothing = Conversation(replace(self.before.context, history=()))
        alone = self._services.interpreter.interpret(rest, self._situation(leaning_on_nothing), self.id)
        return belongs(first._interpreted, bool(first.deeds.effects), self._interpreted, alone)

    def _deeds(self, first: Deeds | None = None) -> Deeds:
        return Deeds(self._services, lambda effects: self._tell(Acted(self.id, effects)), first)

    def part(self, conversation: Conversation) -> None:
        """It is a sentence of its own, said after that one."""
        rest = self._rest
        self.id, self.before, self.continues, self._heard = secrets.token_hex(6), conversation, None, None
        self.deeds = self._deeds()
        self._tell(Started(self.id))
        if rest is not None:
            self._consider(rest)

    @property
    def goes_on(self) -> int:
        """How often the sentence has gone on after a pause that had ended the turn."""
        return self.continues.goes_on + 1 if self.continues else 0

    @property
    def resumable_until(self) -> float:
        """Audio seconds up to which what is said may belong to it."""
        moment, endpoint = self._services.resume, self._endpoint
        return max(endpoint.speech_end + moment, endpoint.decided + LEAST_RESUME) if moment else 0.0

    @property
    def replying(self) -> bool:
        """Whether the reply has begun to be heard."""
        return any(span.stage == "speak" and span.first is not None for span in self._trace.spans)

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
            async with asyncio.timeout_at(self._deadline()) as limit:
                async with self._services.limiter:
                    words = await self._do(said)
                if words is not None:
                    await self._speak(words, begun=lambda: limit.reschedule(None))
        except TimeoutError:
            await self._apologise(OutOfTime.after(self._services.deadline))
        except ReparteeError as error:
            await self._apologise(error)
        except Exception as error:  # the turn's edge: whatever else breaks, the person is told and the house goes on
            log.exception("turn %s broke", self.id)
            await self._apologise(ReparteeError(f"{type(error).__name__}: {error}"))

    def claim(self) -> Claim:
        return claim_of(self._interpreted, self._heard, self._sound)

    def halt(self) -> None:
        """What has not begun is not done any more; what is under way is awaited and recorded."""
        self.deeds.halt()

    def woken(self, word: Detection) -> None:
        """By a wake word: when it ended, was noticed, was sure. Without a visible end, from the notice on."""
        self._called = True
        if word.ended is None:
            self._trace.spans.append(Span("wake_word", word.fired, None, word.settled))
        else:
            self._trace.spans.append(Span("wake_word", min(word.ended, word.fired), word.fired, word.settled))

    def interrupted(self, since: float) -> None:
        """Somebody spoke over the reply, from audio second `since` on; now it is silent. The first time counts."""
        spoken = next((s.first for s in self._trace.spans if s.stage == "speak" and s.first is not None), None)
        if spoken is not None and not any(span.stage == "barge_in" for span in self._trace.spans):
            self._trace.spans.append(Span("barge_in", max(since, spoken), None, self._trace.clock.now()))

    @property
    def under_way(self) -> UnderWay | None:
        """The stage that it is in; speaking may take as long as it takes."""
        stage = self._trace.under_way
        return None if stage and stage.stage == "speak" else stage

    @property
    def reading(self) -> Reading | None:
        return self._interpreted.reading if self._decided else None

    def after(self, intents: int = INTENTS) -> Conversation:
        """The conversation as this turn leaves it. `intents`: how many confirmed ones are kept."""
        before, meaning = self.before, self._interpreted.meaning
        question = meaning.question if self._decided and isinstance(meaning, Ask) else None
        confirmed = any(effect.confirmed for effect in self.deeds.effects)
        meant = [part.intent for part in self.reading.parts] if self.reading and confirmed else []
        done = before.meant(meant, intents).did(self.deeds.outcomes)
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
        asked = meaning.question if isinstance(meaning := self._interpreted.meaning, Ask) and self._decided else None
        record = TurnRecord(
            id=self.id,
            at=self._at,
            transcript=self.transcript,
            decision=decision_of(
                self._interpreted.meaning if self._decided else None, bool(self.deeds.outcomes), self.transcript
            ),
            reading=self.reading,
            question=self.reply if asked else None,
            question_id=asked.id if asked else None,
            alternatives=asked.doubt.labels if asked else (),
            effects=self.deeds.effects,
            taken_back=effects_of(self.deeds.taken_back),
            amended=self.deeds.amended,
            reply=self.reply,
            speech_end=self._endpoint.speech_end,
            wait_class=self._endpoint.reason,
            spans=tuple(sorted(self._trace.spans, key=lambda span: span.start)),
            engines={**self._services.names, **({"stt": self._heard_by} if self._heard_by else {})},
            pace=self._trace.clock.pace,
            error=error or self.error,
            looks=self._looks.of(self.transcript),
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
            self._looks.add(hearing, self._interpreted.text, endpoint.status)
            meaning = self._interpreted.meaning
            endpoint.lasting = isinstance(meaning, Act) and lasts(meaning.plan.actions)
            if self._services.prepares and not self._services.hurried:
                self._prepared.guess(self._foreseen(), self.before.language, self._services.voice)
        self.transcript = self._interpreted.text
        self._tell(Heard(self.id, self.transcript, hearing.final))

    async def _do(self, said: str | Picked | None) -> AsyncGenerator[str, None] | None:
        """Interprets, acts, and finds the words for what came of it; None: nothing is said."""
        with self._trace.span("understand"):
            self._interpreted = self._settled(said)
            self.transcript = self._interpreted.text
        self._interpreted = await self._asked_of_links(addressed=said is not None or self._called)
        self._decided, self.transcript = True, self._interpreted.text
        self._services.interpreter.decided(self._interpreted, self.before)
        meaning = self._interpreted.meaning
        todo = meaning.plan if isinstance(meaning, Act) else Plan()
        await self.deeds.do(todo, self._deadline() - RESERVE, self._trace)
        match meaning:
            case Act():
                return once(self._told_of(self.deeds.outcomes)) if not self._told_already else None
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

    async def _asked_of_links(self, addressed: bool) -> Interpretation:
        """What the links that take time make of a sentence that nothing quick knows."""
        services, guess = self._services, self._interpreted
        addressed = addressed or services.open_ear or self._endpoint.reason == "released"
        sentence = Sentence(guess.text, self._situation(), self.id, addressed, services.hurried)
        try:
            return await services.interpreter.asked_of_links(guess, sentence, self._trace)
        except ReparteeError:
            self._decided = True  # it stays what it was: nothing that anybody knows
            raise

    def _told_of(self, outcomes: Sequence[Outcome]) -> str:
        """The reply to the deeds; what could not be taken back is told first."""
        failed = self.deeds.failed_to_take_back
        now = self._services.backends.situation(self.before)
        return self._services.replies.render((*failed, *outcomes), now.home, now.states, self.before.language)

    def _situation(self, conversation: Conversation | None = None) -> Situation:
        """What the beginning of the sentence has set off counts as not done: the whole one is planned anew."""
        before = states_before(self.continues.deeds.outcomes if self.continues else ())
        return self._services.backends.situation(conversation or self.before, turn=self.id, before=before)

    @property
    def _told_already(self) -> bool:
        """The reply to just this was heard to its end before."""
        return self.continues is not None and not self.deeds.amended and self.continues._heard_out

    def _foreseen(self) -> str:
        """The reply to what was said so far if all goes well: its sound can be made while we wait."""
        meaning, language = self._interpreted.meaning, self.before.language
        if isinstance(meaning, Ask):
            return self._services.replies.ask(meaning.question.doubt, language)
        if not isinstance(meaning, Act):
            return ""
        now = self._situation()
        return self._services.replies.render(as_hoped(meaning.plan), now.home, now.states, language)

    def _keep_plan(self) -> None:
        """For the next time, where the home has confirmed all of it."""
        meaning, effects = self._interpreted.meaning, self.deeds.effects
        if isinstance(meaning, Act) and effects and all(effect.confirmed for effect in effects):
            self._services.interpreter.plans.keep(meaning.made, self._services.backends.routes)

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
