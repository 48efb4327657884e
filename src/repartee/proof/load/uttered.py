"""What became of one sentence, whoever heard it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from repartee.core.turn import ELSEWHERE, INTERRUPTED

from .spoken import Spoken

TOO_MUCH = "too much is going on at once"
"""How the error of a turn begins that was refused (`core.limiter.Overloaded`)."""


class Fate(StrEnum):
    RIGHT = "right"
    ASKED = "asked"
    """A question came back: nothing wrong was done."""
    ANSWERED = "answered"
    """Nobody said what would be right."""
    REJECTED = "rejected"
    """It was heard as no command."""
    WRONG = "wrong"
    BUSY = "busy"
    """It was told that there is too much to do."""
    FAILED = "failed"
    """An error was said."""
    LOST = "lost"
    """No answer came."""


@dataclass(frozen=True, slots=True)
class Uttered:
    """Times are milliseconds from the last voiced sample; None: that did not come."""

    sentence: str
    fate: Fate
    audible: float | None = None
    """The first sample of the reply."""
    acted: float | None = None
    finished: float | None = None
    detail: str = ""
    """Why, where it is not right."""
    heard: str = ""
    """The words that were understood."""

    @property
    def answered(self) -> float | None:
        """The moment at which a person knows."""
        times = [t for t in (self.audible, self.acted) if t is not None]
        return max(times) if times else self.finished


class Refused(Exception):
    """Nobody was let in."""

    def __init__(self, politely: bool, ms: float, why: str) -> None:
        """`politely`: with the code for "later" and a reason; `ms` after asking."""
        super().__init__(why)
        self.politely, self.ms = politely, ms


class Line(Protocol):
    """One person's connection."""

    late: list[float]
    """Milliseconds by which each frame was sent too late."""
    why: str
    """Why it is over; empty: it goes on."""

    async def open(self) -> None:
        """Raises `Refused`."""
        ...

    async def say(self, spoken: Spoken) -> Uttered:
        """At the pace of life; returns when it is answered, or is not for too long."""
        ...

    async def close(self) -> None: ...


def fate_of(record: Mapping[str, Any], spoken: Spoken) -> tuple[Fate, str]:
    """Of a turn as the socket tells it; and why."""
    error = record.get("error")
    if error == ELSEWHERE:
        return Fate.REJECTED, error
    if error and error != INTERRUPTED:
        return (Fate.BUSY if error.startswith(TOO_MUCH) else Fate.FAILED), error
    heard, decision = str(record.get("transcript", "")), record["decision"]
    if decision == "asked":
        return Fate.ASKED, heard
    if decision in ("rejected", "silence", "cancelled"):
        return Fate.REJECTED, heard
    if not spoken.plans:
        return Fate.ANSWERED, heard
    done = [_plain(part) for part in record["plan"]]
    right = len(done) == 1 and any(done[0] == _plain(plan) for plan in spoken.plans)
    return (Fate.RIGHT, "") if right else (Fate.WRONG, f"{spoken.text!r} was heard as {heard!r}")


def _plain(part: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    slots = {key: str(value).casefold() for key, value in part["slots"].items() if value is not None}
    return part["intent"], tuple(sorted(slots.items()))
