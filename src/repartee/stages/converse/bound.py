"""What a language model may do: deeds to the few devices that it was offered, in a form that nothing else fits in.

Its answer is read as if it came from a stranger: one thing in it that was not offered, and none of it is done. What is
left goes through the same skills, cover, policy and confirmation as any other sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from repartee.core.errors import ModelGarbled
from repartee.core.home import Entity, Home, HomeVersion
from repartee.core.intent import Intent, Part, Reading
from repartee.core.prompt import OutputForm
from repartee.grammar.cache import Cache

MOST_DEEDS = 8
LONGEST = 600
"""Characters of what it says."""
SCORE = 0.8
"""Of a reading: from here on readings are acted on. What asks first is the policy's to say."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that may be done, and the intent that it is."""

    name: str
    domains: frozenset[str]
    intent: str
    slot: str = ""
    """What its number is for; empty: it has none."""
    low: int = 0
    high: int = 100


def _verb(name: str, domains: str, intent: str, slot: str = "", low: int = 0, high: int = 100) -> Verb:
    return Verb(name, frozenset(domains.split()), intent, slot, low, high)


SWITCHED = "light switch fan media_player input_boolean scene script cover valve lock climate humidifier water_heater"
VERBS = (
    _verb("turn_on", SWITCHED, "HassTurnOn"),
    _verb("turn_off", SWITCHED, "HassTurnOff"),
    _verb("set_brightness", "light", "HassLightSet", "brightness"),
    _verb("set_position", "cover valve", "HassSetPosition", "position"),
    _verb("set_temperature", "climate water_heater", "HassClimateSetTemperature", "temperature", 5, 30),
    _verb("set_speed", "fan", "HassFanSetSpeed", "percentage"),
    _verb("set_volume", "media_player", "HassSetVolume", "volume_level"),
    _verb("pause", "media_player", "HassMediaPause"),
    _verb("play", "media_player", "HassMediaUnpause"),
    _verb("start", "vacuum", "HassVacuumStart"),
    _verb("dock", "vacuum", "HassVacuumReturnToBase"),
)
"""In the words of models: covers open and locks lock by `turn_on`, as Home Assistant's intents have it."""


@dataclass(frozen=True)
class Offer:
    """The devices that a sentence can mean, each under a label of its own."""

    version: HomeVersion
    labels: Mapping[str, Entity] = field(default_factory=dict)

    @property
    def key(self) -> tuple[HomeVersion, tuple[str, ...]]:
        """Offers with equal keys have equal forms."""
        return self.version, tuple(entity.id for entity in self.labels.values())

    @cached_property
    def by_verb(self) -> Mapping[str, tuple[str, ...]]:
        """The labels that each verb may be said of; verbs without any are not there."""
        able = {
            verb.name: tuple(label for label, entity in self.labels.items() if entity.domain in verb.domains)
            for verb in VERBS
        }
        return {name: labels for name, labels in able.items() if labels}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the model made of a sentence."""

    reading: Reading | None
    """None: nothing is to be done."""
    say: str
    """Only where nothing is done: of deeds, the home tells what came of them."""


def offer(home: Home, entities: Sequence[Entity]) -> Offer:
    """Labels are names; with the area where two are alike, with the id where even that is alike."""
    labels: dict[str, Entity] = {}
    for entity in entities:
        area = home.area_by_id.get(entity.area or "")
        name = data_text(entity.name)
        ways = (name, f"{name} ({data_text(area.name)})" if area else entity.id, f"{name} [{entity.id}]")
        labels[next(way for way in ways if way not in labels)] = entity
    return Offer(home.version, labels)


def data_text(text: str, most: int = 60) -> str:
    """A name as data: one line, nothing that could end the line it stands in."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


class Forms:
    """The form for each offer, made when first needed and kept while the home is as it is."""

    def __init__(self, entries: int = 200) -> None:
        self._cache = Cache[OutputForm](entries=entries, ttl=86_400.0)

    def form(self, offered: Offer) -> OutputForm:
        known = self._cache.get(offered.key)
        if known is None:
            known = OutputForm("home_plan", schema(offered), gbnf(offered))
            self._cache.put(offered.key, known, 100 * (1 + len(offered.labels)))
        return known


