"""Reads questions about the home by their parts: is it so, which, how many, what is it, where.

Nothing is done by a question, yet a word that was passed over makes the answer wrong; so every word has its part here
as well, or the sentence is no question about the home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core.home import Entity, Home
from ...core.intent import Context, Cover, Intent, Part, Reading, SlotValue, Use
from ..commands.kinds import domain_of, of_kind
from ..commands.tags import Tagger
from ..commands.targets import Target
from ..followup import last_target
from ..lexicon import Lexicon
from .chunks import Limit, QuestionChunker, Way
from .words import QuestionWords

MAX_WORDS = 30
SCORE = 0.9
SWITCHED = ("light", "switch", "fan", "media_player", "input_boolean", "humidifier", "climate")
MADE_SO = {
    "on": ("HassTurnOn", SWITCHED), "off": ("HassTurnOff", SWITCHED), "open": ("HassTurnOn", ("cover", "valve")),
    "closed": ("HassTurnOff", ("cover", "valve")), "locked": ("HassTurnOn", ("lock",)),
    "unlocked": ("HassTurnOff", ("lock",)),
}  # fmt: skip
"""What makes a state so, and of which domains."""
READ = "read"
"""How the response key of a question begins whose things the reader has found."""
SENSED = "sensed"
CONTACTS = {"door": ("door", "garage_door", "garage", "gate", "opening"), "window": ("window",),
            "garage": ("garage_door", "garage"), "gate": ("gate",)}  # fmt: skip
"""Kinds that a motor moves or a contact watches."""
SENSORS = ("binary_sensor", "cover")
SETTLED = ("off", "closed", "locked")
"""States that are asked of all: "are the lights off"."""
ASKED_OF: dict[str, tuple[str, ...]] = {
    "on": ("light", "switch", "fan", "media_player", "input_boolean", "humidifier", "siren", "climate", "vacuum"),
    "open": ("cover", "valve", "binary_sensor"), "closed": ("cover", "valve", "binary_sensor"),
    "locked": ("lock",), "unlocked": ("lock",), "playing": ("media_player",), "paused": ("media_player", "vacuum"),
    "cleaning": ("vacuum", "lawn_mower"), "docked": ("vacuum", "lawn_mower"), "heating": ("climate",),
    "cooling": ("climate",), "home": ("person", "device_tracker"), "away": ("person", "device_tracker"),
    "muted": ("media_player",), "armed": ("alarm_control_panel",), "disarmed": ("alarm_control_panel",),
}  # fmt: skip
"""Domains of what "anything" or a place is asked for."""
ASKED_OF["off"] = ASKED_OF["on"]
ASKED_OF["running"] = ASKED_OF["on"]
MEASURED = frozenset(("temperature", "humidity", "power", "energy", "pressure", "carbon dioxide"))
"""What sensors measure; all other measures are attributes of a thing."""
ATTRIBUTES = {
    "volume": ("media_player",), "source": ("media_player",), "artist": ("media_player",), "album": ("media_player",),
    "brightness": ("light",), "colour": ("light",), "white": ("light",), "position": ("cover", "valve"),
    "speed": ("fan",), "mode": ("climate", "fan", "humidifier", "vacuum", "water_heater"),
}  # fmt: skip
"""Domains of the things that have them."""


@dataclass(frozen=True)
class _Asked:
    """The parts of one question."""

    kinds: frozenset[str]
    """`whether`, `any`, `which`, `count`, `what`, `where`, `rooms`."""
    states: tuple[str, ...]
    measure: str
    target: Target
    sense: str
    side: str
    limit: Limit | None


class QuestionReader:
    """Of one home in one language."""

    def __init__(self, home: Home, lexicon: Lexicon, language: str, words: QuestionWords) -> None:
        self._home = home
        self._words = words
        self._chunker = QuestionChunker(home, Tagger(home, lexicon, language, words.phrases))

    def read(self, said: Sequence[str], context: Context) -> Reading | None:
        """The likeliest question that is one of this home; None where none accounts for all words."""
        if not said or len(said) > MAX_WORDS:
            return None
        if said[0] not in self._words.first and self._words.inverted.isdisjoint(said):
            return None
        for way in self._chunker.ways(said):
            asked = self._asked(way)
            intent = self._intent(asked, context) if asked else None
            if intent is not None:
                uses = tuple(Use(chunk.start, chunk.stop, chunk.role, _told(chunk.value)) for chunk in way.chunks)
                return Reading((Part(intent),), SCORE, None, Cover(tuple(said), uses))
        return None

    def _asked(self, way: Way) -> _Asked | None:
        """None where the parts make no question: two things, two measures, nothing asked."""
        asks, hows, verbs = way.of("ask"), way.of("how"), way.of("verbs")
        leads = verbs and way.chunks[0].role in ("verbs", "fillers")
        if len(asks) + len(hows) > 1 or not (asks or hows or leads or way.of("inverted")):
            return None
        target = _target(way)
        measures = list(dict.fromkeys(str(chunk.value) for chunk in (*hows, *way.of("measures"))))
        senses, sides, limits = way.of("senses"), way.of("sides"), way.of("compare")
        if target is None or max(len(measures), len(senses), len(sides), len(limits)) > 1 or way.of("joins"):
            return None
        states = tuple(dict.fromkeys(str(chunk.value) for chunk in (*verbs, *way.of("states"))))
        limit = limits[0].value if limits else None
        return _Asked(
            frozenset(str(chunk.value) for chunk in asks) or frozenset(("what",) if hows else ("whether",)),
            states,
            measures[0] if measures else "",
            target,
            str(senses[0].value) if senses else "",
            str(sides[0].value) if sides else "",
            limit if isinstance(limit, Limit) else None,
        )

    def _intent(self, asked: _Asked, context: Context) -> Intent | None:
        if "ensure" in asked.kinds:
            return self._ensured(asked, context)
        if asked.limit is not None:
            return self._compared(asked, asked.limit, context)
        if asked.measure and asked.states == ("low",) and asked.measure == "battery":
            return self._low(asked, context)
        if asked.states == ("playing",) and asked.kinds & {"what", "which"} and not asked.measure:
            asked = replace(asked, measure="title", states=())
        if asked.measure and not asked.states:
            return self._measured(asked, context)
        if asked.measure and asked.states == ("playing",) and asked.measure == "title":
            return self._measured(asked, context)
        if asked.measure or asked.side:
            return None
        if asked.kinds & {"where"} and not asked.states:
            return self._where(asked, context)
        if len(asked.states) == 2:
            return self._state_of(asked, context)
        return self._is_so(asked, context)

    def _is_so(self, asked: _Asked, context: Context) -> Intent | None:
        state = asked.states[0] if asked.states else ""
        key = _key(asked, state)
        if not key or not (state or asked.sense or asked.kinds & {"any", "count"}):
            return None
        if asked.target == Target() and not asked.sense:
            return None
        entities, one = self._things(asked, state or SENSED, context)
        if not entities:
            return self._nothing(asked, key)
        slots: dict[str, SlotValue | tuple[str, ...]] = {"state": state or (SENSED if asked.sense else "")}
        if one and key == "any" and state:
            key = "one_yesno"
        if one:
            slots["name"] = entities[0].name
        return Intent("HassGetState", slots, SCORE, tuple(entity.id for entity in entities), f"{READ}_{key}")

    def _ensured(self, asked: _Asked, context: Context) -> Intent | None:
        """ "Make sure all doors are locked": no question, but what makes it so."""
        made = MADE_SO.get(asked.states[0]) if len(asked.states) == 1 else None
        if made is None or asked.measure or asked.sense or asked.limit or asked.side or asked.target == Target():
            return None
        found, one = self._things(asked, asked.states[0], context)
        able = [entity for entity in found if entity.domain in made[1]]
        if not able or asked.target.without:
            return None
        domains = tuple(dict.fromkeys(entity.domain for entity in able))
        what = {"name": able[0].name} if one else {"domain": domains[0] if len(domains) == 1 else domains}
        return Intent(made[0], what, SCORE, tuple(entity.id for entity in able))

    def _nothing(self, asked: _Asked, key: str) -> Intent | None:
        """There is nothing of that kind, or not there: the skill says so."""
        kind = asked.sense or asked.target.kind
        if not kind or asked.target.things or kind == "everything":
            return None
        what = {"device_class": kind} if asked.sense or kind in CONTACTS else {"domain": domain_of(kind)}
        slots = {**what, **self._place(asked.target), "state": asked.states[0] if asked.states else ""}
        return Intent("HassGetState", slots, SCORE, response=key)

    def _things(self, asked: _Asked, state: str, context: Context) -> tuple[list[Entity], bool]:
        """What is asked about, and whether it is one thing that was named."""
        target = asked.target
        classes: tuple[str, ...] = ()
        if asked.sense:
            if target.things or target.kind:
                return [], False
            classes = CONTACTS.get(asked.sense, (asked.sense, *ALSO.get(asked.sense, ())))
        pool = [e for e in self._home.entities if self._is_there(e, target, context)]
        if classes:
            return [e for e in pool if e.device_class in classes and e.domain in SENSORS], False
        if target.things:
            found = [self._home.by_id[id] for id in target.things]
            found = self._fitting([e for e in found if e in pool or e.area is None], state)
            return found, len({e.name for e in found}) == 1
        if target.pronoun:
            last = last_target(context)
            found = [self._home.by_id[e] for e in last.entities if e in self._home.by_id] if last else []
            return found, len(found) == 1
        if target.kind in CONTACTS and state not in ("locked", "unlocked"):
            classes = CONTACTS[target.kind]
            return [e for e in pool if e.device_class in classes and e.domain in SENSORS], False
        if target.kind and target.kind != "everything":
            domains = frozenset(e.domain for e in pool) - {"binary_sensor", "sensor"}
            if target.kind in CONTACTS:
                domains &= {"lock"}
            return of_kind(target.kind, pool, domains), False
        return [e for e in pool if e.domain in ASKED_OF.get(state, ())], False

    def _fitting(self, found: list[Entity], state: str) -> list[Entity]:
        """Of things that share a name, those that can be in the state."""
        able = [e for e in found if e.domain in ASKED_OF.get(state, ())]
        return able or found

    def _is_there(self, entity: Entity, target: Target, context: Context) -> bool:
        places = target.places or ((context.area,) if target.here and context.area else ())
        area = self._home.area_by_id.get(entity.area or "")
        return not places or (area is not None and (area.id in places or area.floor in places))

    def _measured(self, asked: _Asked, context: Context) -> Intent | None:
        """ "What is the volume of the tv"."""
        if not asked.kinds & {"what", "which", "whether"} or asked.sense:
            return None
        if asked.measure in MEASURED:
            return self._quantity(asked, context)
        if asked.side:
            return None
        if asked.measure in ("state", "battery"):
            return self._state_of(asked, context) if asked.measure == "state" else self._battery(asked, context)
        if asked.measure in ("set_point", "title"):
            name = {"set_point": "RepSetPoint", "title": "RepPlaying"}[asked.measure]
            domains = ("climate", "water_heater") if asked.measure == "set_point" else ("media_player",)
            return self._about(name, {}, asked, domains, context)
        return self._about("RepAttribute", {"quality": asked.measure}, asked, ATTRIBUTES[asked.measure], context)

    def _about(
        self, name: str, slots: dict[str, SlotValue | tuple[str, ...]], asked: _Asked, domains: Sequence[str],
        context: Context,
    ) -> Intent | None:  # fmt: skip
        """Of the one thing that was named, of those of a kind or a place, or of what there is."""
        target = asked.target
        if target.kind == "everything":
            return None
        found, one = self._things(asked, "", context) if target.things or target.kind or target.pronoun else ([], False)
        if not found:
            pool = [e for e in self._home.entities if self._is_there(e, target, context)]
            found = [] if target.things or target.kind or target.pronoun else [e for e in pool if e.domain in domains]
        found = [e for e in found if e.domain in domains]
        if not found:
            return None
        one = one or len(found) == 1
        here = [e for e in found if e.area and e.area == context.area]
        if not one and not target.places and here:
            found, one = here, len(here) == 1
        kept = {**slots, "name": found[0].name} if one else {**slots, **self._place(target)}
        return Intent(name, kept, SCORE, tuple(e.id for e in (found[:1] if one else found)))

    def _quantity(self, asked: _Asked, context: Context) -> Intent | None:
        slots: dict[str, SlotValue | tuple[str, ...]] = {"quantity": asked.measure}
        target = asked.target
        if target.things:
            named, one = self._things(asked, "", context)
            if not one:
                return None
            return Intent("RepMeasure", {**slots, "name": named[0].name}, SCORE, (named[0].id,))
        if target.pronoun or (target.kind and target.kind not in ("thermostat", "everything")):
            return None
        if asked.side:
            return None if target.places else Intent("RepMeasure", {**slots, "side": asked.side}, SCORE)
        return Intent("RepMeasure", {**slots, **self._place(target, context)}, SCORE)

    def _battery(self, asked: _Asked, context: Context) -> Intent | None:
        found, one = self._things(asked, "", context) if asked.target != Target() else ([], False)
        if not found or (not one and len(found) > 1):
            return None
        return Intent("RepBattery", {"name": found[0].name}, SCORE, (found[0].id,))

    def _low(self, asked: _Asked, context: Context) -> Intent | None:
        if asked.target == Target():
            return Intent("RepLowBatteries", {}, SCORE) if asked.kinds & {"any", "which", "whether"} else None
        found, one = self._things(asked, "", context)
        return Intent("RepIs", {"name": found[0].name, "state": "low"}, SCORE, (found[0].id,)) if one else None

    def _state_of(self, asked: _Asked, context: Context) -> Intent | None:
        """ "What is the state of ...", "is it on or off"."""
        found, one = self._things(asked, asked.states[0] if asked.states else "", context)
        if not found or asked.target == Target() or (not one and len(found) > 5):
            return None
        slots: dict[str, SlotValue | tuple[str, ...]] = {"quality": "state"}
        if one or len(found) == 1:
            slots["name"] = found[0].name
        return Intent("RepAttribute", slots, SCORE, tuple(e.id for e in found))

    def _where(self, asked: _Asked, context: Context) -> Intent | None:
        found, _ = self._things(asked, "", context)
        if not found or len(found) > 4 or asked.target.kind == "everything" or asked.target == Target():
            return None
        return Intent("RepWhere", {"name": found[0].name}, SCORE, tuple(e.id for e in found))

    def _compared(self, asked: _Asked, limit: Limit, context: Context) -> Intent | None:
        """ "Is it warmer than 20 degrees in the guest room": the value, and yes or no."""
        measure = asked.measure or self._words.compared.get(limit.said, "")
        if not asked.kinds & {"whether"} or asked.states:
            return None
        found = self._measured(replace(asked, measure=measure, limit=None), context) if measure else None
        if found is None and not asked.measure and asked.target.things:
            found = self._state_of(replace(asked, limit=None), context)
        if found is None or found.name not in ("RepMeasure", "RepAttribute", "RepBattery", "RepSetPoint"):
            return None
        return Intent(
            "RepCompare", {**found.slots, "of": found.name, "side_of": limit.side, "limit": limit.number}, SCORE,
            found.entities,
        )  # fmt: skip

    def _place(self, target: Target, context: Context | None = None) -> dict[str, SlotValue | tuple[str, ...]]:
        place = target.places[0] if target.places else (context.area if context and target.here else None)
        area, floor = self._home.area_by_id.get(place or ""), self._home.floor_by_id.get(place or "")
        return {"area": area.name} if area else {"floor": floor.name} if floor else {}


ALSO = {"motion": ("occupancy", "presence", "moving"), "occupancy": ("presence", "motion"), "smoke": ("heat",)}
"""Classes that tell of it as well."""


def _target(way: Way) -> Target | None:
    """The one thing that is asked about, with the place that was said elsewhere; None for two."""
    targets = [chunk.value for chunk in way.of("target") if isinstance(chunk.value, Target)]
    places = [chunk.value for chunk in way.of("place") if isinstance(chunk.value, Target)]
    if len(targets) > 1 or len(places) > 1:
        return None
    target = targets[0] if targets else Target()
    if not places:
        return target
    if target.places or target.here or target.everywhere or target.pronoun:
        return None
    return replace(target, places=places[0].places, here=places[0].here, everywhere=places[0].everywhere)


def _key(asked: _Asked, state: str) -> str:
    """Which of the answers about states it wants."""
    kinds = asked.kinds
    if "rooms" in kinds:
        return "rooms" if state else ""
    if "where" in kinds:
        return "rooms" if state else ""
    if "count" in kinds:
        return "how_many"
    if "which" in kinds:
        return "which" if state else ""
    if "any" in kinds:
        return "any"
    if "whether" in kinds:
        return "all" if asked.target.every in ("all", "both") or (state in SETTLED and asked.target.kind) else "any"
    return ""


def _told(value: object) -> str:
    if isinstance(value, Target):
        return value.kind or ",".join(value.things or value.places)
    return str(value)
