"""What a language brings for reading by parts: concepts, small words, frames. Data: `languages/*/spotting.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..languages.data import own_data
from .text import words
from .tries import TrieNode, Value


@dataclass(frozen=True, slots=True)
class Frame:
    """An intent and what speaks for it."""

    intent: str
    all: tuple[frozenset[str], ...]
    """Of each set one concept must be there."""
    none: frozenset[str]
    score: float
    slots: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None
    """The domain of what it acts on ("" is any); None: nothing in particular."""
    hint: frozenset[str] = frozenset()
    """Words of the name of what it acts on."""
    value: str | None = None
    """A slot that takes a number or a colour, if one is said."""
    take: Mapping[str, Any] | None = None
    """A slot that takes the words between two concepts."""
    harmless: bool = False

    @property
    def about_home(self) -> bool:
        """It does something in the home, rather than to lists, alarms and music."""
        return not self.intent.startswith(("Alarm", "HassList", "ListStatus", "HassMediaSearch", "Calculate"))


@dataclass(frozen=True)
class SpottingData:
    """What a language brings for reading by parts."""

    concepts: TrieNode
    fillers: frozenset[str]
    nouns: frozenset[str]
    """Concepts that are things: an unknown word before one is part of a name we do not know."""
    links: frozenset[str]
    """Words of grammar that say nothing: pronouns, "to be"."""
    leading: frozenset[str]
    """Prepositions and articles: part of what follows."""
    switching: frozenset[str]
    """Concepts of switching: with them "the red lamp" is a name, without them a wish for red."""
    frames: tuple[Frame, ...]


@lru_cache(maxsize=8)
def spotting_data_of(language: str) -> SpottingData | None:
    """None for a language that we have no such data for."""
    data = own_data(language, "spotting")
    if not data:
        return None
    trie = TrieNode()
    for concept, phrases in data["concepts"].items():
        for phrase in phrases:
            trie.insert(words(phrase), Value(concept, 0))
    fillers = frozenset(word for text in data["fillers"] for word in words(text))
    return SpottingData(
        trie,
        fillers,
        frozenset(data["nouns"]),
        frozenset(word for text in data["links"] for word in words(text)),
        frozenset(word for text in data["leading"] for word in words(text)),
        frozenset(data["switching"]),
        tuple(map(_frame, data["frames"])),
    )


def _frame(row: Mapping[str, Any]) -> Frame:
    return Frame(
        row["intent"],
        tuple(frozenset(options) for options in row["all"]),
        frozenset((*row.get("none", ()), *row.get("unless", ()))),
        row["score"],
        row.get("slots", {}),
        row.get("target"),
        frozenset(row.get("words", ())),
        row.get("value", {}).get("slot"),
        row.get("take"),
        row.get("harmless", False),
    )
