"""A conversation as a value: what the next sentence may lean on. A turn takes one and gives the next.

Everything in it is frozen and plain, so that it can be written as JSON, kept, and go on in another process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .intent import Context, Doubt, Intent, Reading
from .plan import Outcome

DEEDS = 5
"""Turns that can be taken back, one after the other."""
EXCHANGES = 6
"""Sentences with their replies that a language model is told of."""
INTENTS = 100
"""Confirmed intents that a later sentence may refer to, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the person that is open. Made and answered in `stages/understand/clarification.py` only."""

    id: str
    """An answer by button names it, so that it can't answer another question."""
    text: str
    """The sentence that raised it."""
    reading: Reading
    """What the answer continues: all parts, with their times and amounts."""
    doubt: Doubt
    """What is asked, about which part, and what may be answered."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said to us, and what we said."""

    text: str
    reply: str
    cut_off: bool = False
    """The reply was an answer in words of which the end was not heard."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person in one place, as far as it has got."""

    context: Context = field(default_factory=Context)
    """Place, language and confirmed intents: what the grammar leans on."""
    question: Question | None = None
    """What the next sentence may be the answer to."""
    text: str = ""
    """The last sentence that was said to us."""
    reply: str = ""
    """The last that we said; what "repeat that" says again."""
    deeds: tuple[tuple[Outcome, ...], ...] = ()
    """Outcomes of the turns that changed something, newest last; what "undo that" takes back."""
    exchanges: tuple[Exchange, ...] = ()
    """The last few, newest last."""

    @property
    def language(self) -> str:
        return self.context.language

    def did(self, outcomes: tuple[Outcome, ...]) -> Conversation:
        """After these outcomes. What was taken back can't be taken back again."""
        if not any(effect.confirmed for outcome in outcomes for effect in outcome.effects):
            return self
        if any(outcome.step.facts.get(TAKES_BACK) for outcome in outcomes):
            return replace(self, deeds=self.deeds[:-1])
        return replace(self, deeds=(*self.deeds, outcomes)[-DEEDS:])

    def said(self, text: str, reply: str, cut_off: bool = False) -> Conversation:
        """After this sentence and its reply; what is empty changes nothing."""
        exchange = (Exchange(text, reply, cut_off),) if text and reply else ()
        exchanges = (*self.exchanges, *exchange)[-EXCHANGES:]
        return replace(self, text=text or self.text, reply=reply or self.reply, exchanges=exchanges)

    def meant(self, intents: Iterable[Intent], most: int = INTENTS) -> Conversation:
        """These were carried out: "it" may stand for what they were about."""
        history = (*self.context.history, *intents)[-most:]
        return replace(self, context=replace(self.context, history=history))


TAKES_BACK = "takes_back"
"""The fact of a step that undoes the newest deed."""
NEW = Conversation()
"""Nothing was said yet."""
