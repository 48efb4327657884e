"""The words of a sentence that say when: spans with their values. Data: `languages/<language>/times.json`.

A time is read whole or not at all: "ten past seven" is never 10:07. What was said in several places joins
("tomorrow ... at seven"); two times that can't both be meant give none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from ..core.when import EVERY_DAY, NOW, Moment, Repeat, When
from ..languages.data import own_data
from .phrase_rules import Known, PhraseRules, Values
from .text import words

TOP = ("after", "lasting", "until", "repeat", "at", "vague")
"""Rules whose phrases stand by themselves in a sentence; of equally long ones the first counts."""
BARE = "bare"
"""A time without the word that leads to it ("twenty past six"), beside something that takes a time: "an alarm"."""
SHORTEST_REPEAT = 60.0
"""Seconds: the shortest interval of a repetition."""


class Span(NamedTuple):
    """Words of a sentence from `start` to before `stop`, and what they say about the time."""

    start: int
    stop: int
    when: When


@dataclass(frozen=True)
class TimeWords:
    """What a language says of times."""

    rules: PhraseRules
    not_before: frozenset[str]
    """A number before one of these words is an amount, not an hour."""
    first: frozenset[str]
    """Words that a phrase may begin with."""
    takers: tuple[str, ...]
    """Intents that take a time as their own; each is a rule of what is said beside it."""


@lru_cache(maxsize=8)
def time_words_of(language: str) -> TimeWords | None:
    """None for a language that has no such data."""
    data = own_data(language, "times")
    if not data:
        return None
    tops = {name: data.get(name, {}) for name in (*TOP, BARE)}
    rules = PhraseRules(language, {**data["rules"], **tops, **data.get("takers", {})})
    amounts = frozenset(word for text in data["not_before"] for word in words(text))
    return TimeWords(rules, amounts, rules.first_words((*TOP, BARE)), tuple(data.get("takers", {})))


def time_spans(said: Sequence[str], language: str, bare: bool = False) -> list[Span]:
    """Every phrase of time in these (normalised) words, the longest first; they may overlap.

    `bare`: also those that only stand beside what takes a time: "(an alarm) | twenty past six".
    """
    return list(_time_spans(tuple(said), language, bare))


@lru_cache(maxsize=4096)
def _time_spans(said: tuple[str, ...], language: str, bare: bool) -> tuple[Span, ...]:
    """Remembered: a sentence is looked at several times while it grows, and matching the rules is the dear part."""
    known = time_words_of(language)
    if known is None:
        return ()
    rules = (*TOP, BARE) if bare else TOP
    matched: Known = {}
    found = [span for start in range(len(said)) for span in _spans(said, start, known, rules, matched)]
    return tuple(sorted(found, key=lambda span: (span.start - span.stop, span.start)))


def says_when(said: Sequence[str], language: str) -> bool:
    """Whether it has words of time; a number alone is none."""
    return any(span.stop - span.start > 1 for span in time_spans(said, language, bare=True)) or bool(
        time_spans(said, language)
    )


class Timing(NamedTuple):
    """When a sentence is to be done, and the words that say so."""

    when: When
    spans: tuple[Span, ...]

    def rest(self, said: Sequence[str]) -> list[str]:
        """The words that say what is to be done."""
        taken = {n for span in self.spans for n in range(span.start, span.stop)}
        return [word for n, word in enumerate(said) if n not in taken]


def timing_of(said: Sequence[str], language: str, bare: bool = False) -> Timing | None:
    """All that the sentence says of its time; None where it says nothing, or what can't all be so."""
    chosen: list[Span] = []
    for span in time_spans(said, language, bare):
        if not any(span.start < other.stop and other.start < span.stop for other in chosen):
            chosen.append(span)
    when: When | None = NOW
    for span in chosen:
        when = together(when, span.when) if when is not None else None
    return Timing(when, tuple(sorted(chosen))) if chosen and when is not None else None


def together(one: When, other: When) -> When | None:
    """Both at once; None where they speak against each other."""
    joined: dict[str, Any] = {}
    for name in ("after", "repeat", "lasting", "until", "condition", "vague"):
        first, second = getattr(one, name), getattr(other, name)
        if first and second and first != second:
            return None
        joined[name] = first or second
    joined["deed"] = one.deed or other.deed
    if one.at and other.at:
        at = _both(one.at, other.at)
        return None if at is None else When(at=at, **joined)
    return When(at=one.at or other.at, **joined)


