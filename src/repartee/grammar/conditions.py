"""Conditions in a sentence: "if the guest room is above 23 degrees ...", "... when the washing machine is done".

Data: `languages/<language>/conditions.json`. A clause is read whole, with its subject resolved to things of the home,
or not at all. "If" with a state looks at it now; "if" with an event, "when", "once" and "as soon as" wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from ..core.home import Entity, Home
from ..core.intent import Intent
from ..core.when import Condition
from ..languages.data import own_data
from .lexicon import Lexicon
from .phrase_rules import Known, Match, Outside, PhraseRules, Values
from .text import joined, words
from .tries import TrieNode

ON = ("on",)
ACTIVE = ("on", "running", "run", "active", "washing", "drying", "cleaning", "mowing", "in_progress", "printing")
OVER = (
    "off", "idle", "done", "finished", "finish", "complete", "completed", "end", "ended", "ready", "standby",
    "docked", "program_ended", "not_running",
)  # fmt: skip
STATES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "on": {
        "": ON,
        "climate": ("heat", "cool", "heat_cool", "auto", "dry", "fan_only"),
        "media_player": ("on", "playing", "paused", "idle"),
        "vacuum": ("cleaning",),
    },
    "off": {"": ("off",), "vacuum": ("docked", "idle"), "media_player": ("off", "standby")},
    "open": {"": ("open",), "binary_sensor": ON, "lock": ("open", "unlocked")},
    "closed": {"": ("closed",), "binary_sensor": ("off",), "lock": ("locked",)},
    "locked": {"": ("locked",), "binary_sensor": ("off",)},
    "unlocked": {"": ("unlocked", "open"), "binary_sensor": ON},
    "playing": {"": ("playing",)},
    "paused": {"": ("paused", "idle", "off", "standby")},
    "running": {"": ACTIVE},
    "done": {"": OVER},
    "docked": {"": ("docked",)},
    "home": {"": ("home",)},
    "away": {"": ("not_home",)},
    "sensed": {"": ON},
}
"""What a word for a state is in the home, by domain; the entry without a name is of all others."""
SKY = {
    "rain": ("rainy", "pouring", "lightning-rainy", "snowy-rainy"),
    "snow": ("snowy", "snowy-rainy"),
    "sun": ("sunny",),
    "wind": ("windy", "windy-variant"),
}
"""Home Assistant's conditions of weather."""
NUMBERS = {"climate": "current_temperature", "weather": "temperature", "cover": "current_position"}
"""The attribute that a number is about; of all others it is the state."""
LOW = 20.0
"""Percent of a battery that is low."""
UNKNOWN = "unknown_clause"
"""The rule of clauses about what is not there."""
NEAR = 1e-6
"""What makes "at least" of "more than"."""


class Found(NamedTuple):
    """A condition and the words it takes."""

    condition: Condition
    start: int
    stop: int
    """One after the last word."""
    rule: bool = False
    """Said of every time: "whenever"."""
    about: Intent | None = None
    """What "it" is in the rest of the sentence."""


@dataclass(frozen=True)
class TellWords:
    """What is said of being told."""

    rules: PhraseRules

    def tells(self, said: Sequence[str], waits: bool) -> bool:
        """Whether all of it is "tell me"; where nothing is waited for, "tell me if ..." is a question."""
        values = self.rules.whole("tell", said) if said else None
        return values is not None and (waits or bool(values.get("edge")))


@lru_cache(maxsize=8)
def tell_words(language: str) -> TellWords | None:
    data = own_data(language, "conditions")
    return TellWords(PhraseRules(language, {"tell": data["tell"]})) if data else None


