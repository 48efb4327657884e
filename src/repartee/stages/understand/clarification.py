"""Where a doubt becomes a question, and where its answer continues the plan. The only place for either.

A question keeps the whole reading that raised it. An answer changes the part in doubt and nothing else: the other
parts, the times and the amounts stay as they were said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from repartee.core.conversation import Question
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.grammar.text import fold, words

from .answers import content, digits, position, says_cancel, says_no, says_yes
from .pin import PIN, holds_only_digits, same_pin

LIKE = 85
"""Per cent: how alike an answer and a choice must be, where they are not the same."""
SURE = 0.8
"""Score from which a sentence is a command of its own rather than an answer."""
CONFIRM = "confirm"
"""Key of the question that, beside the one for the PIN, is about a permission."""
DROPPED = Reading((Part(Intent("HassNevermind")),))
"""The person has thought better of it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What an answer is understood with."""

    parse: Callable[[str], Sequence[Reading]]
    language: str = "en"
    pin: str = ""
    locked: bool = False
    """Too many wrong PINs came: none is looked at now."""


def ask(doubt: Doubt, reading: Reading, text: str, id_: str) -> Question:
    """`reading` and `text`: what raised the doubt. `id_`: unique in the conversation."""
    return Question(id_, text, reading, doubt)


def answered(question: Question, text: str, listener: Listener) -> Reading | None:
    """What the person wants, now that it is settled; None: it was no answer, but something new."""
    doubt, language = question.doubt, listener.language
    if says_cancel(text, language):
        return DROPPED
    said = digits(text, language) if doubt.key == PIN else ""
    if said and (holds_only_digits(text, language) or not _is_command(text, listener)):
        return _with_pin(question, said, listener)
    if says_no(text, language):
        return continued(question, Choice(text))
    said_yes = says_yes(text, language)
    if doubt.key in (PIN, CONFIRM):
        return continued(question, doubt.choices[0]) if said_yes and doubt.key == CONFIRM else None
    exact = _said(text, doubt.choices, language)
    if not exact and _is_command(text, listener):
        return None
    if doubt.slot and not doubt.choices:
        return filled(question, text)
    only = doubt.choices[0] if said_yes and len(doubt.choices) == 1 else None
    choice = exact or only or _chosen(text, doubt.choices, language)
    return continued(question, choice) if choice else None


def continued(question: Question, choice: Choice) -> Reading:
    """The reading that raised the question, with the part in doubt as this choice has it."""
    reading, at = question.reading, question.doubt.at
    if at is None or not reading.parts:
        parts = choice.parts
    else:
        parts = (*reading.parts[:at], *_in_place_of(reading.parts[at], choice.parts), *reading.parts[at + 1 :])
    return replace(reading, parts=parts, score=1.0, doubt=None) if parts else DROPPED


def filled(question: Question, text: str) -> Reading | None:
    """The reading that raised the question, with these words in the slot that was asked for."""
    parts, at, slot = question.reading.parts, question.doubt.at or 0, question.doubt.slot
    if at >= len(parts):
        return None
    intent = parts[at].intent
    told = replace(parts[at], intent=replace(intent, slots={**intent.slots, slot: text.strip()}))
    return continued(replace(question, doubt=replace(question.doubt, at=at)), Choice(text, (told,)))


def _in_place_of(part: Part, parts: Sequence[Part]) -> tuple[Part, ...]:
    """They keep its place in the plan and its time."""
    return tuple(
        replace(
            new,
            group=part.group,
            after=part.after,
            when=new.when or part.when,
            confirmed=part.confirmed or new.confirmed,
        )
        for new in parts
    )


def _with_pin(question: Question, said: str, listener: Listener) -> Reading:
    if listener.locked:
        return replace(question.reading, doubt=Doubt("pin_locked"))
    if same_pin(said, listener.pin):
        return continued(question, question.doubt.choices[0])
    return replace(question.reading, doubt=Doubt("wrong_pin"))


def _said(text: str, choices: Sequence[Choice], language: str) -> Choice | None:
    """The choice itself, or words that are only in that one: "the office one"."""
    said = content(text, language)
    same = [choice for choice in choices if words(choice.label) == words(text)]
    fitting = same or [choice for choice in choices if said and said <= content(choice.label, language)]
    return fitting[0] if len(fitting) == 1 else None


def _is_command(text: str, listener: Listener) -> bool:
    """A bare name is no command, here."""
    best = next(iter(listener.parse(text)), None)
    return best is not None and best.acts and best.score >= SURE and not _bare(best, text, listener.language)


def _bare(reading: Reading, text: str, language: str) -> bool:
    name = str(reading.parts[0].intent.slots.get("name", ""))
    return bool(name) and content(text, language) <= content(name, language)


def _chosen(text: str, choices: Sequence[Choice], language: str) -> Choice | None:
    """By number, by a part of its name that no other has, or nearly by name."""
    number = position(text, language, len(choices))
    if number is not None:
        return choices[number]
    said = content(text, language)
    sharing = [choice for choice in choices if said & content(choice.label, language)]
    if len(sharing) == 1:
        return sharing[0]
    plain = " ".join(word for word in words(text) if word in said)
    labels = [choice.label for choice in choices]
    close = process.extract(plain, labels, scorer=fuzz.WRatio, score_cutoff=LIKE, processor=fold)
    return choices[close[0][2]] if len(close) == 1 else None
