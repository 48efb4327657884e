"""Timers: several at once, named, of an area, paused, made longer or shorter, and commands that wait for their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from repartee.core.home import Entity, State
from repartee.core.intent import Choice, Doubt, Intent, Part
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation, Skill
from repartee.languages.phrases import counted

from .targets import calls, place, step

UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}


def start(intent: Intent, situation: Situation) -> Step:
    """With a command, it is done when the time has come."""
    data: dict[str, object] = dict(_units(intent))
    if not data:
        raise Doubtful(Doubt("no_number", {"slot": "minutes"}))
    if name := str(intent.slots.get("name", "")).strip():
        data["name"] = name
    if command := str(intent.slots.get("conversation_command", "")).strip():
        data["command"] = command
    area = place(intent, situation)
    data["area"] = area.id if area else situation.context.area
    return step(intent, Action("timer.start", (), data))


def cancel_all(intent: Intent, situation: Situation) -> Step:
    found = _fitting(intent, situation)
    return step(intent, calls("timer.cancel", found), canceled=len(found))


def status(intent: Intent, situation: Situation) -> Step:
    """The soonest first; what the template asks of each timer stands in `timers`."""
    found = sorted(_fitting(intent, situation), key=lambda timer: _left(timer, situation))
    if not found and len(intent.slots):
        raise Doubtful(Doubt("timer_not_found"))
    return step(intent, timers=[_told(timer, situation) for timer in found])


def count(intent: Intent, situation: Situation) -> Step:
    """How many timers there are, and which."""
    found = sorted(_fitting(intent, situation), key=lambda timer: _left(timer, situation))
    return step(intent, count=len(found), timers=[_told(timer, situation) for timer in found[:5]])


def change(sign: int) -> Skill:
    def skill(intent: Intent, situation: Situation) -> Step:
        seconds = sum(value * UNITS[unit] for unit, value in _units(intent).items())
        if not seconds:
            raise Doubtful(Doubt("no_number", {"slot": "minutes"}))
        return step(intent, calls("timer.add", (_one(intent, situation),), {"seconds": sign * seconds}))

    return skill


def _simple(service: str, state: str = "") -> Skill:
    def skill(intent: Intent, situation: Situation) -> Step:
        return step(intent, calls(service, (_one(intent, situation, state),)))

    return skill


def _units(intent: Intent) -> dict[str, float]:
    """`hours`, `minutes`, `seconds` of the sentence; "half" an hour comes as 30."""
    found = {unit: intent.slots[unit] for unit in UNITS if unit in intent.slots}
    return {unit: value for unit, value in found.items() if isinstance(value, int | float)}


def _timers(situation: Situation) -> list[Entity]:
    return [e for e in situation.household.entities if e.domain == "timer" and _state(e, situation).value != "ringing"]


def _state(timer: Entity, situation: Situation) -> State:
    return situation.states[timer.id]


def _fitting(intent: Intent, situation: Situation) -> list[Entity]:
    """All timers of the name, the area and the length that was said."""
    found = _timers(situation)
    if "name" in intent.slots:
        wanted = str(intent.slots["name"]).casefold().strip()
        found = [timer for timer in found if timer.name.casefold() == wanted]
    area = place(intent, situation)
    if area is not None:
        found = [timer for timer in found if timer.area in (area.id, area.name)]
    for unit in UNITS:
        wanted_length = intent.slots.get(f"start_{unit}")
        if wanted_length is not None:
            found = [t for t in found if _state(t, situation).attributes.get(f"start_{unit}") == wanted_length]
    return found


def _one(intent: Intent, situation: Situation, state: str = "") -> Entity:
    """The one that is meant: the only one; else the only one in that state; else the only one set here."""
    found = _fitting(intent, situation)
    if not found:
        raise Doubtful(Doubt("timer_not_found"))
    for fewer in (
        [timer for timer in found if not state or _state(timer, situation).value == state],
        [timer for timer in found if timer.area and timer.area == situation.context.area],
    ):
        found = fewer or found
        if len(found) == 1:
            return found[0]
    if "timer" in intent.slots:
        found = [timer for timer in found if timer.id == intent.slots["timer"]] or found
    labels = {timer.id: _label(timer, situation) for timer in found}
    if len(set(labels.values())) == 1:
        return max(found, key=lambda timer: _left(timer, situation))  # they can't be told apart
    choices = [Choice(label, (Part(replace(intent, slots={**intent.slots, "timer": timer})),)) for timer, label in
               labels.items()]  # fmt: skip
    raise Doubtful(Doubt("which_one", {}, tuple(choices[:5])))


def _label(timer: Entity, situation: Situation) -> str:
    """By its name, and by what is left."""
    hours, minutes, seconds = rounded(_left(timer, situation))
    language = situation.context.language
    units = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    left = " ".join(counted(language, count, unit) for count, unit in units if count)
    return f"{timer.name} ({left})" if timer.name else left


def _left(timer: Entity, situation: Situation) -> float:
    attributes = _state(timer, situation).attributes
    due = attributes.get("due")
    return float(attributes.get("left") or 0) if due is None else max(0.0, due - situation.now.timestamp())


def _told(timer: Entity, situation: Situation) -> dict[str, object]:
    attributes = _state(timer, situation).attributes
    left = _left(timer, situation)
    hours, minutes, seconds = rounded(left)
    area = situation.home.area_by_id.get(timer.area or "")
    return {
        **{f"start_{unit}": attributes.get(f"start_{unit}", 0) for unit in UNITS},
        "name": timer.name,
        "area": area.name if area else timer.area or "",
        "is_active": _state(timer, situation).value == "active",
        "total_seconds_left": left,
        "rounded_hours_left": hours,
        "rounded_minutes_left": minutes,
        "rounded_seconds_left": seconds,
    }


def rounded(seconds: float) -> Sequence[int]:
    """Hours, minutes, seconds as people say them: no seconds with an hour to go."""
    grain = 60 if seconds >= 600 else 10 if seconds >= 60 else 1
    whole = round(seconds / grain) * grain
    return whole // 3600, whole % 3600 // 60, whole % 60


SKILLS: dict[str, Skill] = {
    "HassStartTimer": start,
    "HassCancelTimer": _simple("timer.cancel"),
    "HassCancelAllTimers": cancel_all,
    "HassIncreaseTimer": change(1),
    "HassDecreaseTimer": change(-1),
    "HassPauseTimer": _simple("timer.pause", "active"),
    "HassUnpauseTimer": _simple("timer.resume", "paused"),
    "HassTimerStatus": status,
    "RepTimers": count,
}
