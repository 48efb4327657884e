"""Answers to questions that were read by their parts: is it so, what is its volume, is it above 20, where is it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from repartee.core.home import Entity, State
from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation
from repartee.grammar.conditions import STATES

from .language import words_of
from .measures import battery, measure, number, told_number
from .states import ASKED, UNKNOWN_STATES, get_state, is_so, without_groups
from .targets import amount, by_response, meaning, step, words

SENSED = "sensed"


def state_is(intent: Intent, situation: Situation) -> Step:
    """Whether, which, how many, in which rooms: told as questions about one kind of device are."""
    found = without_groups(_meant(intent, situation), situation)
    wanted = next(iter(words(intent, "state")), "")
    if not wanted:
        ids = [entity.id for entity in found]
        return step(Intent("HassGetState", intent.slots, response=intent.response), state=ids[0], matched=ids)
    known = {entity.id: holds(entity, wanted, situation) for entity in found}
    matched = [id for id, so in known.items() if so]
    unmatched = [id for id, so in known.items() if so is False]
    if not unmatched and len(matched) < len(known) and (not matched or intent.response == "all"):
        silent = [entity.name for entity in found if known[entity.id] is None][:3]
        told = Intent("RepUnknown", {**intent.slots, "state": _word(wanted, situation)})
        return step(told, state=found[0].id, names=silent)
    if intent.response == "rooms":
        return step(intent, rooms=_rooms(matched, situation))
    slots = {**intent.slots, "state": _word(wanted, situation)}
    state = (matched or unmatched)[0]
    if intent.response == "one_yesno":
        key = "default" if matched else "no"
        return step(Intent("RepIs", slots, response=key), state=state, now=_told(state, situation))
    return step(
        Intent("HassGetState", slots, response=intent.response), state=state, matched=matched, unmatched=unmatched
    )


def holds(entity: Entity, wanted: str, situation: Situation) -> bool | None:
    """Whether a thing is in a state, in the words of its own kind; None: nobody knows."""
    state = situation.states[entity.id]
    if state.value in UNKNOWN_STATES:
        return None
    if wanted in ASKED and wanted != "off":
        return ASKED[wanted](entity, state, situation)
    if wanted in ("on", "off"):
        return is_so(entity, situation, {"on"}) is (wanted == "on")
    known = STATES.get(wanted, {})
    return state.value.casefold() in (known.get(entity.domain) or known.get("") or (wanted,)) if state.value else None


def _meant(intent: Intent, situation: Situation) -> tuple[Entity, ...]:
    return tuple(situation.home.by_id[id] for id in intent.entities if id in situation.home.by_id)


def _rooms(ids: Sequence[str], situation: Situation) -> list[str]:
    areas = {situation.home.by_id[id].area for id in ids}
    return [area.name for area in situation.home.areas if area.id in areas]


def _word(state: str, situation: Situation) -> str:
    """As people say it."""
    return words_of(situation.context.language.partition("-")[0], "states").get(state, state.replace("_", " "))


def _told(entity: str, situation: Situation) -> str:
    """The state of a thing, in words; of a cover or a lock beside its sensor in the word for that."""
    thing, value = situation.home.by_id[entity], str(situation.states[entity].value)
    if thing.domain == "binary_sensor" and thing.device_class in OPENING:
        value = {"on": "open", "off": "closed"}.get(value, value)
    return _word(value, situation)


OPENING = ("door", "garage_door", "opening", "window")


def attribute(intent: Intent, situation: Situation) -> Step:
    """One value of a thing, or of each of several."""
    found = _meant(intent, situation)
    quality = _quality(intent)
    told = [(entity.name, *_value(quality, entity, situation)) for entity in found]
    known = [row for row in told if row[1]]
    if not known:
        return step(replace(intent, response="unknown"), state=found[0].id if found else "")
    rows = [{"name": name, "value": value, "unit": unit} for name, value, unit in known]
    return step(replace(intent, response="default" if len(rows) == 1 else "each"), state=found[0].id, rows=rows)


def _value(quality: str, entity: Entity, situation: Situation) -> tuple[str, str]:
    """Text and unit; no text: nobody knows."""
    state = situation.states[entity.id]
    if state.value in UNKNOWN_STATES:
        return "", ""
    if quality == "state":
        unit = str(state.attributes.get("unit_of_measurement") or "")
        return _told(entity.id, situation), unit
    found = QUALITIES[quality](state)
    if found is None and state.value == "off" and quality in ("brightness", "volume", "speed"):
        return _word("off", situation), ""
    if isinstance(found, float):
        return told_number(found), "K" if quality == "white" else "%"
    return ("", "") if found is None else (_word(str(found), situation), "")


def _share(name: str, whole: float) -> Quality:
    """An attribute as per cent of the whole."""

    def read(state: State) -> float | None:
        value = number(state.attributes.get(name))
        return None if value is None or state.value == "off" else float(round(100 * value / whole))

    return read


def _text(*names: str) -> Quality:
    def read(state: State) -> str | None:
        return next((str(value) for name in names if (value := state.attributes.get(name))), None)

    return read


def _kelvin(state: State) -> float | None:
    return number(state.attributes.get("color_temp_kelvin"))


def _colour(state: State) -> str | None:
    """By name where the home tells one, else the nearest plain one."""
    named = state.attributes.get("color_name") or state.attributes.get("color")
    rgb = state.attributes.get("rgb_color")
    if named or not isinstance(rgb, list | tuple) or len(rgb) != 3:
        return str(named) if named else None
    return min(PLAIN, key=lambda name: sum((a - b) ** 2 for a, b in zip(PLAIN[name], rgb, strict=True)))


PLAIN: Mapping[str, tuple[int, int, int]] = {
    "red": (255, 0, 0), "orange": (255, 165, 0), "yellow": (255, 255, 0), "green": (0, 255, 0),
    "turquoise": (64, 224, 208), "blue": (0, 0, 255), "purple": (128, 0, 128), "pink": (255, 105, 180),
    "white": (255, 255, 255),
}  # fmt: skip
"""Red, green and blue of colours that have a word in every language."""


def _mode(state: State) -> str | None:
    """A preset before the mode itself."""
    preset = state.attributes.get("preset_mode")
    return str(preset) if preset and preset != "none" else state.value


Quality = Callable[[State], Any]
QUALITIES: Mapping[str, Quality] = {
    "volume": _share("volume_level", 1), "brightness": _share("brightness", 255),
    "position": _share("current_position", 100), "speed": _share("percentage", 100),
    "colour": _colour, "white": _kelvin, "source": _text("source"), "artist": _text("media_artist"),
    "album": _text("media_album_name"), "mode": _mode,
}  # fmt: skip
"""Where Home Assistant keeps them."""


SIDES: Mapping[str, Callable[[float, float], bool]] = {
    "above": operator.gt, "below": operator.lt, "at_least": operator.ge, "at_most": operator.le,
}  # fmt: skip


def _quality(intent: Intent) -> str:
    """The state itself for what we know nothing of."""
    quality = str(intent.slots.get("quality", "state"))
    return quality if quality in QUALITIES else "state"


def compare(intent: Intent, situation: Situation) -> Step:
    """Yes or no, and the value."""
    limit, holds_for = amount(intent, "limit"), meaning(intent, "side_of", SIDES)
    value, unit = _measured(intent, situation)
    if value is None:
        return step(replace(intent, response="unknown"))
    so = holds_for(value, limit)
    return step(replace(intent, response="default" if so else "no"), value=told_number(value), unit=unit)


def _measured(intent: Intent, situation: Situation) -> tuple[float | None, str]:
    of = intent.slots.get("of")
    if of == "RepMeasure":
        facts = measure(intent, situation).facts
        same = facts.get("low") == facts.get("high")
        return (number(facts.get("low")) if same else None), str(facts.get("unit", ""))
    if of == "RepBattery":
        return number(battery(intent, situation).facts.get("level")), "%"
    found = _meant(intent, situation)
    if len(found) != 1:
        return None, ""
    if of == "RepSetPoint":
        return number(situation.states[found[0].id].attributes.get("temperature")), "°C"
    text, unit = _value(_quality(intent), found[0], situation)
    return number(text), unit


def where(intent: Intent, situation: Situation) -> Step:
    """The room a thing stands in; a person's own word for where they are."""
    found = _meant(intent, situation)
    if found and found[0].domain in ("person", "device_tracker"):
        return step(Intent("RepAttribute", intent.slots), state=found[0].id, rows=[_row(found[0], situation)])
    rooms = _rooms([entity.id for entity in found], situation)
    return step(replace(intent, response="default" if rooms else "unknown"), rooms=rooms)


def _row(entity: Entity, situation: Situation) -> dict[str, str]:
    return {"name": entity.name, "value": _told(entity.id, situation), "unit": ""}


SKILLS = {
    "HassGetState": by_response(get_state, read=("RepState", state_is)),
    "RepAttribute": attribute,
    "RepCompare": compare,
    "RepWhere": where,
}
