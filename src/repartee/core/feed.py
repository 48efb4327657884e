"""What happens, as one stream: turns, the home, the household. Pages, doors and tools read it; a turn never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .channel import Channel
from .turn import Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HomeChanged:
    """A state of the home is another now, or the home itself is."""

    entity: str
    """Empty: the home itself, names or places."""


@dataclass(frozen=True, slots=True)
class HouseholdChanged:
    """A timer, an alarm, a reminder, an order or a list is another now."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, and in whose session."""

    what: Event | HomeChanged | HouseholdChanged
    session: str = ""
    """Id; empty: in nobody's."""


class Feed:
    """Fans out to any number of subscribers. One that is slow loses the oldest, and its channel counts them."""

    def __init__(self, capacity: int = 1000) -> None:
        """`capacity`: happenings that a subscriber may fall behind."""
        self._capacity = capacity
        self._subscribers: list[tuple[Callable[[Happening], Any], Channel[Any]]] = []

    def publish(self, happening: Happening) -> None:
        self._subscribers = [(pick, channel) for pick, channel in self._subscribers if not channel.closed]
        for pick, channel in self._subscribers:
            picked = pick(happening)
            if picked is not None:
                channel.push(picked)

    def subscribe(self, pick: Callable[[Happening], T | None], capacity: int | None = None) -> Channel[T]:
        """From now on, whatever `pick` makes of it, unless that is None. Close the channel to leave."""
        channel = Channel[T](capacity or self._capacity)
        self._subscribers.append((pick, channel))
        return channel
