"""Times in people's own words, as free text: "half past six", "halb sieben", "siete y media"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from repartee.core.intent import SlotValue
from repartee.grammar.text import words
from repartee.languages.data import data
from repartee.languages.numbers import spelled

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As the slots of intents name them."""
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockWords:
    """What is said of a time in one language, folded (`languages/*/clock.json`)."""

    am: frozenset[Phrase]
    pm: frozenset[Phrase]
    days: tuple[tuple[str, frozenset[Phrase]], ...]
    noon: frozenset[Phrase]
    midnight: frozenset[Phrase]
    half: frozenset[Phrase]
    half_minutes: int
    """Of "half six": 30, or -30 where it is half an hour before."""
    quarter: frozenset[Phrase]
    before: frozenset[Phrase]
    """ "Quarter to": the quarter comes before the hour."""
    hours: frozenset[Phrase]
    minutes: frozenset[Phrase]
    in_a_while: frozenset[Phrase]
    """Where "hours" also names a time of day, what makes it a while. Empty: it always is one."""
    numbers: dict[Phrase, int]
    """0 to 59."""


def spoken_time(text: str, language: str = "en") -> dict[str, SlotValue]:
    """What is said of a time: the slots of `RepSetAlarm`, or `minutes` and `hours` of a while; or nothing."""
    known, said = clock_words(language), words(text)
    slots: dict[str, SlotValue] = {}
    for half, phrases in (("am", known.am), ("pm", known.pm)):
        if _holds(said, phrases):
            slots["half"] = half
    for day, phrases in known.days:
        if _holds(said, phrases):
            slots["day"] = day
    for phrases, hour in ((known.noon, 12), (known.midnight, 0)):
        if _holds(said, phrases):
            return {**slots, "hour": hour, "minute": 0, "half": ""}
    numbers = _numbers(said, known)
    if not numbers:
        return {}
    unit = _while(said, known)
    return {unit: numbers[0]} if unit else {**slots, **_clock(said, numbers, known)}


def _while(said: Sequence[str], known: ClockWords) -> str:
    """The unit, where it is a while: the first that is named."""
    if known.in_a_while and not _holds(said, known.in_a_while):
        return ""
    for word in said:
        for unit, phrases in (("minutes", known.minutes), ("hours", known.hours)):
            if (word,) in phrases:
                return unit
    return ""


def _clock(said: Sequence[str], numbers: Sequence[int], known: ClockWords) -> dict[str, SlotValue]:
    """`half past six`, `quarter to seven`, `six thirty`, `7`."""
    if _holds(said, known.half):
        return {"hour": numbers[0], "minute": known.half_minutes}
    if _holds(said, known.quarter):
        return {"hour": numbers[0], "minute": -15 if _holds(said, known.before) else 15}
    return {"hour": numbers[0] % 24, "minute": numbers[1] if len(numbers) > 1 and numbers[1] < 60 else 0}


def _numbers(said: Sequence[str], known: ClockWords) -> list[int]:
    """In digits (`7`, `730` is 7 and 30) or spelt (`twenty five` is one number)."""
    found: list[int] = []
    at = 0
    while at < len(said):
        length = next((n for n in (3, 2, 1) if tuple(said[at : at + n]) in known.numbers), 0)
        digits = said[at] if said[at].isascii() and said[at].isdigit() else ""
        if len(digits) in (3, 4):
            found += [int(digits[:-2]), int(digits[-2:])]
        elif 0 < len(digits) < 3:
            found.append(int(digits))
        elif length:
            found.append(known.numbers[tuple(said[at : at + length])])
        at += 1 if digits else max(1, length)
    return found


def _holds(said: Sequence[str], phrases: frozenset[Phrase]) -> bool:
    return any(tuple(said[at : at + len(p)]) == p for p in phrases for at in range(len(said) - len(p) + 1))


@lru_cache(maxsize=64)
def clock_words(language: str) -> ClockWords:
    said = data(language, "clock")["said"]
    lists = {key: _folded(said[key]) for key in ClockWords.__dataclass_fields__ if isinstance(said.get(key), list)}
    days = tuple((day, _folded(texts)) for day, texts in said["days"].items())
    numbers = {tuple(words(text)): number for number in range(60) for text in spelled(language, number)}
    return ClockWords(**lists, days=days, half_minutes=said["half_minutes"], numbers=numbers)


def _folded(texts: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(tuple(words(text)) for text in texts)