def _both(one: Moment, other: Moment) -> Moment | None:
    """ "Tomorrow" and "at seven", "at ten" and "in the evening"."""
    day, time = (one, other) if one.has_day and not other.has_day else (other, one)
    if time.has_day:
        return None
    if day.part and time.hour is not None and not (time.part or time.half) and day.hour is None and not day.sun:
        time = replace(time, part=day.part)
    elif day.has_time and time.has_time:
        return None
    clock = time if time.has_time else day
    return replace(clock, in_days=day.in_days, weekday=day.weekday, month=day.month, day=day.day)


def _spans(said: Sequence[str], start: int, known: TimeWords, rules: Sequence[str], matched: Known) -> list[Span]:
    """Those that begin at a word; one a length."""
    found: dict[int, Span] = {}
    if said[start] not in known.first and not said[start][0].isdigit():
        return []
    for rule in rules:
        for match in known.rules.matches(rule, said, start, matched):
            amount = match.stop < len(said) and said[match.stop] in known.not_before
            when = None if amount and match.values.keys() & {"hour"} else _when(rule, match.values)
            if when is not None:
                found.setdefault(match.stop, Span(start, match.stop, when))
    return list(found.values())


def _when(rule: str, values: Values) -> When | None:
    """None for what is no time: a twenty-fifth hour."""
    if rule in ("after", "lasting"):
        seconds = values.get("seconds", 0.0)
        if seconds <= 0:
            return None
        return When(after=seconds) if rule == "after" else When(lasting=seconds)
    if rule == "vague":
        return When(vague="vague")
    moment = _moment(values)
    if moment is None:
        return None
    if rule == "until":
        return When(until=moment)
    if rule == "at" or (rule == BARE and not (values.get("days") or values.get("repeated"))):
        return When(at=moment) if moment != Moment() else None
    return _repeated(values, moment)


def _repeated(values: Values, moment: Moment) -> When | None:
    every = float(values.get("seconds", 0.0))
    if "days" not in values and not values.get("repeated"):
        return When(repeat=Repeat(every=every)) if every >= SHORTEST_REPEAT else None
    named = (values.get("weekday"), values.get("other"))
    days = tuple(values.get("days") or sorted({day for day in named if day is not None}) or EVERY_DAY)
    moment = replace(moment, weekday=None)
    return When(repeat=Repeat(days), at=moment if moment.has_time else None)


def _moment(values: Values) -> Moment | None:
    """None for what no clock and no calendar shows."""
    kept: Values = {k: values[k] for k in ("half", "part", "sun", "in_days", "weekday", "month", "day") if k in values}
    offset = values.get("seconds", 0.0) if "sun" in values else 0.0
    kept["offset"] = -offset if values.get("before") else offset
    if not all(0 <= kept.get(name, 1) <= most for name, most in (("in_days", 366), ("day", 31))):
        return None
    if "hour" not in values:
        return Moment(**kept)
    clock = _clock(values)
    return None if clock is None else Moment(hour=clock[0], minute=clock[1], **kept)


def _clock(values: Values) -> tuple[int, int] | None:
    """ "Ten to eight" is 7:50; "quarter to one" is 12:45, of either half of the day."""
    hour, minute = values["hour"], values.get("minute", 0)
    if isinstance(hour, float):  # "6.30" is 6:30
        hour, minute = int(hour), round(hour % 1 * 100)
    elif 100 <= hour <= 2359 and "minute" not in values:  # "730" is 7:30
        hour, minute = divmod(hour, 100)
    if not (0 <= hour <= 24 and 0 <= abs(minute) < 60) or isinstance(minute, float):
        return None
    return clock_of(hour, minute * values.get("sign", 1) + values.get("shift", 0))


def clock_of(hour: int, minute: int) -> tuple[int, int]:
    """With minutes that may go beyond the hour, either way; an hour that may be of either half stays such a one."""
    open_hour = 1 <= hour <= 12
    hour, minute = hour + minute // 60, minute % 60
    return ((hour - 1) % 12 + 1 if open_hour else hour % 24), minute
