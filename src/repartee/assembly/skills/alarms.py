"""Alarms and reminders: at a time of day, once or again and again, or in a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation
from repartee.languages.clock import told_time

from .targets import calls, said, step
from .times import WEEKDAYS, spoken_time


def set_alarm(intent: Intent, situation: Situation) -> Step:
    """Three hours from now is a time too."""
    language = situation.context.language
    intent = _with_time(intent, language)
    wait = timedelta(hours=_whole(intent, "hours"), minutes=_whole(intent, "minutes"))
    at = situation.now + wait if wait else moment(intent, situation.now)
    repeat = str(intent.slots.get("repeat", ""))
    data = {"at": at.isoformat(), "repeat": repeat, "area": situation.context.area or ""}
    return step(intent, Action("alarm.set", (), data), when=told_time(language, at, situation.now, repeat))


def remind(intent: Intent, situation: Situation) -> Step:
    now = situation.now
    wait = timedelta(hours=_whole(intent, "hours"), minutes=_whole(intent, "minutes"))
    at = now + wait if wait else moment(intent, now)
    data = {"at": at.isoformat(), "message": said(intent, "task"), "area": situation.context.area or ""}
    when = told_time(situation.context.language, at, now, within=True)
    return step(intent, Action("reminder.set", (), data), when=when)


def cancel_alarm(intent: Intent, situation: Situation) -> Step:
    """The only one, the one at that time, or all. Where the grammar is not sure what was said, it may have missed a
    time, so even a single one is asked about."""
    language = situation.context.language
    intent = _with_time(intent, language)
    found = _things("alarm", situation)
    if "hour" in intent.slots:
        wanted = moment(intent, situation.now).time()
        found = [e for e in found if _due(e, situation).time().replace(second=0, microsecond=0) == wanted]
    if not found:
        raise Doubtful(Doubt("no_alarm"))
    sure = intent.score >= 1 or "hour" in intent.slots
    if (len(found) > 1 or not sure) and intent.response != "all":
        times = tuple(told_time(language, _due(alarm, situation), situation.now) for alarm in found[:5])
        raise Doubtful(Doubt("which_alarm", {"times": ", ".join(times)}))
    return step(intent, calls("alarm.cancel", found), canceled=len(found))


def cancel_reminders(intent: Intent, situation: Situation) -> Step:
    found = _things("reminder", situation)
    if not found:
        raise Doubtful(Doubt("no_reminder"))
    return step(intent, calls("reminder.cancel", found), canceled=len(found))


def list_alarms(intent: Intent, situation: Situation) -> Step:
    return step(intent, times=[_told(alarm, situation) for alarm in _things("alarm", situation)])


def list_reminders(intent: Intent, situation: Situation) -> Step:
    return step(intent, times=[_told(reminder, situation) for reminder in _things("reminder", situation)])


def moment(intent: Intent, now: datetime) -> datetime:
    """The next time that fits what was said. "Seven" alone is the next seven, morning or evening; "half past six" came
    as minute 30, "quarter to seven" as minute -15."""
    slots = intent.slots
    if "hour" not in slots:
        raise Doubtful(Doubt("no_time"))
    hour, minute, half = _whole(intent, "hour"), _whole(intent, "minute"), str(slots.get("half", ""))
    hours: Sequence[int] = (hour % 24,)
    if half and hour <= 12:
        hours = (hour % 12 + (12 if half == "pm" else 0),)
    elif 1 <= hour <= 12 and "day" not in slots and "repeat" not in slots:
        hours = (hour % 12, hour % 12 + 12)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = _days(str(slots.get("day") or slots.get("repeat", "")), now)
    times = [midnight + timedelta(days=day, hours=h, minutes=minute) for day in days for h in hours]
    coming = [time for time in times if time > now]
    if not coming:
        raise Doubtful(Doubt("time_is_over"))
    return min(coming)


def _with_time(intent: Intent, language: str) -> Intent:
    """With the slots of a time that came as free text."""
    return replace(intent, slots={**intent.slots, **spoken_time(str(intent.slots.get("time", "")), language)})


def _days(day: str, now: datetime) -> Sequence[int]:
    """Days from today that are meant."""
    if day in WEEKDAYS:
        ahead = (WEEKDAYS.index(day) - now.weekday()) % 7
        return (ahead, ahead + 7)
    if day in ("weekdays", "weekends"):
        return [ahead for ahead in range(8) if ((now.weekday() + ahead) % 7 > 4) == (day == "weekends")]
    return {"today": (0,), "tomorrow": (1,)}.get(day, (0, 1))


def _things(kind: str, situation: Situation) -> list[Entity]:
    """Those that are still to come, soonest first."""
    found = [e for e in situation.household.entities if e.domain == kind and situation.states[e.id].value == "set"]
    return sorted(found, key=lambda entity: _due(entity, situation))


def _due(entity: Entity, situation: Situation) -> datetime:
    return datetime.fromtimestamp(situation.states[entity.id].attributes["due"], situation.now.tzinfo)


def _told(entity: Entity, situation: Situation) -> str:
    attributes = situation.states[entity.id].attributes
    language, repeat = situation.context.language, str(attributes.get("repeat", ""))
    when = told_time(language, _due(entity, situation), situation.now, repeat)
    message = attributes.get("message")
    return f"{message}: {when}" if message else when


def _whole(intent: Intent, slot: str) -> int:
    """A million at most, either way: nobody plans further ahead, and the calendar ends."""
    value = intent.slots.get(slot, 0)
    return int(min(max(value, -1_000_000), 1_000_000)) if isinstance(value, int | float) else 0


SKILLS = {
    "RepSetAlarm": set_alarm,
    "RepCancelAlarm": cancel_alarm,
    "RepAlarms": list_alarms,
    "RepRemind": remind,
    "RepReminders": list_reminders,
    "RepCancelReminders": cancel_reminders,
}
