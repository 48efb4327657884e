"""What a sentence asks of the memory: a fact, all of it, or to forget. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from repartee.core.memory import Query

from .patterns import memory_words, slot, tidy
from .statements import subject_of


class Wish(StrEnum):
    FACT = "fact"
    LIST = "list"
    FORGET = "forget"
    """What is about something."""
    FORGET_LAST = "forget_last"
    FORGET_ALL = "forget_all"


@dataclass(frozen=True, slots=True)
class Asked:
    wish: Wish
    query: Query
    """What is looked for; for `list` and `forget_all` only the person matters."""


def asked(text: str, language: str, person: str = "") -> Asked | None:
    """None: it asks nothing of the memory that a rule knows."""
    words = memory_words(language)
    if words is None:
        return None
    said = tidy(text)
    for wish in (Wish.LIST, Wish.FORGET_ALL, Wish.FORGET_LAST, Wish.FORGET):
        if match := words.asks[wish.value].match(said):
            about = slot(match, "thing")
            return Asked(wish, Query(about or text, person, subject=subject_of(about, words) if about else ""))
    for pattern in words.questions:
        if match := pattern.expression.match(said):
            about = slot(match, "subject") or slot(match, "thing") or slot(match, "who")
            subject = pattern.subject or (subject_of(about, words) if about else "")
            if attribute := slot(match, "attr"):
                subject = f"{subject} {attribute.casefold()}"
            return Asked(Wish.FACT, Query(text, person, pattern.kind, subject))
    return None
