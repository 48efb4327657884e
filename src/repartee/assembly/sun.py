"""When the sun rises and sets: by the home's place, or by what the home itself says of today's sun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from astral import Observer
from astral.sun import sunrise, sunset

from repartee.core.home import State
from repartee.core.schedule import SunTime

SUN = "sun.sun"
"""Home Assistant's entity; its attributes tell the next event of each kind."""
NEXT = {"sunrise": "next_rising", "sunset": "next_setting"}


def by_place(latitude: float, longitude: float) -> SunTime:
    """Degrees, north and east positive."""
    observer = Observer(latitude, longitude)
    events = {"sunrise": sunrise, "sunset": sunset}

    def at(day: date, event: str) -> datetime | None:
        try:
            return events[event](observer, date=day, tzinfo=UTC)
        except ValueError:  # it does not rise, or does not set
            return None

    return at


def by_home(states: Mapping[str, State]) -> SunTime:
    """From day to day the sun is a minute or two off; what is done again is reckoned anew each time."""

    def at(day: date, event: str) -> datetime | None:
        try:
            known = datetime.fromisoformat(str(states[SUN].attributes[NEXT[event]]))
        except (KeyError, ValueError):
            return None
        return known + timedelta(days=(day - known.astimezone().date()).days)

    return at
