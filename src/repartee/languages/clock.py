"""How times of day are told."""

from __future__ import annotations

from datetime import datetime, time

from .data import data
from .phrases import counted


def clock(language: str, at: datetime | time, *, sure: bool = True) -> str:
    """`7:30 AM`, `19 heures 5`, `7:05 uur`. Not `sure`: morning and evening are both meant, so neither is said."""
    told = data(language, "clock")["told"]
    form = told["time"] if at.minute else told["on_the_hour"]
    if not sure:
        form = told.get("either", form)
    half = told.get("halves", {}).get("am" if at.hour < 12 else "pm", "")
    hours = counted(language, at.hour, "hour")
    return str(form.format(hour=at.hour, hour12=at.hour % 12 or 12, hours=hours, minute=at.minute, half=half))


def at_clock(language: str, at: datetime | time, *, sure: bool = True) -> str:
    """With its preposition: `at 7:30 AM`, `a la 1:00`."""
    words = data(language, "clock")["told"]["at"]
    return f"{words.get(str(at.hour), words['other'])} {clock(language, at, sure=sure)}"


def told_time(language: str, at: datetime, now: datetime, repeat: str = "", *, within: bool = False) -> str:
    """`7:30 AM`, `tomorrow at 7:00 AM`, `7:00 AM every day`; `within` a sentence: `at 7:30 AM`.

    `repeat`: "daily", "weekdays", "weekends" or nothing.
    """
    told = data(language, "clock")["told"]
    facts = {"time": clock(language, at), "at_time": at_clock(language, at)}
    if repeat in told["repeats"]:
        return str(told["repeated"].format(repeat=told["repeats"][repeat], **facts))
    ahead = (at.date() - now.date()).days
    if ahead == 0:
        return str(told["today_within" if within else "today"].format(**facts))
    day = told["tomorrow"] if ahead == 1 else told["weekdays"][at.weekday()]
    return str(told["day"].format(day=day, **facts))
