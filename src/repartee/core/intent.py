"""What was meant: intents with slots, and whole readings of a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .when import When

SlotValue = str | int | float
Slots = Mapping[str, SlotValue | tuple[str, ...]]
"""Slot name to value; a tuple means any of these (the `domain` of "everything")."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing the person wants, in the names of the Home Assistant intents project."""

    name: str
    """`HassTurnOn`, `HassLightSet`, ..."""
    slots: Slots = field(default_factory=dict)
    """As people name things: `name` is the entity's name, `area` the area's."""
    score: float = 1.0
    """0 to 1, calibrated: how likely this is what was meant."""
    entities: tuple[str, ...] = ()
    """Entity ids that the `name` slot stands for, when the reading has resolved it."""
    response: str = "default"
    """Key of the reply's template among those of the intent."""


@dataclass(frozen=True, slots=True)
class Part:
    """One clause of a sentence: "close the blinds and then turn on the lamp" has two."""

    intent: Intent
    group: int = 0
    """Parts of one group run at once."""
    after: tuple[int, ...] = ()
    """Groups that must be done before."""
    delay: float = 0.0
    """Seconds to wait first ("in ten minutes")."""
    when: When | None = None
    """All that was said about its time; None: now."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a whole sentence."""

    parts: tuple[Part, ...]
    score: float = 1.0
    question: str | None = None
    """What to ask the person where it is not safe to act; None: act."""
    alternatives: tuple[str, ...] = ()
    """The answers the question offers."""
    confirmed: bool = False
    """The person was asked, and said yes to it."""

    @property
    def acts(self) -> bool:
        return bool(self.parts) and self.question is None


class Status(StrEnum):
    """How far a sentence has got."""

    IMPOSSIBLE = "impossible"
    """Nothing sayable begins like this."""
    OPEN = "open"
    """It can't be over yet."""
    COMPLETE = "complete"
    """It may be over; something that changes the plan may follow."""
    CLOSED = "closed"
    """Nothing that changes the plan may follow."""
    FREE = "free"
    """Whoever was asked can't tell."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a sentence may lean on. Bounded: the session keeps only the last few intents."""

    area: str | None = None
    """Id of the area in which the satellite that heard it stands."""
    history: tuple[Intent, ...] = ()
    """Confirmed intents of this session, newest last."""
    language: str = "en"
