"""Which devices are meant: the slots name, area, floor, domain and device_class, by Home Assistant's matching rules.

Nothing or too much found is a doubt that says so, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from repartee.core.home import Area, Entity, Floor, Home, plain
from repartee.core.intent import Choice, Data, Doubt, Intent, Part, SlotValue
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation, Skill

Entities = tuple[Entity, ...]
Value = TypeVar("Value")


def targets(intent: Intent, situation: Situation, *domains: str) -> Entities:
    """At least one entity. `domains`: what the intent can be about; () any.

    A name that several devices bear means the one in the satellite's area; lights, covers, ... without a place mean
    those in the satellite's area, unless the sentence said all.
    """
    wanted = set(words(intent, "domain")) or set(domains)
    if "name" in intent.slots:
        return (named(intent, situation, wanted),)
    if intent.entities:  # the sentence said which, with all its exceptions
        known = (situation.home.by_id.get(entity) for entity in intent.entities)
        return tuple(entity for entity in known if entity is not None and (not wanted or entity.domain in wanted))
    fitting = [e for e in situation.home.entities if not wanted or e.domain in wanted]
    classes = words(intent, "device_class")
    if classes:
        fitting = _of_class(fitting, classes)
    found = placed(intent, situation, fitting)
    if not found:
        raise Doubtful(nothing(intent, situation, next(iter(words(intent, "domain") or domains), "device")))
    return found


def _of_class(fitting: Sequence[Entity], classes: Collection[str]) -> list[Entity]:
    """A door may be a garage's, where there is no other; then of what nobody has given a class."""
    found = [entity for entity in fitting if entity.device_class in classes]
    if not found and "door" in classes:
        found = [entity for entity in fitting if entity.device_class in ("garage", "gate")]
    return found or [entity for entity in fitting if entity.device_class is None and entity.domain == "cover"]


def words(intent: Intent, slot: str) -> tuple[str, ...]:
    """The slot's value, or values where it means any of several."""
    value = intent.slots.get(slot)
    if value is None:
        return ()
    return tuple(value) if isinstance(value, tuple | list) else (str(value),)


def place(intent: Intent, situation: Situation) -> Area | Floor | None:
    """The area or floor that the sentence names."""
    if "area" in intent.slots:
        area = situation.home.area_named(str(intent.slots["area"]))
        if area is None:
            raise Doubtful(Doubt("no_area", {"area": intent.slots["area"]}))
        return area
    if "floor" in intent.slots:
        floor = situation.home.floor_named(str(intent.slots["floor"]))
        if floor is None:
            raise Doubtful(Doubt("no_floor", {"floor": intent.slots["floor"]}))
        return floor
    return None


def within(entity: Entity, where: Area | Floor | None, situation: Situation) -> bool:
    if where is None:
        return True
    if isinstance(where, Area):
        return entity.area == where.id
    area = situation.home.area_by_id.get(entity.area or "")
    return area is not None and area.floor == where.id


def placed(intent: Intent, situation: Situation, fitting: Iterable[Entity]) -> Entities:
    """Those in the place that was named; all, where all were asked for; else those in the satellite's area; else all,
    where there is but one room to mean."""
    where = place(intent, situation)
    if where is not None:
        return tuple(entity for entity in fitting if within(entity, where, situation))
    everything = tuple(fitting)
    if _everywhere(intent):
        return everything
    here = tuple(entity for entity in everything if entity.area == situation.context.area)
    if here and situation.context.area:
        return here
    areas = {entity.area for entity in everything}
    if len(areas) <= 1:
        return everything
    raise Doubtful(which_area(intent, [area for area in situation.home.areas if area.id in areas]))


def _here(situation: Situation) -> Area | None:
    return situation.home.area_by_id.get(situation.context.area or "")


def _everywhere(intent: Intent) -> bool:
    """In the sentence data only "turn off all lights" (or fans) is about the whole home; there a sentence that means
    the satellite's area brings it as a slot. Our own sentences say it by the response key."""
    if intent.response.endswith("_all"):
        return True
    local = intent.response.endswith(("_area", "_here")) or "device_class" in intent.slots
    return intent.name == "HassTurnOff" and "domain" in intent.slots and not local


def named(intent: Intent, situation: Situation, domains: Collection[str] = (), home: Home | None = None) -> Entity:
    """The one device of this name, of one of these domains (() any). `home`: another than the situation's."""
    home = home or situation.home
    where = place(intent, situation)
    resolved = tuple(home.by_id[e] for e in intent.entities if e in home.by_id)
    known = [
        e for e in resolved or home.by_name.get(plain(said(intent, "name")), ()) if not domains or e.domain in domains
    ]
    found = [entity for entity in known if within(entity, where, situation)]
    if where is not None and not found and len(known) == 1 and known[0].area is None:
        found = known  # it is not said where; there is only one
    if len(found) > 1:
        found = _nearest(found, situation)
    if not found:
        raise Doubtful(_unknown(intent, where))
    if len(found) > 1:
        raise Doubtful(_which(intent, situation, found))
    return found[0]


def _nearest(found: Sequence[Entity], situation: Situation) -> list[Entity]:
    """In the satellite's area, else on its floor, else wherever."""
    here = _here(situation)
    if here is None:
        return list(found)
    floor = situation.home.floor_by_id.get(here.floor or "")
    for where in (here, floor):
        near = [entity for entity in found if where is not None and within(entity, where, situation)]
        if near:
            return near
    return list(found)


