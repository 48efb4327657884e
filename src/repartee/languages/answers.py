"""The words with which people answer a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .data import data


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """As they are written, accents and all; whoever compares them folds both sides."""

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    """What drops all that was said, not only the part in question."""
    polite: tuple[str, ...] = ()
    """What may stand beside a yes or a no and means neither."""
    ordinals: tuple[tuple[str, ...], ...] = ()
    """All forms of "first", then of "second", ..."""
    last: tuple[str, ...] = ()
    numbering: tuple[str, ...] = ()
    """What stands before the number of a choice: "number", "option"."""
    digits: Mapping[str, str] = field(default_factory=dict)
    """Further names of digits than the spelling of their numbers: "oh"."""
    empty: tuple[str, ...] = ()
    """What tells no choice from another: "the", "one", "in"."""
    further: tuple[str, ...] = ()
    """What asks for the rest of an answer: "go on"."""


@lru_cache(maxsize=64)
def answer_words(language: str) -> AnswerWords:
    """English ones where the language has none."""
    found = data(language, "answers")
    return AnswerWords(
        **{key: tuple(found[key]) for key in ("yes", "no", "cancel", "polite", "last", "numbering", "empty")},
        ordinals=tuple(map(tuple, found["ordinals"])),
        digits=dict(found["digits"]),
        further=tuple(found["continue"]),
    )
