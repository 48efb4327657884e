"""What a sentence comes to: something to do, a question to the person, something to say, or nothing.

An ordered chain decides: the answer to an open question, the grammar, the rules of the memory; then, once and only for
a whole sentence, the links that take time (`core.link`). The first that knows wins. The quick part is pure, so that it
also runs on every guess while the person still speaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from functools import partial

from repartee.core.conversation import Conversation, Question
from repartee.core.hearing import Clarity, Hearing, Hypothesis
from repartee.core.intent import Choice, Context, Doubt, Reading, Status
from repartee.core.link import Found, Link, Sentence
from repartee.core.plan import Plan
from repartee.core.ports import Understanding
from repartee.core.skill import Situation, Skills
from repartee.core.spans import Trace
from repartee.core.turn import Decision
from repartee.grammar.cache import CachedUnderstanding
from repartee.grammar.weighty import weighty

from .addressed import unaddressed
from .answers import says_continue
from .clarification import Listener, answered, ask, continued
from .confirmation import ConfirmationPolicy, confirm
from .decision import DecisionThresholds, Prior, choose, prior, under_way
from .pin import MASK, PIN, PinLock, mask_pin
from .plan_cache import CachedPlan, PlanCache
from .planning import decide, deeds, plan
from .scheduling import unfolded


@dataclass(frozen=True, slots=True)
class Act:
    """To be done. A part that can't be is a step with a doubt, and told."""

    made: CachedPlan

    @property
    def plan(self) -> Plan:
        return self.made.plan


@dataclass(frozen=True, slots=True)
class Ask:
    """Only the person can settle it; nothing is done before."""

    question: Question


@dataclass(frozen=True, slots=True)
class Say:
    """An answer in words, as they come."""

    words: AsyncGenerator[str, None]


@dataclass(frozen=True, slots=True)
class Ignore:
    """Nothing is to be done."""

    reason: Doubt
    told: bool = True
    """False: it was not for us, or nobody spoke."""


Meaning = Act | Ask | Say | Ignore
Rule = Callable[[str, Situation], Reading | None]
"""A quick reading of what no sentence of the grammar is: pure, some microseconds."""
SILENCE, UNKNOWN = Doubt("silence"), Doubt("no_intent")
BEYOND = frozenset({UNKNOWN.key, "unknown_name"})
"""Doubts of what the grammar does not know: "make it cosy" may mean something all the same."""
SECRET = "memory_secret"  # noqa: S105  # a doubt's key
"""The doubt of a sentence with a code in it: of its words nothing is shown or kept."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a sentence is taken for."""

    text: str
    """The words that it is taken for; of a hearing, the likeliest ones."""
    meaning: Meaning
    reading: Reading | None = None
    clarity: Clarity = Clarity.CLEAR
    """How much hearing more could change it."""
    sensible: bool = True
    """It makes sense in the home as it is."""


