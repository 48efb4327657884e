"""How keeping things fares: what is on disk, what waits, what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Keeping:
    """Of one who keeps things, since the start."""

    name: str
    waiting: int
    """Things that are in memory alone."""
    lost: int
    """Turns that will never be on disk, or changes that somebody was told would not outlive a restart."""
    unreadable: int
    """Things that were there and make no sense."""
    trouble: str | None
    """Why nothing can be written now; None while it can. Never a path."""


@runtime_checkable
class Keeps(Protocol):
    """What keeps things."""

    @property
    def keeping(self) -> Keeping: ...


def keeping_of(*things: object) -> Sequence[Keeping]:
    """Of all of them that keep anything."""
    return [thing.keeping for thing in things if isinstance(thing, Keeps)]
