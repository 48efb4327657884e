"""Times in people's own words: what is said of one in English, and how one is told in other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from repartee.core.intent import SlotValue

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
NUMBERS = {word: n for n, word in enumerate(ONES)} | TENS
MORNING, EVENING = ("am", "a.m.", "morning"), ("pm", "p.m.", "evening", "afternoon", "night", "tonight")


def spoken_time(text: str) -> dict[str, SlotValue]:
    """What is said of a time: the slots of `RepSetAlarm`, or `minutes` and `hours` of a while; or nothing."""
    words = re.sub(r"\b([ap])\.? m\b\.?", r"\1m", re.sub(r"[^\w.' ]", " ", text.casefold())).split()
    slots: dict[str, SlotValue] = {}
    if any(word in MORNING for word in words):
        slots["half"] = "am"
    if any(word in EVENING for word in words):
        slots["half"] = "pm"
    for day in ("today", "tomorrow", *WEEKDAYS):
        if day in words:
            slots["day"] = day
    numbers = _numbers(words)
    for special, hour in (("noon", 12), ("midday", 12), ("midnight", 0)):
        if special in words:
            return {**slots, "hour": hour, "minute": 0, "half": ""}
    if not numbers:
        return {}
    unit = next((word for word in words if word.startswith(("minute", "hour"))), None)
    if unit is not None:
        return {"hours" if unit.startswith("hour") else "minutes": numbers[0]}
    return {**slots, **_clock(words, numbers)}


def _clock(words: list[str], numbers: list[int]) -> dict[str, SlotValue]:
    """`half past six`, `quarter to seven`, `six thirty`, `7`."""
    if "half" in words:
        return {"hour": numbers[0], "minute": 30}
    if "quarter" in words:
        return {"hour": numbers[0], "minute": -15 if {"to", "of"} & set(words) else 15}
    return {"hour": numbers[0] % 24, "minute": numbers[1] if len(numbers) > 1 and numbers[1] < 60 else 0}


def _numbers(words: list[str]) -> list[int]:
    """In digits (`7`, `730` is 7 and 30) or in words (`twenty five` is one number)."""
    found: list[int] = []
    tens = False
    for word in words:
        digits = word.isascii() and word.isdigit()
        if digits and len(word) in (3, 4):
            found += [int(word[:-2]), int(word[-2:])]
        elif digits and len(word) < 3:
            found.append(int(word))
        elif word in NUMBERS and tens and NUMBERS[word] < 10:
            found[-1] += NUMBERS[word]
        elif word in NUMBERS:
            found.append(NUMBERS[word])
        tens = word in TENS
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """How a language tells a time; the day comes first."""

    at: str
    hour: str
    minutes: str
    tomorrow: str
    days: Sequence[str]
    repeats: Mapping[str, str]

    def told(self, at: datetime, now: datetime, repeat: str = "") -> str:
        minutes = self.minutes.format(minute=at.minute) if at.minute else ""
        clock = f"{self.at} {self.hour.format(hour=at.hour, minutes=minutes)}"
        ahead = (at.date() - now.date()).days
        day = self.repeats.get(repeat) or (
            "" if ahead == 0 else self.tomorrow if ahead == 1 else self.days[at.weekday()]
        )
        return f"{day} {clock}".strip()


SAID: Mapping[str, Said] = {
    "fr": Said(
        "à", "{hour} heures{minutes}", " {minute}", "demain",
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        {"daily": "tous les jours", "weekdays": "en semaine", "weekends": "le week-end"},
    ),
    "nl": Said(
        "om", "{hour}{minutes} uur", ":{minute:02d}", "morgen",
        ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
        {"daily": "elke dag", "weekdays": "op werkdagen", "weekends": "in het weekend"},
    ),
}  # fmt: skip
