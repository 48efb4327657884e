"""What was meant: intents with slots, whole readings of a sentence, and what is in doubt about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .when import When

SlotValue = str | int | float
Data = Mapping[str, object]
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
    when: When | None = None
    """All that was said about its time; None: now."""
    confirmed: bool = False
    """The person was asked about this part, and said yes to it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a question offers, and what it comes to."""

    label: str
    """As it is said and shown: `Bedroom Lamp`, `yes`."""
    parts: tuple[Part, ...] = ()
    """What the part in doubt becomes; none: it is dropped."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is not simply done: it is missing, ambiguous, forbidden, or wants a yes first.

    With choices, or a slot to fill, it is a question to the person. Otherwise it is an error, and told as such.
    """

    key: str
    """Among the error templates of the sentence data (`no_area`, ...) or the phrases of the language."""
    facts: Data = field(default_factory=dict)
    """What the template names."""
    choices: tuple[Choice, ...] = ()
    """What the person may answer."""
    slot: str = ""
    """A slot that the answer fills, whatever it is: a number, a time, free text."""
    at: int | None = None
    """Index of the part in doubt; None: the whole sentence."""

    @property
    def asks(self) -> bool:
        """Whether only the person can settle it."""
        return bool(self.choices or self.slot)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(choice.label for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Use:
    """What some words of a sentence became."""

    start: int
    """Index of the first word."""
    stop: int
    """Index after the last."""
    role: str
    """`deed`, `target`, `place`, `except`, `amount`, `when`, `free` (politeness), `left` (nothing), ..."""
    value: str = ""
    """What it stands for."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Which words of a sentence became which part of the plan."""

    words: tuple[str, ...]
    """Normalised."""
    uses: tuple[Use, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """Words that are no part of the plan; with any, nothing is done."""
        return tuple(word for use in self.uses if use.role == "left" for word in self.words[use.start : use.stop])


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a whole sentence."""

    parts: tuple[Part, ...]
    score: float = 1.0
    doubt: Doubt | None = None
    """Why it is not safe to act; None: act."""
    cover: Cover | None = field(default=None, compare=False)
    """What each word became, where the reader said so. Templates account for all their words by themselves."""

    @property
    def acts(self) -> bool:
        return bool(self.parts) and self.doubt is None


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
