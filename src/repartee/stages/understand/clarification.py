"""The next sentence as the answer to a question of ours: yes, no, a PIN, or one of the choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from repartee.core.home import Home
from repartee.core.intent import Intent, Part, Reading, Slots
from repartee.core.skill import Asked
from repartee.grammar.text import fold, words

from .answers import content, digits, position, says_no, says_yes

LIKE = 85
"""Per cent: how alike an answer and a choice must be, where they are not the same."""
SURE = 0.8
"""Score from which a sentence is a command of its own rather than an answer."""
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
    doubt = asked.doubt
    if doubt.key == "pin":
        return _pin(asked, text, with_)
    said_no = says_no(text, with_.language)
    said_yes = says_yes(text, with_.language)
    if doubt.key == "confirm":
        return _settled(asked.reading) if said_yes else DROPPED if said_no else None
    if said_no:
        return DROPPED
    exact = _said(text, doubt.choices, with_.language)
    if not exact and _is_command(text, with_):
        return None
    only = doubt.choices[0] if said_yes and len(doubt.choices) == 1 else None
    choice = exact or only or _chosen(text, doubt.choices, with_.language)
    return _with(asked, choice, with_) if choice else None


def _said(text: str, choices: Sequence[str], language: str) -> str | None:
    """The choice itself, or words that are only in that one: "the office one"."""
    said = content(text, language)
    same = [choice for choice in choices if words(choice) == words(text)]
    fitting = same or [choice for choice in choices if said and said <= content(choice, language)]
    return fitting[0] if len(fitting) == 1 else None


def _is_command(text: str, with_: Listener) -> bool:
    """A bare name is no command, here."""
    best = next(iter(with_.parse(text)), None)
    return best is not None and best.acts and best.score >= SURE and not _bare(best, text, with_.language)


def _bare(reading: Reading, text: str, language: str) -> bool:
    name = str(reading.parts[0].intent.slots.get("name", ""))
    return bool(name) and content(text, language) <= content(name, language)


def _settled(reading: Reading) -> Reading:
    return replace(reading, question=None, alternatives=(), confirmed=True)


def _pin(asked: Asked, text: str, with_: Listener) -> Reading | None:
    said = digits(text, with_.language)
    if not said:
        return DROPPED if says_no(text, with_.language) else None
    if said == with_.pin:
        return _settled(asked.reading)
    return replace(asked.reading, question="wrong_pin", alternatives=())


def _chosen(text: str, choices: Sequence[str], language: str) -> str | None:
    """By number, by a part of its name that no other has, or nearly by name."""
    number = position(text, language, len(choices))
    if number is not None:
        return choices[number]
    said = content(text, language)
    sharing = [choice for choice in choices if said & content(choice, language)]
    if len(sharing) == 1:
        return sharing[0]
    plain = " ".join(word for word in words(text) if word in said)
    close = process.extract(plain, list(choices), scorer=fuzz.WRatio, score_cutoff=LIKE, processor=fold)
    return close[0][0] if len(close) == 1 else None


def _with(asked: Asked, choice: str, with_: Listener) -> Reading | None:
    """The sentence that raised the question, with the choice in it."""
    whole = next((r for r in with_.parse(choice) if r.acts and not _bare(r, choice, with_.language)), None)
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
