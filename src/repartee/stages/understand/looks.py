"""What a turn's record keeps of its looks at the sound."""

from __future__ import annotations

from collections import deque

from repartee.core.hearing import Hearing
from repartee.core.intent import Status
from repartee.core.turn import Look

from .pin import MASK

KEPT, RIVALS = 8, 3
"""So many looks, the newest; of each so many of what the home can hear."""


class Looks:
    """Of one turn."""

    def __init__(self) -> None:
        self._looks: deque[Look] = deque(maxlen=KEPT)

    def add(self, hearing: Hearing, taken: str, status: Status) -> None:
        """`taken`: the words that it was taken for."""
        free = hearing.free.log_likelihood
        likeliest = sorted(hearing.home, key=lambda heard: -heard.log_likelihood)[:RIVALS]
        home = tuple((heard.text, round(free - heard.log_likelihood, 2)) for heard in likeliest if heard.text)
        self._looks.append(Look(hearing.end, hearing.free.text, home, taken, status.value))

    def of(self, transcript: str) -> tuple[Look, ...]:
        """None of a sentence with a PIN."""
        return () if MASK in transcript else tuple(self._looks)
