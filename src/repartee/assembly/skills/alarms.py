"""Alarms and reminders: at a time of day, once or again and again, or in a while."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from repartee.core.home import Entity
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.schedule import NoSun, NoTime, PastTime, SunTime, hours_of, next_due
from repartee.core.skill import Doubtful, Situation
from repartee.core.when import EVERY_DAY, NOW, WEEKEND, Moment, Repeat, When, when_as_json, when_from_json
from repartee.core.when import WEEKDAYS as WORK_DAYS
from repartee.grammar.text import without, words
from repartee.grammar.timed import WHEN
from repartee.grammar.when import clock_of, time_spans, timing_of, together
from repartee.languages.clock import told_time
from repartee.languages.when_text import told_when

from .targets import calls, said, step
from .times import WEEKDAYS

REPEATS = {"daily": EVERY_DAY, "weekdays": WORK_DAYS, "weekends": WEEKEND}


def set_alarm(intent: Intent, situation: Situation) -> Step:
    """Three hours from now is a time too."""
    language, now = situation.context.language, situation.now
    when = said_when(with_time(intent, language))
    at, repeat = _due_at(when, situation, waking=True), repeated(when)
    data = {"at": on_wall(at, when), "repeat": repeat, "area": situation.context.area or ""}
    return step(intent, Action("alarm.set", (), data), when=_told_at(language, at, now, when))


def remind(intent: Intent, situation: Situation) -> Step:
    """Without a time it asks for one."""
    language, now = situation.context.language, situation.now
    task, when = _reminder(intent, language)
    try:
        at = next_due(when, now, situation.sun)
    except NoTime as error:
        asked = Doubt("no_time") if "time" in intent.slots else Doubt("remind_when", {"task": task}, slot="time")
        raise Doubtful(asked) from error
    except (PastTime, NoSun):
        at = _due_at(when, situation)  # says why not
    data: dict[str, object] = {"at": on_wall(at, when), "message": task}
    if repeat := repeated(when):
        data["repeat"] = repeat
    data["area"] = situation.context.area or ""
    told = _told_at(language, at, now, when, within=True)
    return step(intent, Action("reminder.set", (), data), when=told)


def _reminder(intent: Intent, language: str) -> tuple[str, When]:
    """What of, and when: in slots, among the words of the task, or as the answer to our question."""
    task, slots = said(intent, "task"), intent.slots
    when = said_when(intent) if {"hour", "hours", "minutes", WHEN} & slots.keys() else NOW
    if when == NOW and (timing := timing_of(words(task), language)):
        left = without(task, [(span.start, span.stop) for span in timing.spans])
        task, when = left or task, timing.when
    answer = timing_of(words(str(slots.get("time", ""))), language, bare=True)
    return task, (together(when, answer.when) or answer.when) if answer else when


def cancel_alarm(intent: Intent, situation: Situation) -> Step:
    """The only one, the one at that time, or all. Where the grammar is not sure what was said, it may have missed a
    time, so even a single one is asked about."""
    language = situation.context.language
    intent = with_time(intent, language)
    found = _things("alarm", situation)
    timed = bool({"hour", WHEN} & intent.slots.keys())
    if timed:
        wanted = _times_of(said_when(intent))
        found = [e for e in found if _due(e, situation).strftime("%H:%M") in wanted]
    if not found:
        raise Doubtful(Doubt("no_alarm"))
    sure = intent.score >= 1 or timed
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
    """The next time that fits what was said."""
    return _next(said_when(intent), now, None, waking=True)


def said_when(intent: Intent) -> When:
    """The time in the slots: `when` as JSON, or `hour`, `minute`, `half`, `day`, `repeat`, or `hours` and `minutes` of
    a while. "Half past six" comes as minute 30, "quarter to seven" as minute -15."""
    slots = intent.slots
    if WHEN in slots:
        return when_from_json(json.loads(str(slots[WHEN])))
    wait = 3600.0 * _whole(intent, "hours") + 60.0 * _whole(intent, "minutes")
    if wait > 0:
        return When(after=wait)
    if "hour" not in slots:
        raise Doubtful(Doubt("no_time"))
    hour, minute = clock_of(_whole(intent, "hour"), _whole(intent, "minute"))
    day = str(slots.get("day", ""))
    in_days = {"today": 0, "tomorrow": 1}.get(day)
    weekday = WEEKDAYS.index(day) if day in WEEKDAYS else None
    at = Moment(hour, minute, str(slots.get("half", "")), in_days=in_days, weekday=weekday)
    days = REPEATS.get(str(slots.get("repeat", "")))
    return When(at=at, repeat=Repeat(days) if days else None)


def _times_of(when: When) -> set[str]:
    """The times of day that may be meant, `07:00`; of an alarm that is there already, either half of the day."""
    if when.at is None or when.at.hour is None:
        raise Doubtful(Doubt("no_time"))
    return {f"{hour % 24:02d}:{when.at.minute:02d}" for hour in hours_of(when.at)}


def repeated(when: When) -> str:
    """As the household keeps it: a name, or the numbers of the days."""
    if when.repeat is None:
        return ""
    names = {days: name for name, days in REPEATS.items()}
    return names.get(when.repeat.days, ",".join(map(str, when.repeat.days)))


def on_wall(at: datetime, when: When) -> str:
    """A while ends at a point in time; anything else is a time on the wall, whatever the clocks do until then."""
    return at.isoformat() if when.after else at.replace(tzinfo=None).isoformat()


def _due_at(when: When, situation: Situation, waking: bool = False) -> datetime:
    return _next(when, situation.now, situation.sun, waking)


def _next(when: When, now: datetime, sun: SunTime | None, waking: bool) -> datetime:
    try:
        return next_due(when, now, sun, waking)
    except PastTime as error:
        raise Doubtful(Doubt("time_is_over")) from error
    except NoTime as error:
        raise Doubtful(Doubt("no_time")) from error
    except NoSun as error:
        raise Doubtful(Doubt("no_sun")) from error


def _told_at(language: str, at: datetime, now: datetime, when: When, within: bool = False) -> str:
    repeat = repeated(when)
    if repeat and repeat not in REPEATS:
        return told_when(
            language, When(at=Moment(at.hour, at.minute, "am" if at.hour < 12 else ""), repeat=when.repeat)
        )
    return told_time(language, at, now, repeat, within=within)


def with_time(intent: Intent, language: str) -> Intent:
    """With the time that came as free text, unless that says more than one."""
    text = words(str(intent.slots.get("time", "")))
    timing = timing_of(text, language, bare=True)
    if timing is None or time_spans(timing.rest(text), language, bare=True) or timing.when.until:
        return intent
    when = timing.when
    when = replace(when, after=when.after or when.lasting, lasting=0.0)  # "alarm for five minutes"
    timing = timing._replace(when=when)
    return replace(intent, slots={**intent.slots, WHEN: json.dumps(when_as_json(timing.when))})


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
    """A million at most, either way: the calendar ends."""
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
