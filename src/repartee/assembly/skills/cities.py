"""What time it is elsewhere, and which day another day is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from repartee.core.home import slug
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Step
from repartee.core.skill import Doubtful, Situation

from .targets import said, step
from .weather import day_said


def time_in(intent: Intent, situation: Situation) -> Step:
    """Of a city or country that the table knows; of any other we say that we don't know."""
    zone = zone_of(said(intent, "city"))
    if zone is None:
        return step(replace(intent, response="unknown"))
    there = situation.now.astimezone(zone)
    days = (there.date() - situation.now.date()).days
    return step(intent, clock=f"{there:%H:%M}", days=days)


def zone_of(place: str) -> ZoneInfo | None:
    name = zones().get(slug(place)) or _cities_of_zones().get(slug(place))
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None  # a system without this zone


@cache
def zones() -> Mapping[str, str]:
    """Places, as the five languages call them, and their zones."""
    table = json.loads((files("repartee.assembly.skills") / "cities.json").read_text("utf-8"))
    return {slug(name): zone for zone, names in table.items() for name in names}


@cache
def _cities_of_zones() -> Mapping[str, str]:
    """Zones bear the name of a city: `Europe/Oslo`."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    found = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in regions)
    return {slug(zone.rpartition("/")[2]): zone for zone in found}


def day_of(intent: Intent, situation: Situation) -> Step:
    """The date and the weekday of today, tomorrow, in so many days."""
    ahead = intent.slots.get("ahead")
    if isinstance(ahead, int | float):
        day = situation.now.date() + timedelta(days=int(min(max(ahead, 0), 366)))
    elif intent.slots.get("day") == "yesterday":
        day = situation.now.date() - timedelta(days=1)
    else:
        day = day_said(str(intent.slots.get("day", "today")), situation.now)
    return step(intent, weekday=day.weekday(), number=day.day, month=day.month, year=day.year)


def until(intent: Intent, situation: Situation) -> Step:
    """How many days until a day of the year."""
    now = situation.now.date()
    try:
        month, number = (int(part) for part in said(intent, "date").split("-"))
        days = [date(year, month, number) for year in (now.year, now.year + 1)]
    except ValueError:
        raise Doubtful(Doubt("no_intent")) from None
    return step(intent, days=(min(day for day in days if day >= now) - now).days)
