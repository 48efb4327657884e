"""A deed with a time: done now and taken back, kept as a standing order, or refused in words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from repartee.core.conditions import holds
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.core.order import order_as_json
from repartee.core.plan import Action, Order, Step
from repartee.core.restoring import restored
from repartee.core.schedule import NoSun, NoTime, PastTime, end_of, next_due
from repartee.core.skill import Doubtful, Situation
from repartee.core.when import NOW, Moment, When
from repartee.grammar.compound import seconds
from repartee.grammar.timed import units_of
from repartee.grammar.when import together
from repartee.languages.deeds import describe
from repartee.languages.phrases import phrase
from repartee.languages.when_text import told_moment, told_when

ReadAgain = Callable[[str], Reading | None]
"""The one reading of a sentence to go by."""
SCHEDULE, DELAY = "household.schedule", "timer.start"
"""Services of the household: a wait is a timer with a deed, all else an order with its time."""
COMMAND = "conversation_command"
"""The slot of a deed in the public sentences "(turn it off) in ten minutes"."""
EVEN_IF_NOTHING = ("RepTurnOffAll", "RepTell")
"""Intents that may come to nothing now and be meant for later all the same."""
OFFERED_WAITS = (600.0, 3600.0)
"""Seconds, offered where somebody said "later"."""
OFFERED_HOURS = (8, 12, 19)
"""Of a day without a time."""


def unfolded(reading: Reading, parse: ReadAgain) -> Reading | None:
    """With what "in ten minutes ..." is to do as a part of its own; None where that is no sentence."""
    parts: list[Part] = []
    doubt = reading.doubt
    for part in reading.parts:
        command = str(part.intent.slots.get(COMMAND, ""))
        if part.intent.name != "HassStartTimer" or not command:
            parts.append(part)
            continue
        inner = parse(command)
        if inner is None:
            return None
        when = When(after=seconds(dict(part.intent.slots)), deed=command)
        parts.extend(_at(each, part, when) for each in inner.parts)
        if inner.doubt:
            choices = tuple(
                replace(choice, parts=tuple(_at(each, part, when) for each in choice.parts))
                for choice in inner.doubt.choices
            )
            doubt = replace(inner.doubt, choices=choices)
    return replace(reading, parts=tuple(parts), doubt=doubt)


def scheduled(step: Step, part: Part, now: Situation) -> Step:
    """`step`: what the part would come to now. Raises `Doubtful`."""
    when = part.when
    if when is None or step.doubt:
        return step
    if when.condition and not when.condition.edge:
        _look(when, now)
        part = replace(part, when=(when := replace(when, condition=None)))
    if when.vague:
        raise Doubtful(Doubt("which_time", {}, _offered_waits(part, now)))
    if not step.actions and step.intent.name not in EVEN_IF_NOTHING and (when.waits or when.ends):
        raise Doubtful(Doubt("not_later"))
    if when.waits and not _is_so_already(when, now):
        return _kept(step, part, when, now)
    return _taken_back(step, part, when, now) if when.ends else step


def _look(when: When, now: Situation) -> None:
    """At a condition on now. Raises `Doubtful` that says why nothing is done."""
    assert when.condition is not None
    held = holds(when.condition, now.states)
    if held is None:
        raise Doubtful(Doubt("condition_unknown", {"condition": when.condition.text}))
    if not held:
        raise Doubtful(Doubt("condition_not_met", {"condition": when.condition.text}))


def _is_so_already(when: When, now: Situation) -> bool:
    """What is to be done once something is so, and it is: now."""
    condition = when.condition
    return condition is not None and not condition.always and holds(condition, now.states) is True


def _kept(step: Step, part: Part, when: When, now: Situation) -> Step:
    language = now.context.language
    if when.condition and not when.condition.entities:
        raise Doubtful(Doubt("condition_unknown", {"condition": when.condition.text}))
    if when.condition and (when.at or when.after or when.repeat):
        raise Doubtful(Doubt("time_and_condition"))
    due = None if when.condition else _due(part, when, now)
    told = _told(language, when, due, now)
    name = when.deed or describe(part.intent, language)
    order = Order(
        name,
        when,
        replace(part, when=None),
        area=now.context.area,
        language=language,
        due=due.timestamp() if due else None,
        was=holds(when.condition, now.states) if when.condition else None,
    )
    only_waits = when.after and not when.ends
    data = {**(units_of(when.after) if only_waits else {}), "order": order_as_json(order)}
    keep = Action(DELAY if only_waits else SCHEDULE, (), data)
    intent = Intent("RepSchedule", entities=part.intent.entities)
    return Step(intent, (keep,), facts={"when": told, "deed": name}, later=step.actions)


def _told(language: str, when: When, due: datetime | None, now: Situation) -> str:
    """With the hour that was taken for the one that was meant."""
    if due is None or when.after or when.at is None or when.at.sun:
        return told_when(language, when)
    if when.repeat:
        half = "am" if 0 < due.hour < 12 else "pm" if due.hour == 12 else ""
        return told_when(language, replace(when, at=Moment(due.hour, due.minute, half)))
    return " ".join((told_moment(language, due, now.now), told_when(language, _ending(when)))).strip()


def _taken_back(step: Step, part: Part, when: When, now: Situation) -> Step:
    """Now, and afterwards as it was before."""
    language = now.context.language
    try:
        end = end_of(when, now.now, now.sun)
    except (NoSun, NoTime, PastTime) as error:
        raise Doubtful(_untimely(error, part, when, now)) from error
    assert end is not None
    touched = dict.fromkeys(entity for action in step.actions for entity in action.entities)
    back = tuple(action for entity in touched if (action := restored(entity, now.states[entity])))
    if not back:
        raise Doubtful(Doubt("no_way_back", {}, (Choice(describe(part.intent, language), (replace(part, when=NOW),)),)))
    name = when.deed or describe(part.intent, language)
    undoing = phrase(language, "order_back", deed=name) or name
    order = Order(undoing, _ending(when), actions=back, area=now.context.area, language=language, due=end.timestamp())
    keep = Action(SCHEDULE, (), {"order": order_as_json(order)})
    intent = replace(part.intent, name="RepForAWhile")
    facts = {"when": told_when(language, _ending(when)), "deed": name}
    return Step(intent, (*step.actions, keep), facts=facts, later=back)


def _ending(when: When) -> When:
    return When(lasting=when.lasting, until=when.until)


def _due(part: Part, when: When, now: Situation) -> datetime:
    try:
        return next_due(when, now.now, now.sun)
    except (NoSun, NoTime, PastTime) as error:
        raise Doubtful(_untimely(error, part, when, now)) from error


def _untimely(error: ValueError, part: Part, when: When, now: Situation) -> Doubt:
    """Why there is no such time, and what can be done instead."""
    if isinstance(error, NoSun):
        return Doubt("no_sun")
    if isinstance(error, PastTime):
        return Doubt("time_is_over")
    day = replace(when.at, hour=None) if when.at else Moment()
    halves = {hour: "am" if hour < 12 else "pm" if hour == 12 else "" for hour in OFFERED_HOURS}
    moments = [replace(day, hour=hour, half=half) for hour, half in halves.items()]
    offered = [replace(when, at=moment) for moment in moments]
    language = now.context.language
    choices = (Choice(told_when(language, each), (replace(part, when=each),)) for each in offered)
    return Doubt("which_time", {}, tuple(choices))


def _offered_waits(part: Part, now: Situation) -> tuple[Choice, ...]:
    language = now.context.language
    whens = [replace(part.when or When(), vague="", after=wait) for wait in OFFERED_WAITS]
    return tuple(Choice(told_when(language, when), (replace(part, when=when),)) for when in whens)


def _at(inner: Part, outer: Part, when: When) -> Part:
    joined = (together(inner.when, when) if inner.when else when) or inner.when
    return replace(inner, when=joined, group=outer.group, after=outer.after)