NOTHING_SAID = Interpretation("", Ignore(SILENCE, told=False))


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What interprets the sentences of one home in one language. It remembers nothing of a conversation."""

    understanding: Understanding
    skills: Skills
    policy: ConfirmationPolicy = field(default_factory=ConfirmationPolicy)
    """What wants a yes first, and what may not be done at all."""
    plans: PlanCache = field(default_factory=PlanCache)
    """Those that worked, remembered."""
    thresholds: DecisionThresholds = field(default_factory=DecisionThresholds)
    """When what was heard is acted on."""
    confidence: float = 0.8
    """Score from which a reading is acted on."""
    pins: PinLock = field(default_factory=PinLock)
    """What the whole house shares: wrong PINs add up."""
    names: tuple[str, ...] = ()
    """What we are called: wake words, which a sentence may begin with."""
    rules: tuple[Rule, ...] = ()
    """Asked, in order, where the grammar has no reading."""
    links: tuple[Link, ...] = ()
    """Asked, in order, about a whole sentence that nothing quick knows."""

    def interpret(self, said: Hearing, now: Situation, turn: str) -> Interpretation:
        """`turn`: its id, from which a question gets its own."""
        said = unaddressed(said, self.names, now.home) if self.names else said
        for link in (self._answer, self._further, self._grammar):
            found = link(said, now, turn)
            if found is not None:
                return found
        return _nothing(said)

    def typed(self, text: str, now: Situation, turn: str) -> Interpretation:
        return self.interpret(Hearing(Hypothesis(text, 0.0), final=True), now, turn)

    def chosen(self, question: str, choice: int, now: Situation, turn: str) -> Interpretation:
        """An answer by button: the id of the question, and which of its choices."""
        asked = now.conversation.question
        if asked is None or asked.id != question or not 0 <= choice < len(asked.doubt.choices):
            return Interpretation("", Ignore(Doubt("question_closed")))
        if asked.doubt.key == "pin" and asked.doubt.choices[choice].parts:
            return Interpretation("", Ask(replace(asked, id=_question_id(turn))), asked.reading)  # a click is no PIN
        picked = asked.doubt.choices[choice]
        return self.settled(picked.label, continued(asked, picked), now, turn)

    def status(self, said: Hearing, now: Situation) -> Status:
        """How far the sentence has got."""
        said = unaddressed(said, self.names, now.home) if self.names else said
        return self.understanding.status(under_way(said, self.thresholds), now.context)

    def settled(self, text: str, reading: Reading, now: Situation, turn: str) -> Interpretation:
        """What this reading comes to, in the home as it is now."""
        doubt = reading.doubt
        if doubt and not doubt.asks:
            return Interpretation(MASK if doubt.key == SECRET else text, Ignore(doubt), reading)
        if doubt is None:
            made = self.planned(reading, now)
            doubt = made.plan.question
            if doubt is None:
                return Interpretation(text, Act(made), reading)
        return Interpretation(text, Ask(ask(doubt, reading, text, _question_id(turn))), reading)

    async def asked_of_links(self, found: Interpretation, sentence: Sentence, trace: Trace) -> Interpretation:
        """Of a whole sentence that nothing quick knows: what the links that take time make of it."""
        if not self.links or not isinstance(found.meaning, Ignore) or found.meaning.reason.key not in BEYOND:
            return found
        for link in self.links:
            with trace.span(link.stage):
                known = await _in_time(link, sentence)
            if known is not None:
                return self._known(known, sentence)
        return found

    def _known(self, known: Found, sentence: Sentence) -> Interpretation:
        text = sentence.text
        if known.words is not None:
            return Interpretation(text, Say(known.words))
        if known.reading is None:
            return Interpretation(text, Ignore(known.doubt or UNKNOWN))
        reading = self._asked_first(known.reading, sentence.now) if known.ask else known.reading
        return self.settled(text, reading, sentence.now, sentence.turn)

    def _asked_first(self, reading: Reading, now: Situation) -> Reading:
        """What no word of the sentence stands for is done after a yes; what can't be done is not asked about."""
        steps = self.planned(reading, now).plan.steps
        single_doubt = len(steps) == 1 and steps[0].doubt is not None
        if reading.doubt or single_doubt or all(step.doubt and not step.doubt.asks for step in steps):
            return reading
        label = deeds(reading.parts, now.context.language)
        return replace(reading, doubt=Doubt("did_you_mean", {}, (Choice(label, reading.parts),)))

    def decided(self, found: Interpretation, before: Conversation) -> None:
        """Of the whole sentence, once; on guesses nothing counts."""
        if before.question and before.question.doubt.key == PIN and found.text == MASK and found.reading:
            self.pins.tried(right=found.reading.doubt is None)

    def _shown(self, text: str, now: Situation, *, command: bool = False) -> str:
        question = now.conversation.question
        return mask_pin(text, question.doubt.key if question else None, now.context.language, command=command)

    def correct(self, text: str, before: str, context: Context, made: CachedPlan | None) -> None:
        """If `text` says that the sentence before (in its context) was misunderstood, what it was taken for is
        forgotten."""
        known = self.understanding
        if not isinstance(known, CachedUnderstanding) or not known.corrects(text):
            return
        known.forget(before, context)
        if made:
            self.plans.forget(made)

    def planned(self, reading: Reading, now: Situation) -> CachedPlan:
        def make(situation: Situation) -> Plan:
            return confirm(plan(reading, self.skills, situation), reading, self.policy, situation)

        return self.plans.plan(reading, now, make)

    def _answer(self, said: Hearing, now: Situation, turn: str) -> Interpretation | None:
        reading = self._answer_to(said.text, now)
        return self.settled(self._shown(said.text, now), reading, now, turn) if reading else None

    def _further(self, said: Hearing, now: Situation, turn: str) -> Interpretation | None:
        """ "Go on", where an answer was cut off, asks for the rest of it; the links know what that was."""
        before = now.conversation.exchanges
        if not (self.links and before and before[-1].cut_off and says_continue(said.text, now.context.language)):
            return None
        return Interpretation(said.text, Ignore(UNKNOWN))

    def _grammar(self, said: Hearing, now: Situation, turn: str) -> Interpretation | None:
        """The likeliest thing that makes sense here and now."""
        read, usual = partial(self._read, now=now), partial(self._prior, now=now)
        chosen = choose(said, read, usual, self.thresholds, partial(weighty, language=now.context.language))
        if chosen.reading:
            found = self.settled(self._shown(chosen.text, now, command=True), chosen.reading, now, turn)
        else:
            nothing = _nothing(said)
            found = replace(nothing, text=self._shown(nothing.text, now))
        return replace(found, clarity=chosen.clarity, sensible=chosen.sensible)

    def _read(self, text: str, now: Situation) -> Reading | None:
        """The one reading to go by, if any: an answer to what we asked, or a sentence of its own."""
        return self._answer_to(text, now) or self._sentence(text, now)

    def _sentence(self, text: str, now: Situation) -> Reading | None:
        """With what it says is to be done in a while."""
        readings = self.understanding.parse(text, now.context)
        found = decide(readings, self.confidence, language=now.context.language)
        if found is None or not found.parts:
            ruled = next((reading for rule in self.rules if (reading := rule(text, now))), None)
            found = ruled or found
        return unfolded(found, partial(self._sentence, now=now)) if found else None

    def _prior(self, reading: Reading, now: Situation) -> Prior:
        return prior(plan(reading, self.skills, now), now.states, now.context.history, self.thresholds)

    def _answer_to(self, text: str, now: Situation) -> Reading | None:
        asked = now.conversation.question
        if asked is None:
            return None
        parse = partial(self.understanding.parse, context=now.context)
        return answered(asked, text, Listener(parse, now.context.language, self.policy.pin, self.pins.locked))


