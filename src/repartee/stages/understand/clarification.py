"""Where a doubt becomes a question, and where its answer continues the plan. The only place for either.

A question keeps the whole reading that raised it. An answer changes the part in doubt and nothing else: the other
parts, the times and the amounts stay as they were said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from repartee.core.conversation import Question
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading

from ..phrases import NO, YES, is_among

LIKE = 85
"""Per cent: how alike an answer and a choice must be, where they are not the same."""
SURE = 0.8
"""Score from which a sentence is a command of its own rather than an answer."""
PIN, CONFIRM = "pin", "confirm"
"""Keys of the questions that are about a permission."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(digit) for digit, word in enumerate(SPELLED)} | {"oh": "0"}
DROPPED = Reading((Part(Intent("HassNevermind")),))
"""The person has thought better of it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What an answer is understood with."""

    parse: Callable[[str], Sequence[Reading]]
    language: str = "en"
    pin: str = ""


def ask(doubt: Doubt, reading: Reading, text: str, id_: str) -> Question:
    """`reading` and `text`: what raised the doubt. `id_`: unique in the conversation."""
    return Question(id_, text, reading, doubt)


def answered(question: Question, text: str, listener: Listener) -> Reading | None:
    """What the person wants, now that it is settled; None: it was no answer, but something new."""
    words = " ".join(re.sub(r"[^\w\s'-]", " ", text.casefold()).split())
    doubt = question.doubt
    if doubt.key == PIN:
        return _with_pin(question, words, listener)
    said_no = is_among(words, NO, listener.language)
    said_yes = is_among(words, YES, listener.language)
    if said_no:
        return continued(question, Choice(words))
    if doubt.key == CONFIRM:
        return continued(question, doubt.choices[0]) if said_yes else None
    exact = _said(words, doubt.choices)
    if not exact and _is_command(words, listener):
        return None
    only = doubt.choices[0] if said_yes and len(doubt.choices) == 1 else None
    choice = exact or only or _chosen(words, doubt.choices)
    return continued(question, choice) if choice else None


def continued(question: Question, choice: Choice) -> Reading:
    """The reading that raised the question, with the part in doubt as this choice has it."""
    reading, at = question.reading, question.doubt.at
    if at is None or not reading.parts:
        parts = choice.parts
    else:
        parts = (*reading.parts[:at], *_in_place_of(reading.parts[at], choice.parts), *reading.parts[at + 1 :])
    return Reading(parts) if parts else DROPPED


def _in_place_of(part: Part, parts: Sequence[Part]) -> tuple[Part, ...]:
    """They keep its place in the plan and its time."""
    return tuple(
        replace(new, group=part.group, after=part.after, delay=part.delay, confirmed=part.confirmed or new.confirmed)
        for new in parts
    )


def _with_pin(question: Question, words: str, listener: Listener) -> Reading | None:
    digits = "".join(DIGITS.get(word, word if word.isdigit() else "") for word in words.split())
    if not digits:
        return continued(question, Choice(words)) if is_among(words, NO, listener.language) else None
    if digits == listener.pin:
        return continued(question, question.doubt.choices[0])
    return replace(question.reading, doubt=Doubt("wrong_pin"))


def _said(words: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice itself, or words that are only in that one: "the office one"."""
    said = _content(words)
    same = [choice for choice in choices if choice.label.casefold() == words]
    fitting = same or [choice for choice in choices if said and said <= _content(choice.label)]
    return fitting[0] if len(fitting) == 1 else None


def _content(words: str) -> set[str]:
    return set(words.casefold().split()) - {"the", "one", "in", "on", "a", "please"}


def _is_command(words: str, listener: Listener) -> bool:
    """A bare name is no command, here."""
    best = next(iter(listener.parse(words)), None)
    return best is not None and best.acts and best.score >= SURE and not _bare(best, words)


def _bare(reading: Reading, words: str) -> bool:
    name = str(reading.parts[0].intent.slots.get("name", "")).casefold()
    return bool(name) and set(words.split()) <= {*name.split(), "the", "a", "one"}


def _chosen(words: str, choices: Sequence[Choice]) -> Choice | None:
    """By number, by a part of its name that no other has, or nearly by name."""
    for number, ordinal in enumerate(ORDINALS[: len(choices)]):
        if ordinal in words.split():
            return choices[number]
    if "last" in words.split() and choices:
        return choices[-1]
    said = _content(words)
    sharing = [choice for choice in choices if said & _content(choice.label)]
    if len(sharing) == 1:
        return sharing[0]
    plain = " ".join(word for word in words.split() if word in said)
    labels = [choice.label for choice in choices]
    close = process.extract(plain, labels, scorer=fuzz.WRatio, score_cutoff=LIKE, processor=str.casefold)
    return choices[close[0][2]] if len(close) == 1 else None
