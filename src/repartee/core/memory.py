"""What is remembered of a household: facts, how they are looked for and found."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from .home import plain

SINGLE = frozenset({"name", "birthday", "place", "preference", "attribute"})
"""Kinds of which a subject has one value at a time: another value contradicts the one before."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that somebody told us."""

    text: str
    """As it is told again: "your keys are in the drawer"."""
    kind: str = "note"
    """`name`, `birthday`, `place`, `preference`, `attribute`, `like`, `dislike`, `note`."""
    subject: str = ""
    """What it is about, normalised: `keys`, `anna`, `me`."""
    value: str = ""
    """What it says of that: `in the drawer`."""
    person: str = ""
    """Id of who said it; empty: nobody knows."""
    event: str | None = None
    """ISO date (`2026-05-03`, `--05-03` where every year) or date and time of what it tells about."""
    source: str = ""
    """Id of the turn in which it was said."""
    learned: float = field(default_factory=time.time)
    """Unix time, seconds."""
    until: float | None = None
    """Unix time at which a newer fact contradicted it; None: it holds."""
    id: int = 0
    """Given by the memory; 0: not kept yet."""

    @property
    def key(self) -> tuple[str, str, str] | None:
        """Two facts with equal keys and different values contradict each other; None: contradicts nothing."""
        return (self.person, self.kind, self.subject) if self.kind in SINGLE and self.subject else None

    def same(self, other: Fact) -> bool:
        """Says the same of the same, whatever its case and spaces."""
        if self.key is not None:
            return self.key == other.key and plain(self.value) == plain(other.value)
        return (self.person, self.kind, plain(self.text)) == (other.person, other.kind, plain(other.text))

    def contradicts(self, other: Fact) -> bool:
        """Both can't hold at once."""
        return self.key is not None and self.key == other.key and plain(self.value) != plain(other.value)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    text: str
    person: str = ""
    """Facts of this person come first, then those of nobody in particular."""
    kind: str = ""
    """What is of this kind comes first."""
    subject: str = ""
    """What is about this comes first."""
    limit: int = 5
    past: bool = False
    """Also what does not hold any more."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """A fact that was found."""

    fact: Fact
    score: float
    """0 to 1: how well it fits the question."""