def _unknown(intent: Intent, where: Area | Floor | None) -> Doubt:
    name = intent.slots["name"]
    if isinstance(where, Area):
        return Doubt("no_entity_in_area", {"entity": name, "area": where.name})
    if isinstance(where, Floor):
        return Doubt("no_entity_in_floor", {"entity": name, "floor": where.name})
    return Doubt("no_entity", {"entity": name})


def _which(intent: Intent, situation: Situation, found: Iterable[Entity]) -> Doubt:
    """Devices of one name are told apart by their areas, where these differ."""
    by_area = {situation.home.area_by_id[e.area].name: e for e in reversed(tuple(found)) if e.area}
    choices = [becomes(intent, area, (entity,)) for area, entity in reversed(by_area.items())]
    return Doubt("duplicate_entities", {"entity": intent.slots["name"]}, tuple(choices) if len(choices) > 1 else ())


def nothing(intent: Intent, situation: Situation, domain: str) -> Doubt:
    """There is no such thing, or none there."""
    classes = words(intent, "device_class")
    what = "no_device_class" if classes else "no_domain"
    facts: dict[str, object] = {"device_class": classes[0]} if classes else {"domain": domain}
    where = place(intent, situation) or _here(situation)
    if isinstance(where, Area):
        return Doubt(f"{what}_in_area", {**facts, "area": where.name})
    if isinstance(where, Floor):
        return Doubt(f"{what}_in_floor", {**facts, "floor": where.name})
    return Doubt(what, facts)


def nearby(intent: Intent, situation: Situation, domain: str, likely: Callable[[Entity], bool]) -> Entities:
    """For "pause", "volume up", "start mowing": the one thing that is meant where nothing was named.

    The likely ones (that play) of the satellite's area; then the only likely one anywhere; then those of the area.
    The satellite's own area as a slot may come from the sentence or from where it was said, so it does not bind.
    """
    here_said = "area" in intent.slots and place(intent, situation) == _here(situation)
    if {"name", "floor"} & intent.slots.keys() or ("area" in intent.slots and not here_said):
        return targets(intent, situation, domain)
    fitting = tuple(entity for entity in situation.home.entities if entity.domain == domain)
    here = tuple(entity for entity in fitting if entity.area and entity.area == situation.context.area)
    likely_here, likely_ones = ([e for e in pool if likely(e)] for pool in (here, fitting))
    if likely_here:
        return tuple(likely_here)
    for some in (likely_ones, here, fitting):
        if len(some) == 1 or (some and some is here):
            return tuple(some)
    if not fitting:
        raise Doubtful(nothing(intent, situation, domain))
    raise Doubtful(which_one(intent, fitting))


CHOICES = 5
"""Answers that a question offers."""


def which_one(intent: Intent, entities: Sequence[Entity]) -> Doubt:
    """One of these is meant."""
    choices = (becomes(intent, entity.name, (entity,)) for entity in entities[:CHOICES])
    return Doubt("which_one", {}, tuple(choices))


def which_area(intent: Intent, areas: Sequence[Area]) -> Doubt:
    """It is meant in one of these."""
    choices = (becomes(intent, area.name, area=area.name) for area in areas[:CHOICES])
    return Doubt("which_area", {}, tuple(choices))


def becomes(intent: Intent, label: str, entities: Sequence[Entity] = (), **slots: SlotValue) -> Choice:
    """The answer after which the intent is about these, or has these slots too."""
    named = {"name": entities[0].name} if entities else {}
    ids = tuple(entity.id for entity in entities) or intent.entities
    return Choice(label, (Part(replace(intent, slots={**intent.slots, **named, **slots}, entities=ids)),))


def calls(service: str, entities: Collection[Entity], data: Data | None = None) -> Action:
    return Action(service, tuple(entity.id for entity in entities), data or {})


def step(intent: Intent, *actions: Action, **facts: object) -> Step:
    return Step(intent, tuple(action for action in actions if action.entities or action.data), facts=facts)


def told_as(name: str, skill: Skill) -> Skill:
    """The skill, told of as `name`: for intents that the grammar knows under another one."""

    def named_so(intent: Intent, situation: Situation) -> Step:
        return skill(replace(intent, name=name), situation)

    return named_so


def by_response(plain: Skill, **others: tuple[str, Skill]) -> Skill:
    """One intent of the public names for several questions: the response key says which skill answers, and the name
    under which the answer is told."""

    def chosen(intent: Intent, situation: Situation) -> Step:
        first, _, rest = intent.response.partition("_")
        if first not in others:
            return plain(intent, situation)
        name, skill = others[first]
        return skill(replace(intent, name=name, response=rest or "default"), situation)

    return chosen


def amount(intent: Intent, slot: str) -> float:
    """A number that the sentence must have had."""
    value = intent.slots.get(slot)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Doubtful(Doubt("no_number", {"slot": slot}))
    return value


def meaning(intent: Intent, slot: str, table: Mapping[str, Value]) -> Value:
    """What the table has for the word that the sentence must have had."""
    word = said(intent, slot)
    if word not in table:
        raise Doubtful(Doubt("no_intent"))
    return table[word]


def said(intent: Intent, slot: str) -> str:
    """A text that the sentence must have had."""
    value = next(iter(words(intent, slot)), "").strip()
    if not value:
        raise Doubtful(Doubt("no_intent"))
    return value