class ConditionReader:
    """Reads conditions on one home."""

    def __init__(self, home: Home, lexicon: Lexicon, language: str, short: TrieNode | None = None) -> None:
        """`short`: names without the kind at their end."""
        self.home = home
        data = own_data(language, "conditions")
        outside = {
            "name": _entities(lexicon.tries["name"], *((short,) if short else ())),
            "area": _area(lexicon.tries["area"]),
        }
        self._rules = PhraseRules(language, {**data["rules"], UNKNOWN: _unknown(data)}, outside) if data else None
        self._leads = self._rules.first_words(("lead",)) if self._rules else frozenset()
        self._outside = {word for text in data.get("outside", ()) for word in words(text)}
        self._then = [tuple(words(text)) for text in data.get("then", ())]

    def read(self, said: Sequence[str], written: Sequence[str]) -> Found | None:
        """The longest condition; at the beginning of the sentence or at its end. `written`: the words as written."""
        if self._rules is None or self._leads.isdisjoint(said):
            return None
        found: list[Found] = []
        matched: Known = {}
        for start in range(len(said)):
            for lead in self._rules.matches("lead", said, start, matched) if said[start] in self._leads else ():
                for clause in self._rules.matches("clause", said, lead.stop, matched):
                    stop = self._after_then(said, clause.stop)
                    if start == 0 or stop == len(said):
                        text = joined(list(written[lead.stop : clause.stop]))
                        found.extend(self._found(lead.values, clause.values, text, start, stop))
        return max(found, key=lambda each: each.stop - each.start, default=None)

    def unknown(self, said: Sequence[str], written: Sequence[str]) -> tuple[str, int] | None:
        """What a condition at the beginning is about that the home has not got, and where the clause stops."""
        if self._rules is None or not said or said[0] not in self._leads:
            return None
        matched: Known = {}
        for lead in self._rules.matches("lead", said, 0, matched):
            for clause in self._rules.matches(UNKNOWN, said, lead.stop, matched):
                if clause.stop < len(said):
                    start, stop = clause.values["unknown"]
                    return joined(list(written[start:stop])), self._after_then(said, clause.stop)
        return None

    def _after_then(self, said: Sequence[str], at: int) -> int:
        return next((at + len(then) for then in self._then if tuple(said[at : at + len(then)]) == then), at)

    def _found(self, lead: Values, clause: Values, text: str, start: int, stop: int) -> Iterable[Found]:
        condition = self._condition(clause, text)
        if condition is None:
            return
        kind, event = lead["lead"], bool(clause.get("event"))
        edge = kind != "if" or event
        condition = replace(condition, edge=edge, always=edge and kind != "once")
        yield Found(condition, start, stop, kind == "whenever", self._about(condition, clause))

    def _about(self, condition: Condition, clause: Values) -> Intent | None:
        """ "If the guest room is too warm, set *it* ...": the room's thermostat before its sensor."""
        if clause.keys() & {"who", "sky", "classes", "domains", "outside"} or not condition.entities:
            return None
        things = [self.home.by_id[entity] for entity in condition.entities]
        things += [e for e in self.home.entities if e.area == clause.get("area") and e.area and e.domain == "climate"]
        thing = next((e for e in things if e.domain == "climate"), things[0])
        return Intent("HassTurnOn", {"name": thing.name}, entities=(thing.id,))

    def _condition(self, clause: Values, text: str) -> Condition | None:
        negated = bool(clause.get("not"))
        if "sky" in clause:
            sky = tuple(e.id for e in self.home.entities if e.domain == "weather")[:1]
            return Condition(sky, text, SKY[clause["sky"]], negated=negated)
        if "who" in clause:
            people = tuple(e.id for e in self.home.entities if e.domain == "person")
            nobody, everybody = clause["who"] == "nobody", clause["who"] == "everybody"
            return Condition(people, text, ("home",), negated=nobody, all_of=everybody)
        if "compare" in clause:
            return self._compared(clause, text)
        things = self._things(clause)
        concept = clause.get("is")
        if concept == "low":
            batteries = self._sensors(things, "battery") if things else ()
            return Condition(batteries, text, below=LOW, negated=negated) if batteries else None
        if not things or concept is None:
            return None
        values = {value for thing in things for value in _values(concept, thing)}
        ids = tuple(thing.id for thing in things)
        return Condition(ids, text, tuple(sorted(values)), negated=negated, all_of=bool(clause.get("all")))

    def _compared(self, clause: Values, text: str) -> Condition | None:
        number = float(clause["value"]) if "value" in clause else -float(clause["minus"])
        limits: dict[str, dict[str, float]] = {
            "above": {"above": number},
            "below": {"below": number},
            "at_least": {"above": number - NEAR},
            "at_most": {"below": number + NEAR},
        }
        thing = self._measured(clause)
        if thing is None:
            return None
        attribute = NUMBERS.get(thing.domain, "")
        return Condition((thing.id,), text, attribute=attribute, **limits[clause["compare"]])  # type: ignore[arg-type]

    def _measured(self, clause: Values) -> Entity | None:
        """The sensor (or the thermostat) that a number is about."""
        if clause.get("outside"):
            outside = [e for e in self.home.entities if e.device_class == "temperature" and self._is_outside(e)]
            return next(iter((*outside, *(e for e in self.home.entities if e.domain == "weather"))), None)
        wanted = str(clause.get("quantity", ""))
        if "entities" in clause:
            things = self._things(clause)
            if wanted == "battery":
                return next((self.home.by_id[e] for e in self._sensors(things, "battery")), None)
            return things[0] if len(things) == 1 else None
        area = clause.get("area")
        here = [entity for entity in self.home.entities if entity.area == area and area]
        sensors = [e for e in here if e.domain == "sensor" and e.device_class == (wanted or "temperature")]
        thermostats = [e for e in here if e.domain == "climate"] if wanted in ("", "temperature") else []
        return next(iter((*sensors, *thermostats)), None)

    def _sensors(self, things: Iterable[Entity], device_class: str) -> tuple[str, ...]:
        """Sensors of this class whose names begin with that of one of the things, or are one."""
        names = [tuple(words(thing.name)) for thing in things]
        return tuple(
            entity.id
            for entity in self.home.entities
            if entity.device_class == device_class
            and any(tuple(words(entity.name))[: len(name)] == name for name in names)
        )

    def _is_outside(self, entity: Entity) -> bool:
        """By a word of its name."""
        return not self._outside.isdisjoint(words(entity.name))

    def _things(self, clause: Values) -> list[Entity]:
        """Those that are named, or all of a kind, in the place that is named."""
        area = clause.get("area")
        if "entities" in clause:
            found = [self.home.by_id[entity] for entity in clause["entities"]]
            found = [entity for entity in found if area is None or entity.area in (area, None)]
            if len({entity.name for entity in found}) > 1:  # the lock and the contact of one door: what watches it
                found = [entity for entity in found if entity.domain == "binary_sensor"]
            return found if len({entity.name for entity in found}) == 1 else []
        classes, domains = clause.get("classes", ()), clause.get("domains", ())
        return [
            entity
            for entity in self.home.entities
            if (entity.device_class in classes or entity.domain in domains) and (area is None or entity.area == area)
        ]