async def _in_time(link: Link, sentence: Sentence) -> Found | None:
    """None also where it takes longer than it may: a slow machine does without this link, not without an answer."""
    deadline = asyncio.timeout(link.within)
    try:
        async with deadline:
            return await link(sentence)
    except TimeoutError:
        if not deadline.expired():
            raise
        return None


def _nothing(said: Hearing) -> Interpretation:
    """What was heard with this home's sentences in mind and is none of them was not for us."""
    if not said.text.strip():
        return NOTHING_SAID
    return Interpretation(said.text, Ignore(UNKNOWN, told=not said.home))


def _question_id(turn: str) -> str:
    return f"{turn}-q"


def decision_of(meaning: Meaning | None, acted: bool, text: str) -> Decision:
    """As it is recorded; None: the sentence was never interpreted to its end."""
    match meaning:
        case Act(made=made) if all(step.doubt for step in made.plan.steps):
            return Decision.REJECTED
        case Act():
            return Decision.ACTED if acted else Decision.CANCELLED
        case Ask():
            return Decision.ASKED
        case Say():
            return Decision.ACTED
        case Ignore(reason=reason):
            return Decision.SILENCE if reason is SILENCE else Decision.REJECTED
    return Decision.CANCELLED if text.strip() else Decision.SILENCE
