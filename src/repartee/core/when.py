"""When something that was said holds: a time, a repetition, a while, a condition. Only values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

EVERY_DAY = tuple(range(7))
WEEKDAYS = tuple(range(5))
WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, as far as it was said."""

    hour: int | None = None
    """0 to 23. From 1 to 12 with neither `half` nor `part` it may be either half of the day."""
    minute: int = 0
    half: str = ""
    """`am`, `pm`, or nothing."""
    part: str = ""
    """Of the day: `morning`, `afternoon`, `evening`, `night`, `tonight`, or nothing."""
    sun: str = ""
    """`sunrise`, `sunset`, or nothing."""
    offset: float = 0.0
    """Seconds after the sun's event; before it where negative."""
    in_days: int | None = None
    """0: today, 1: tomorrow."""
    weekday: int | None = None
    """The next one, today included while its time is to come; 0: Monday."""
    month: int | None = None
    day: int | None = None
    """Of the month; with `month` a date, the next that comes."""

    @property
    def has_day(self) -> bool:
        return self.in_days is not None or self.weekday is not None or self.day is not None

    @property
    def has_time(self) -> bool:
        """A part of the day is one too, if a rough one."""
        return self.hour is not None or bool(self.sun or self.part)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Again and again: on days, at the moment's time, or ever so many seconds."""

    days: tuple[int, ...] = ()
    """0: Monday."""
    every: float = 0.0
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A state of the home that is waited for, or looked at."""

    entities: tuple[str, ...]
    """Ids; one of them is enough, unless `all_of`."""
    text: str
    """The condition in the words of whoever said it: "the washing machine is done"."""
    values: tuple[str, ...] = ()
    """States that fulfil it."""
    above: float | None = None
    below: float | None = None
    attribute: str = ""
    """Whose value is looked at; empty: the state's own."""
    negated: bool = False
    all_of: bool = False
    edge: bool = True
    """Waits until it becomes so; otherwise it is looked at now."""
    always: bool = False
    """Each time it becomes so, not only the next."""


@dataclass(frozen=True, slots=True)
class When:
    """All that a sentence says about the time of a deed. Several hold together: "every night at ten for an hour"."""

    after: float = 0.0
    """Seconds to wait first ("in ten minutes")."""
    at: Moment | None = None
    repeat: Repeat | None = None
    lasting: float = 0.0
    """Seconds after which it is taken back ("for ten minutes")."""
    until: Moment | None = None
    """When it is taken back ("until eight")."""
    condition: Condition | None = None
    vague: str = ""
    """Words for a time that do not say which: "later"."""
    deed: str = ""
    """What is to be done, in the words of whoever said it: "turn on the oven"."""

    @property
    def waits(self) -> bool:
        """Whether nothing is done now."""
        edge = self.condition is not None and self.condition.edge
        return bool(self.after or self.at or self.repeat or edge or self.vague)

    @property
    def ends(self) -> bool:
        """Whether it is taken back."""
        return bool(self.lasting or self.until)

    @property
    def always(self) -> bool:
        """Whether it is done again and again."""
        return self.repeat is not None or (self.condition is not None and self.condition.always)


NOW = When()
"""No word about the time."""


ZEROS = ("hour", "in_days", "weekday", "above", "below")
"""Fields of which 0 says something."""


def when_as_json(when: When) -> dict[str, Any]:
    """Only what was said; `when_from_json` reads it."""
    return {name: _without_defaults(value) for name, value in asdict(when).items() if value}


def when_from_json(data: Mapping[str, Any]) -> When:
    """Raises `TypeError` for what is none."""
    made: dict[str, Any] = dict(data)
    kinds: dict[str, Callable[..., object]] = {
        "at": Moment, "until": Moment, "repeat": Repeat, "condition": Condition,
    }  # fmt: skip
    for name, kind in kinds.items():
        if made.get(name):
            made[name] = kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in made[name].items()})
    return When(**made)


def _without_defaults(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each or (each is not None and name in ZEROS)}