def _unknown(data: Mapping[str, Any]) -> dict[str, Any]:
    """The clauses with a subject, where the home has no such subject."""
    clauses = data["rules"]["clause"].items()
    return {form.replace("{subject}", "{text:unknown}"): values for form, values in clauses if "{subject}" in form}


def _values(concept: str, thing: Entity) -> tuple[str, ...]:
    known = STATES[concept]
    return known.get(thing.domain, known[""])


def _entities(*tries: TrieNode) -> Outside:
    def named(said: Sequence[str], start: int) -> Iterable[Match]:
        return (Match(stop, {"entities": ids}) for trie in tries for stop, ids in _phrases(trie, said, start))

    return named


def _area(trie: TrieNode) -> Outside:
    def named(said: Sequence[str], start: int) -> Iterable[Match]:
        return (Match(stop, {"area": ids[0]}) for stop, ids in _phrases(trie, said, start))

    return named


def _phrases(trie: TrieNode, said: Sequence[str], start: int) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Names of the home that begin at a word: where they stop, and the ids of what is called so."""
    node: TrieNode | None = trie
    for at in range(start, len(said)):
        node = node.children.get(said[at]) if node else None
        if node is None:
            return
        ids = tuple(value.id for value in node.values if value.id is not None)
        if ids:
            yield at + 1, ids
