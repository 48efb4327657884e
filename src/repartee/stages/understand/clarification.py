"""The next sentence as the answer to a question of ours: yes, no, a PIN, or one of the choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from repartee.core.home import Home
from repartee.core.intent import Intent, Part, Reading, Slots
from repartee.core.skill import Asked
from repartee.stages.phrases import NO, YES, is_among

LIKE = 85
"""Per cent: how alike an answer and a choice must be, where they are not the same."""
SURE = 0.8
"""Score from which a sentence is a command of its own rather than an answer."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(digit) for digit, word in enumerate(SPELLED)} | {"oh": "0"}
PLACES = ("which_area", "duplicate_entities")
DROPPED = Reading((Part(Intent("HassNevermind")),))
"""The person has thought better of it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What an answer is understood with."""

    home: Home
    parse: Callable[[str], Sequence[Reading]]
    language: str = "en"
    pin: str = ""


def answered(asked: Asked, text: str, with_: Listener) -> Reading | None:
    """What the person wants, now that it is settled; None: it was no answer, but something new."""
    words = " ".join(re.sub(r"[^\w\s'-]", " ", text.casefold()).split())
    doubt = asked.doubt
    if doubt.key == "pin":
        return _pin(asked, words, with_)
    said_no = is_among(words, NO, with_.language)
    said_yes = is_among(words, YES, with_.language)
    if doubt.key == "confirm":
        return _settled(asked.reading) if said_yes else DROPPED if said_no else None
    if said_no:
        return DROPPED
    exact = _said(words, doubt.choices)
    if not exact and _is_command(words, with_):
        return None
    only = doubt.choices[0] if said_yes and len(doubt.choices) == 1 else None
    choice = exact or only or _chosen(words, doubt.choices)
    return _with(asked, choice, with_) if choice else None


def _said(words: str, choices: Sequence[str]) -> str | None:
    """The choice itself, or words that are only in that one: "the office one"."""
    said = _content(words)
    same = [choice for choice in choices if choice.casefold() == words]
    fitting = same or [choice for choice in choices if said and said <= _content(choice)]
    return fitting[0] if len(fitting) == 1 else None


def _content(words: str) -> set[str]:
    return set(words.casefold().split()) - {"the", "one", "in", "on", "a", "please"}


def _is_command(words: str, with_: Listener) -> bool:
    """A bare name is no command, here."""
    best = next(iter(with_.parse(words)), None)
    return best is not None and best.acts and best.score >= SURE and not _bare(best, words)


def _bare(reading: Reading, words: str) -> bool:
    name = str(reading.parts[0].intent.slots.get("name", "")).casefold()
    return bool(name) and set(words.split()) <= {*name.split(), "the", "a", "one"}


def _settled(reading: Reading) -> Reading:
    return replace(reading, question=None, alternatives=(), confirmed=True)


def _pin(asked: Asked, words: str, with_: Listener) -> Reading | None:
    digits = "".join(DIGITS.get(word, word if word.isdigit() else "") for word in words.split())
    if not digits:
        return DROPPED if is_among(words, NO, with_.language) else None
    if digits == with_.pin:
        return _settled(asked.reading)
    return replace(asked.reading, question="wrong_pin", alternatives=())


def _chosen(words: str, choices: Sequence[str]) -> str | None:
    """By number, by a part of its name that no other has, or nearly by name."""
    for number, ordinal in enumerate(ORDINALS[: len(choices)]):
        if ordinal in words.split():
            return choices[number]
    if "last" in words.split() and choices:
        return choices[-1]
    said = _content(words)
    sharing = [choice for choice in choices if said & _content(choice)]
    if len(sharing) == 1:
        return sharing[0]
    plain = " ".join(word for word in words.split() if word in said)
    close = process.extract(plain, list(choices), scorer=fuzz.WRatio, score_cutoff=LIKE, processor=str.casefold)
    return close[0][0] if len(close) == 1 else None


def _with(asked: Asked, choice: str, with_: Listener) -> Reading | None:
    """The sentence that raised the question, with the choice in it."""
    whole = next((r for r in with_.parse(choice) if r.acts and not _bare(r, choice.casefold())), None)
    if whole is not None:
        return replace(whole, score=1.0)
    slot: Slots = {"area": choice} if asked.doubt.key in PLACES else {"name": choice}
    parts = tuple(_part(part, choice, slot, with_.home) for part in asked.reading.parts)
    return replace(asked.reading, parts=parts, question=None, alternatives=(), score=1.0) if parts else None


def _part(part: Part, choice: str, slot: Slots, home: Home) -> Part:
    """The thing of this label among those that were meant, or the slot."""
    meant = [home.by_id[e] for e in part.intent.entities if e in home.by_id]
    labelled = [e for e in meant if choice.casefold() in (n.casefold() for n in _labels(e.id, home))]
    if len(labelled) == 1:
        entity = labelled[0]
        area = home.area_by_id.get(entity.area or "")
        slots = {**part.intent.slots, "name": entity.name, **({"area": area.name} if area else {})}
        return replace(part, intent=replace(part.intent, slots=slots, entities=(entity.id,)))
    return replace(part, intent=replace(part.intent, slots={**part.intent.slots, **slot}, entities=()))


def _labels(entity: str, home: Home) -> tuple[str, ...]:
    thing = home.by_id[entity]
    area = home.area_by_id.get(thing.area or "")
    kind = f"{thing.name} ({thing.domain.replace('_', ' ')})"
    return (*thing.names, kind, f"{area.name} {thing.name}" if area else kind)
