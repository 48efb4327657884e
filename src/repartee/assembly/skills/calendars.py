"""The home's calendars: what is on today, tomorrow or next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .targets import named, step
from .weather import day_said

MOST = 5
"""Events that are told at once."""


@dataclass(frozen=True, slots=True)
class Event:
    summary: str
    start: datetime
    end: datetime
    whole_day: bool


def agenda(intent: Intent, situation: Situation) -> Step:
    """Of one day, or the next that is to come."""
    calendars = [entity for entity in situation.home.entities if entity.domain == "calendar"]
    if "name" in intent.slots:
        calendars = [named(intent, situation, ("calendar",))]
    if not calendars:
        return step(replace(intent, response="no_calendar"))
    known = [situation.states[entity.id] for entity in calendars]
    events = sorted((event for state in known for event in events_of(state.attributes, situation.now)), key=_start)
    if not any("events" in state.attributes or "start_time" in state.attributes for state in known):
        return step(replace(intent, response="unknown"))
    coming = [event for event in events if event.end > situation.now]
    if "day" not in intent.slots:
        found = [event for event in coming if event.start >= situation.now][:1] or coming[:1]
        return _told(replace(intent, response="next"), found, situation)
    day = day_said(str(intent.slots["day"]), situation.now)
    if not any("events" in state.attributes for state in known) and day != situation.now.date():
        return step(replace(intent, response="unknown"))  # such a calendar tells its next event only
    return _told(intent, [event for event in coming if _is_on(event, day)], situation)


def events_of(attributes: Mapping[str, Any], now: datetime) -> Iterator[Event]:
    """All that a calendar tells (`events`), or the one that Home Assistant's state has."""
    rows = attributes.get("events")
    if rows is None and attributes.get("start_time"):
        rows = [
            {"summary": attributes.get("message"), "start": attributes["start_time"], "end": attributes.get("end_time")}
        ]
    for row in rows or ():
        if isinstance(row, Mapping) and (start := _moment(row.get("start"), now)):
            whole_day = len(str(row["start"])) == 10
            end = _moment(row.get("end"), now) or start + timedelta(hours=24 if whole_day else 1)
            yield Event(str(row.get("summary") or ""), start, end, whole_day)


def _moment(value: object, now: datetime) -> datetime | None:
    """Where the home is: an ISO 8601 time, or a date for a whole day."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at.astimezone(now.tzinfo) if at.tzinfo else at.replace(tzinfo=now.tzinfo)


def _start(event: Event) -> datetime:
    return event.start


def _is_on(event: Event, day: date) -> bool:
    """Some of it is on that day."""
    last = event.end - timedelta(seconds=1)
    return event.start.date() <= day <= last.date()


def _told(intent: Intent, events: list[Event], situation: Situation) -> Step:
    rows = [
        {
            "summary": event.summary,
            "clock": "" if event.whole_day or event.start.time() == time() else f"{event.start:%H:%M}",
            "days": (event.start.date() - situation.now.date()).days,
            "weekday": event.start.weekday(),
        }
        for event in events[:MOST]
    ]
    return step(intent, events=rows, more=max(0, len(events) - MOST))


SKILLS = {"RepAgenda": agenda}
