"""Alarms and reminders: at a time of day, once or again and again, or in a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation

from .targets import calls, said, step
from .times import SAID, WEEKDAYS, spoken_time

REPLIES = {
    "en": {
        "RepSetAlarm": "Alarm set for {{ slots.when }}",
        "RepCancelAlarm": "{{ 'Alarm' if slots.canceled == 1 else slots.canceled ~ ' alarms' }} cancelled",
        "RepAlarms": "{{ slots.times | join(', ') if slots.times else 'No alarms are set' }}",
        "RepRemind": "I will remind you {{ slots.when }}",
        "RepReminders": "{{ slots.times | join(', ') if slots.times else 'There are no reminders' }}",
        "RepCancelReminders": "{{ 'Reminder' if slots.canceled == 1 else slots.canceled ~ ' reminders' }} cancelled",
    },
    "fr": {
        "RepSetAlarm": "Réveil réglé : {{ slots.when }}",
        "RepCancelAlarm": "{{ 'Réveil annulé' if slots.canceled == 1 else slots.canceled ~ ' réveils annulés' }}",
        "RepAlarms": "{{ slots.times | join(', ') if slots.times else \"Aucun réveil n'est réglé\" }}",
        "RepRemind": "Je vous le rappellerai {{ slots.when }}",
        "RepReminders": "{{ slots.times | join(', ') if slots.times else \"Il n'y a pas de rappels\" }}",
        "RepCancelReminders": "{{ 'Rappel annulé' if slots.canceled == 1 else slots.canceled ~ ' rappels annulés' }}",
    },
    "nl": {
        "RepSetAlarm": "Wekker gezet: {{ slots.when }}",
        "RepCancelAlarm": "{{ 'Wekker' if slots.canceled == 1 else slots.canceled ~ ' wekkers' }} geannuleerd",
        "RepAlarms": "{{ slots.times | join(', ') if slots.times else 'Er zijn geen wekkers gezet' }}",
        "RepRemind": "Ik herinner je eraan {{ slots.when }}",
        "RepReminders": "{{ slots.times | join(', ') if slots.times else 'Er zijn geen herinneringen' }}",
        "RepCancelReminders": "{{ 'Herinnering' if slots.canceled == 1 else slots.canceled ~ ' herinneringen' }}"
        " geannuleerd",
    },
}


def set_alarm(intent: Intent, situation: Situation) -> Step:
    """Three hours from now is a time too."""
    intent = _with_time(intent)
    wait = timedelta(hours=_whole(intent, "hours"), minutes=_whole(intent, "minutes"))
    at = situation.now + wait if wait else moment(intent, situation.now)
    repeat = str(intent.slots.get("repeat", ""))
    data = {"at": at.isoformat(), "repeat": repeat, "area": situation.context.area or ""}
    return step(intent, Action("alarm.set", (), data), when=told(at, situation.now, repeat, situation.context.language))


def remind(intent: Intent, situation: Situation) -> Step:
    now = situation.now
    wait = timedelta(hours=_whole(intent, "hours"), minutes=_whole(intent, "minutes"))
    at = now + wait if wait else moment(intent, now)
    data = {"at": at.isoformat(), "message": said(intent, "task"), "area": situation.context.area or ""}
    language = situation.context.language
    when = told(at, now, language=language)
    if at.date() == now.date() and language.startswith("en"):
        when = f"at {when}"
    return step(intent, Action("reminder.set", (), data), when=when)


def cancel_alarm(intent: Intent, situation: Situation) -> Step:
    """The only one, the one at that time, or all. Where the grammar is not sure what was said, it may have missed a
    time, so even a single one is asked about."""
    intent = _with_time(intent)
    found = _things("alarm", situation)
    if "hour" in intent.slots:
        wanted = moment(intent, situation.now).time()
        found = [e for e in found if _due(e, situation).time().replace(second=0, microsecond=0) == wanted]
    if not found:
        raise Doubtful(Doubt("no_alarm"))
    sure = intent.score >= 1 or "hour" in intent.slots
    if (len(found) > 1 or not sure) and intent.response != "all":
        language = situation.context.language
        times = tuple(told(_due(alarm, situation), situation.now, language=language) for alarm in found[:5])
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


def _with_time(intent: Intent) -> Intent:
    """With the slots of a time that came as free text."""
    return replace(intent, slots={**intent.slots, **spoken_time(str(intent.slots.get("time", "")))})


def _days(day: str, now: datetime) -> Sequence[int]:
    """Days from today that are meant."""
    if day in WEEKDAYS:
        ahead = (WEEKDAYS.index(day) - now.weekday()) % 7
        return (ahead, ahead + 7)
    if day in ("weekdays", "weekends"):
        return [ahead for ahead in range(8) if ((now.weekday() + ahead) % 7 > 4) == (day == "weekends")]
    return {"today": (0,), "tomorrow": (1,)}.get(day, (0, 1))


def told(at: datetime, now: datetime, repeat: str = "", language: str = "en") -> str:
    """As people say it: `7:30 AM`, `tomorrow at 7:00 AM`, `Friday at 6:15 PM`, `7:00 AM every day`."""
    if (words := SAID.get(language.partition("-")[0])) is not None:
        return words.told(at, now, repeat)
    clock = f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"
    if repeat:
        return f"{clock} {'every day' if repeat == 'daily' else 'on ' + repeat}"
    days = (at.date() - now.date()).days
    if days == 0:
        return clock
    return f"{'tomorrow' if days == 1 else at.strftime('%A')} at {clock}"


def _things(kind: str, situation: Situation) -> list[Entity]:
    """Those that are still to come, soonest first."""
    found = [e for e in situation.household.entities if e.domain == kind and situation.states[e.id].value == "set"]
    return sorted(found, key=lambda entity: _due(entity, situation))


def _due(entity: Entity, situation: Situation) -> datetime:
    return datetime.fromtimestamp(situation.states[entity.id].attributes["due"], situation.now.tzinfo)


def _told(entity: Entity, situation: Situation) -> str:
    attributes = situation.states[entity.id].attributes
    when = told(_due(entity, situation), situation.now, str(attributes.get("repeat", "")), situation.context.language)
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
