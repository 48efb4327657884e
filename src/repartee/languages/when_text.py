"""A time in words, as the grammar reads it back: "every weekday at 7:00 am for 10 minutes"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from repartee.core.when import EVERY_DAY, WEEKDAYS, WEEKEND, Moment, Repeat, When

from .data import data
from .phrases import counted

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def told_when(language: str, when: When) -> str:
    """All that it says; nothing for now."""
    return " ".join(part for part in _parts(language, when) if part)


def told_moment(language: str, at: datetime, now: datetime) -> str:
    """`at 7:00 am`, `tomorrow at 8:30 pm`, `on Friday at noon`, `on March 3 at 6:00 am`."""
    ahead = (at.date() - now.date()).days
    day: dict[str, int] = {}
    if ahead == 1:
        day = {"in_days": 1}
    elif 1 < ahead < 7:
        day = {"weekday": at.weekday()}
    elif ahead:
        day = {"month": at.month, "day": at.day}
    half = "am" if 0 < at.hour < 12 else "pm" if at.hour == 12 else ""
    return _moment(_told(language), Moment(at.hour, at.minute, half, **day))  # type: ignore[arg-type]


def told_duration(language: str, seconds: float) -> str:
    """`1 hour and 30 minutes`, to the second."""
    left, parts = round(seconds), []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(counted(language, count, unit))
    return f" {_told(language)['and']} ".join(parts) or counted(language, 0, "second")


def _told(language: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = data(language, "times")["told"]
    return told


def _parts(language: str, when: When) -> Iterator[str]:
    told = _told(language)
    if when.repeat:
        yield _repeat(language, when.repeat)
    if when.after:
        yield told["after"].format(duration=told_duration(language, when.after))
    if when.at:
        yield _moment(told, when.at, language)
    if when.condition:
        yield told["always" if when.condition.always else "once"].format(text=when.condition.text)
    if when.lasting:
        yield told["lasting"].format(duration=told_duration(language, when.lasting))
    if when.until:
        yield _until(language, when.until)


def _until(language: str, moment: Moment) -> str:
    told = _told(language)
    if moment.sun and not moment.offset:
        return str(told["until_sun"][moment.sun])
    bare = moment.hour is not None and not moment.has_day
    return str(told["until"].format(moment=_clock(told, moment) if bare else _moment(told, moment, language)))


def _repeat(language: str, repeat: Repeat) -> str:
    told = _told(language)
    one = {60.0: "minute", 3600.0: "hour", 604800.0: "week"}.get(repeat.every)
    if one:
        return str(told["every_one"][one])
    if repeat.every:
        return str(told["every"].format(duration=told_duration(language, repeat.every)))
    for days, key in ((EVERY_DAY, "every_day"), (WEEKDAYS, "every_weekday"), (WEEKEND, "every_weekend")):
        if repeat.days == days:
            return str(told[key])
    names = [told["every_names"][day] for day in repeat.days]
    return str(told["on_days"].format(days=f" {told['and']} ".join(names)))


def _moment(told: Mapping[str, Any], moment: Moment, language: str = "en") -> str:
    day = _day(told, moment)
    if moment.sun:
        return f"{day} {_sun(told, moment, language)}".strip()
    if moment.hour is not None:
        return f"{day} {told['at'].format(clock=_clock(told, moment))}".strip()
    if not moment.part:
        return day
    if not day or moment.part == "tonight":
        return str(told["parts"][moment.part])
    if moment.in_days == 0:
        return str(told["day_parts_today"][moment.part])
    return str(told["day_parts"][moment.part].format(day=day))


def _sun(told: Mapping[str, Any], moment: Moment, language: str) -> str:
    if not moment.offset:
        return str(told["sun"][moment.sun])
    key = "sun_after" if moment.offset > 0 else "sun_before"
    return str(told[key][moment.sun].format(duration=told_duration(language, abs(moment.offset))))


def _day(told: Mapping[str, Any], moment: Moment) -> str:
    if moment.weekday is not None:
        return str(told["weekdays"][moment.weekday])
    if moment.day is not None and moment.month is not None:
        return str(told["date"].format(day=moment.day, month=told["months"][moment.month - 1]))
    if moment.in_days is None:
        return ""
    key = {0: "today", 1: "tomorrow"}.get(moment.in_days, "in_days")
    return str(told[key].format(count=moment.in_days))


def _clock(told: Mapping[str, Any], moment: Moment) -> str:
    """By the half of the day where it is known; else as it was said."""
    assert moment.hour is not None
    hour = moment.hour + 12 if moment.half == "pm" and moment.hour < 12 else moment.hour
    if moment.half == "am" and hour == 12:
        hour = 0
    whole = not moment.minute
    if hour == 0:
        key = "midnight"
    elif hour == 12 and moment.half == "pm":
        key = "noon"
    elif hour > 12:
        key = "pm"
    else:
        key = "am" if moment.half == "am" else "open"
    form = told["clock"][key if "{m" in told["clock"][key] or whole else {"midnight": "am", "noon": "pm"}[key]]
    minute = moment.minute
    text = form.format(
        h12=hour % 12 or 12, h24=hour, mm=f"{minute:02d}", m=minute or "", la="la" if hour % 12 == 1 else "las"
    )
    return str(text).strip()
