"""What an intent or a call does, in words: "turn on the Desk Lamp", "set the lights in Kitchen to 51 percent".

Forms: `languages/*/deeds.json`, infinitives. Of an intent's forms the one is taken that says most of its slots.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from functools import lru_cache
from typing import Any, TypeGuard

from repartee.core.intent import Intent

from .clock import at_clock, clock
from .data import data
from .phrases import counted, enumerated, phrase, unit_name

DOMAINS = {
    "HassLightSet": "light", "HassSetVolume": "media_player", "HassSetVolumeRelative": "media_player",
    "HassTurnOn": "light", "HassTurnOff": "light", "HassFanSetSpeed": "fan", "HassSetPosition": "cover",
}  # fmt: skip
"""What intents act on that do not say it in a slot; others by the beginnings below."""
BEGINNINGS = {"HassClimate": "climate", "HassMedia": "media_player", "HassVacuum": "vacuum", "HassLawn": "lawn_mower"}
UNITS = ("hour", "minute", "second")
ADDRESSED = {"name", "area", "floor", "domain", "device_class"}


def describe(intent: Intent, language: str) -> str:
    """The deed, without a capital and without a full stop. Never the intent's name."""
    deeds = data(language, "deeds")
    known = deeds["intents"].get(intent.name, {})
    facts = _facts(intent, language, deeds, known=bool(known))
    form = _best(known.get(_domain(intent), known.get("", ())), facts) or _best(deeds["otherwise"], facts)
    deed = form.format(**facts)
    for place in ("area", "floor"):
        if place in facts and not {"what", place} & _needs(form):
            deed = deeds["places"][place].format(things=deed, **{place: facts[place]})
    return _contracted(deed, deeds["contractions"])


def deed_question(intent: Intent, language: str) -> str:
    """ "Turn on the Desk Lamp?" """
    deed = describe(intent, language)
    return phrase(language, "deed", deed=deed[:1].upper() + deed[1:]) or deed


def describe_call(service: str, name: str, language: str) -> str:
    """Of a service call on one device: `lock.unlock` on "Front Door" is "unlock Front Door"."""
    calls = data(language, "deeds")["calls"]
    form = calls.get(service) or calls.get(service.partition(".")[2]) or calls["otherwise"]
    return str(form.format(what=name)).strip()


def _best(forms: Iterable[str], facts: Mapping[str, str]) -> str:
    """The form that says most of the facts, and no other; of equals the first."""
    fitting = [(form, needs) for form in forms if (needs := _needs(form)) <= facts.keys()]
    return max(fitting, key=lambda pair: len(pair[1]))[0] if fitting else ""


def _contracted(deed: str, contractions: Mapping[str, str]) -> str:
    """ "de les lumières" is "des lumières"."""
    for apart, together in contractions.items():
        deed = re.sub(rf"\b{apart} (?=\w)", f"{together} ", deed)
    return deed


@lru_cache(maxsize=2048)
def _needs(form: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(form) if name)


def _domain(intent: Intent) -> str:
    given = intent.slots.get("domain")
    if isinstance(given, str):
        return given
    domains = {entity.partition(".")[0] for entity in intent.entities}
    return domains.pop() if len(domains) == 1 else ""


def _facts(intent: Intent, language: str, deeds: Mapping[str, Any], *, known: bool) -> dict[str, str]:
    """What forms may name: each slot as it is said, `what`, `duration`, `time`, and steps by their direction."""
    facts: dict[str, str] = {}
    for slot, value in intent.slots.items():
        if slot.endswith("_step"):
            facts.update(_step(slot, value))
        elif slot not in ("hour", "minute", "half"):
            facts[slot] = _said(slot, value, language, deeds)
    if known or facts.keys() & ADDRESSED:
        facts["what"] = _what(intent, facts, deeds)
    for start in ("", "start_"):
        facts.update(_duration(intent, start, language))
    return {**facts, **_time(intent, language)}


def _said(slot: str, value: object, language: str, deeds: Mapping[str, Any]) -> str:
    if isinstance(value, tuple | list):
        return enumerated(language, [_said(slot, each, language, deeds) for each in value], "or")
    if isinstance(value, int | float):
        return f"{value:g}"
    if slot == "repeat":
        return str(data(language, "clock")["told"]["repeats"].get(str(value), value))
    if slot in ("unit", "to"):
        return unit_name(language, 2, str(value))
    return str(deeds["values"].get(slot, {}).get(str(value), value))


def _step(slot: str, value: object) -> Mapping[str, str]:
    """ "brightness_step_up" and how much; "volume_step_more" where no amount was said."""
    if isinstance(value, int | float):
        return {f"{slot}_{'up' if value > 0 else 'down'}": f"{abs(value):g}"}
    return {f"{slot}_{'less' if value == 'down' else 'more'}": ""}


def _what(intent: Intent, facts: Mapping[str, str], deeds: Mapping[str, Any]) -> str:
    """The things that are meant: by name, by kind and place, or all of them."""
    things = facts.get("name") or _things(intent, deeds)
    for place in ("area", "floor"):
        if place in facts and (things or not intent.name.startswith("HassVacuum")):
            return str(deeds["places"][place].format(things=things, **{place: facts[place]}))
    return things


def _things(intent: Intent, deeds: Mapping[str, Any]) -> str:
    kinds: Sequence[object] = (intent.slots.get("device_class"), intent.slots.get("domain"), _usual(intent.name))
    kind = next((each[0] if isinstance(each, tuple) else each for each in kinds if each), "")
    everything = intent.response.endswith("_all") or intent.name == "RepTurnOffAll"
    names = deeds["things"].get(str(kind), deeds["things"]["otherwise"])
    return str(names["all" if everything else "some"])


def _usual(name: str) -> str:
    return DOMAINS.get(name) or next((d for start, d in BEGINNINGS.items() if name.startswith(start)), "")


def _duration(intent: Intent, start: str, language: str) -> Mapping[str, str]:
    """Hours, minutes and seconds of the slots that start so, as one: "1 hour and 30 minutes"."""
    found = [(intent.slots.get(f"{start}{unit}s"), unit) for unit in UNITS]
    told = [counted(language, f"{n:g}", unit) for n, unit in found if _is_number(n) and n]
    return {f"{start}duration": enumerated(language, told)} if told else {}


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _time(intent: Intent, language: str) -> Mapping[str, str]:
    """As it was said: "half" tells morning from evening, else both are meant."""
    hour, minute = intent.slots.get("hour"), intent.slots.get("minute", 0)
    if not _is_number(hour) or not _is_number(minute):
        return {}
    half = intent.slots.get("half")
    of_day = (int(hour) % 12 + (12 if half == "pm" else 0)) if half else int(hour) % 24
    total = (of_day * 60 + int(minute)) % (24 * 60)
    at = time(total // 60, total % 60)
    sure = bool(half) or hour > 12
    return {"time": clock(language, at, sure=sure), "at_time": at_clock(language, at, sure=sure)}
