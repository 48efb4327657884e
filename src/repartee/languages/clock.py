"""How times of day are told."""

from __future__ import annotations

from datetime import datetime, time

from .data import data
from .phrases import counted


def clock(language: str, at: datetime | time) -> str:
    """`7:30 AM`, `19 heures 5`, `7:05 uur`."""
    told = data(language, "clock")["told"]
    form = told["time"] if at.minute else told["on_the_hour"]
    half = told.get("halves", {}).get("am" if at.hour < 12 else "pm", "")
    hour12 = at.hour % 12 or 12
    hours = counted(language, at.hour, "hour")
    return str(form.format(hour=at.hour, hour12=hour12, hours=hours, minute=at.minute, half=half))


def told_time(language: str, at: datetime, now: datetime, repeat: str = "", *, within: bool = False) -> str:
    """`7:30 AM`, `tomorrow at 7:00 AM`, `7:00 AM every day`; `within` a sentence: `at 7:30 AM`.

    `repeat`: "daily", "weekdays", "weekends" or nothing.
    """
    told = data(language, "clock")["told"]
    facts = {"time": clock(language, at), "at": told["at"].get(str(at.hour), told["at"]["other"])}
    if repeat in told["repeats"]:
        return str(told["repeated"].format(repeat=told["repeats"][repeat], **facts))
    ahead = (at.date() - now.date()).days
    if ahead == 0:
        return str(told["today_within" if within else "today"].format(**facts))
    day = told["tomorrow"] if ahead == 1 else told["weekdays"][at.weekday()]
    return str(told["day"].format(day=day, **facts))
