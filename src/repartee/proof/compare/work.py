"""The work that is compared: items, what a contestant makes of one, and what counts as right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from repartee.grammar.text import words
from repartee.languages.numbers import spelled

from .slots import same_slots


class Task(StrEnum):
    HEAR = "hear"
    """Speech to text."""
    UNDERSTAND = "understand"
    """A sentence to an intent with slots, or to a deed."""
    SPEAK = "speak"
    """Text to speech."""
    WAKE = "wake"
    """Was a wake word said?"""
    CHAT = "chat"
    """A question to an answer in words."""
    TURN = "turn"
    """Speech to a deed and a spoken reply: a whole assistant."""


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    text: str = ""
    """What is said, asked or to be spoken."""
    samples: NDArray[np.int16] | None = None
    """16 kHz."""
    voiced_until: float = 0.0
    """Seconds: the last voiced sample."""
    area: str | None = None
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    plans: Sequence[Mapping[str, Any]] = ()
    """Of a recording: what may be done; any of them is right."""
    word: bool = False
    """A wake word is in it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an item. Times are milliseconds."""

    text: str = ""
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    understood: bool | None = None
    """Of who tells no intent: whether it says that it has understood."""
    first_ms: float | None = None
    """To the first piece of the answer (a sound, a word)."""
    done_ms: float | None = None
    """To its end; of speech, from the last voiced sample where it was sent at the pace of life."""
    seconds: float = 0.0
    """Of speech made."""
    stages: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage, where the contestant tells."""
    error: str = ""


class Contestant(Protocol):
    """Who does the work, behind one call."""

    async def open(self) -> None:
        """Loads what it needs, or connects."""
        ...

    async def do(self, item: Item) -> Made: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Score:
    """How well it was done, and of how many it can be told."""

    right: float | None
    """Percent; None: it can't be told."""
    n: int
    wer: float | None = None
    """Percent of words heard wrongly."""
    false: float | None = None
    """Percent of the items that hold no wake word in which one was noticed."""
    note: str = ""
    deeds: float | None = None
    """Percent of recordings whose words our understanding of that home makes the right deed of."""


def score(task: Task, items: Sequence[Item], made: Sequence[Made]) -> Score:
    pairs = list(zip(items, made, strict=True))
    match task:
        case Task.HEAR:
            return _heard(pairs)
        case Task.UNDERSTAND:
            return _understood(pairs)
        case Task.WAKE:
            return _woken(pairs)
    answered = [pair for pair in pairs if not pair[1].error]
    note = "whether the answer is a good one is not judged" if task is Task.CHAT else ""
    if task is Task.TURN:
        return _heard([pair for pair in pairs if pair[0].text])
    return Score(100 * len(answered) / max(len(pairs), 1), len(pairs), note=note)


def plain(text: str) -> list[str]:
    """Words to compare by: one spelling for numbers in digits and in words, no punctuation."""
    found: list[str] = []
    for word in words(text):
        if word.isdigit():
            found += words(min(spelled("en", int(word)), key=len, default=word))
        else:
            found.append({"%": "percent"}.get(word, word))
    return found


def _heard(pairs: Sequence[tuple[Item, Made]]) -> Score:
    wrong = total = exact = 0
    for item, made in pairs:
        said, heard = plain(item.text), plain(made.text)
        errors = Levenshtein.distance(said, heard)
        wrong, total, exact = wrong + errors, total + len(said), exact + (errors == 0)
    if not pairs:
        return Score(None, 0)
    return Score(100 * exact / len(pairs), len(pairs), 100 * wrong / max(total, 1))


def _understood(pairs: Sequence[tuple[Item, Made]]) -> Score:
    if pairs and all(made.understood is not None for _, made in pairs):
        yes = sum(bool(made.understood) for _, made in pairs)
        note = "it tells no intent: what it says it has understood is counted, right or not"
        return Score(100 * yes / len(pairs), len(pairs), note=note)
    right = sum(made.intent == item.intent and same_slots(item.slots, made.slots, item.area) for item, made in pairs)
    return Score(100 * right / max(len(pairs), 1), len(pairs))


def _woken(pairs: Sequence[tuple[Item, Made]]) -> Score:
    said = [made for item, made in pairs if item.word]
    other = [made for item, made in pairs if not item.word]
    found = sum(bool(made.text) for made in said)
    false = sum(bool(made.text) for made in other)
    return Score(
        100 * found / len(said) if said else None, len(pairs), false=100 * false / len(other) if other else None
    )