def schema(offered: Offer) -> dict[str, Any]:
    """JSON schema, as strict as OpenAI's structured outputs want it."""
    deeds = [_deed_schema(verb, offered.by_verb[verb.name]) for verb in VERBS if verb.name in offered.by_verb]
    items: dict[str, Any] = {"anyOf": deeds} if deeds else {"type": "null"}
    return {
        "type": "object",
        "properties": {
            "deeds": {"type": "array", "items": items, "maxItems": MOST_DEEDS if deeds else 0},
            "say": {"type": "string"},
        },
        "required": ["deeds", "say"],
        "additionalProperties": False,
    }


def _deed_schema(verb: Verb, labels: Sequence[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "do": {"type": "string", "enum": [verb.name]},
        "device": {"type": "string", "enum": list(labels)},
    }
    if verb.slot:
        properties["number"] = {"type": "integer", "minimum": verb.low, "maximum": verb.high}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def gbnf(offered: Offer) -> str:
    """The same in llama.cpp's notation. Its answers have no space that means nothing: tokens are time."""
    verbs = [verb for verb in VERBS if verb.name in offered.by_verb]
    rules = [
        f'root ::= "{{\\"deeds\\":[" {"deeds?" if verbs else ""} "],\\"say\\":" text "}}"',
        'text ::= "\\"" char{0,300} "\\""',
        r'char ::= [^"\\\x00-\x1f] | "\\" ["\\/nt]',
    ]
    if verbs:
        rules.append(f'deeds ::= deed ("," deed){{0,{MOST_DEEDS - 1}}}')
        rules.append("deed ::= " + " | ".join(_rule(verb.name) for verb in verbs))
        rules.append('number ::= "0" | [1-9] [0-9]? | "100"')
    groups: dict[tuple[str, ...], str] = {}
    for verb in verbs:
        labels = offered.by_verb[verb.name]
        devices = groups.setdefault(labels, f"devices{len(groups)}")
        number = ' ",\\"number\\":" number' if verb.slot else ""
        rules.append(f'{_rule(verb.name)} ::= "{{\\"do\\":\\"{verb.name}\\",\\"device\\":" {devices}{number} "}}"')
    rules += [f"{name} ::= " + " | ".join(map(_literal, labels)) for labels, name in groups.items()]
    return "\n".join(rules)


def read(answer: str, offered: Offer, home: Home) -> Wish:
    """Raises `ModelGarbled` for anything that was not offered, whatever else is in it."""
    try:
        data = json.loads(answer)
    except ValueError as error:
        raise ModelGarbled(f"the model's plan is no JSON: {answer[:80]!r}") from error
    if not isinstance(data, dict) or data.keys() - {"deeds", "say"}:
        raise ModelGarbled("the model's plan is no plan")
    deeds, say = data.get("deeds", []), data.get("say", "")
    if not isinstance(deeds, list) or len(deeds) > MOST_DEEDS or not isinstance(say, str):
        raise ModelGarbled("the model's plan is no plan, or too long")
    parts = tuple(_part(deed, offered, home) for deed in deeds)
    if len({(part.intent.name, part.intent.entities) for part in parts}) < len(parts):
        raise ModelGarbled("the model's plan repeats itself")
    return Wish(Reading(parts, SCORE) if parts else None, "" if parts else say[:LONGEST])


def _part(deed: Any, offered: Offer, home: Home) -> Part:
    verb = next((verb for verb in VERBS if isinstance(deed, dict) and verb.name == deed.get("do")), None)
    label, number = (deed.get("device"), deed.get("number")) if isinstance(deed, dict) else (None, None)
    if verb is None or not isinstance(label, str) or label not in offered.by_verb.get(verb.name, ()):
        raise ModelGarbled(f"the model wants what it was not offered: {str(deed)[:120]}")
    if deed.keys() - {"do", "device", "number"} or not _fits(number, verb):
        raise ModelGarbled(f"the model wants what can't be: {str(deed)[:120]}")
    entity = offered.labels[label]
    area = home.area_by_id.get(entity.area or "")
    slots: dict[str, str | int] = {"name": entity.name}
    if area:
        slots["area"] = area.name
    if verb.slot and number is not None:
        slots[verb.slot] = number
    return Part(Intent(verb.intent, slots, SCORE, (entity.id,)))


def _fits(number: Any, verb: Verb) -> bool:
    """A number where one is wanted, and none where not."""
    if not verb.slot:
        return number is None
    return isinstance(number, int) and not isinstance(number, bool) and verb.low <= number <= verb.high


def _rule(name: str) -> str:
    return name.replace("_", "-")


def _literal(label: str) -> str:
    """A JSON string, as a literal of the grammar."""
    return json.dumps(json.dumps(label, ensure_ascii=False), ensure_ascii=False)
