"""Other recognisers of the same sentences, behind one call: text and area to intent and slots, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hassil import Intents, recognize_best
from hassil.intents import SlotList, TextSlotList
from home_assistant_intents import get_intents

from repartee.core.errors import EngineMissing
from repartee.core.home import Home
from repartee.core.intent import Context
from repartee.core.ports import Understanding
from repartee.stages.understand.planning import decide

Answer = tuple[str, Mapping[str, Any]] | None
"""What it would do at once."""
Recogniser = Callable[[str, str | None], Answer]
"""The area is the name of the satellite's."""


def ours(understanding: Understanding, home: Home, acting: bool = False) -> Recogniser:
    """The best reading; with `acting`, only what would be done at once."""

    def recognise(text: str, area: str | None) -> Answer:
        known = home.area_named(area) if area else None
        readings = understanding.parse(text, Context(known.id if known else area))
        reading = decide(readings) if acting else next(iter(readings), None)
        if reading is None or not reading.parts or (acting and not reading.acts):
            return None
        return reading.parts[0].intent.name, reading.parts[0].intent.slots

    return recognise


def hassil(home: Home, language: str = "en") -> Recogniser:
    """As Home Assistant calls it: the best match, names before all else."""
    data = get_intents(language)
    assert data is not None
    intents = Intents.from_dict(data)
    entities = [(name, e.name, {"domain": e.domain}) for e in home.entities for name in e.names]
    lists: dict[str, SlotList] = {
        "name": TextSlotList.from_tuples(entities, allow_template=False),
        "area": _places((name, a.name) for a in home.areas for name in (a.name, *a.aliases)),
        "floor": _places((name, f.name) for f in home.floors for name in (f.name, *f.aliases)),
    }

    def recognise(text: str, area: str | None) -> Answer:
        context = {"area": area} if area else None
        found = recognize_best(
            text, intents, slot_lists=lists, intent_context=context, best_slot_name="name", language=language
        )
        return (found.intent.name, {key: each.value for key, each in found.entities.items()}) if found else None

    return recognise


def _places(rows: Any) -> TextSlotList:
    return TextSlotList.from_tuples(rows, allow_template=False)


def gazetteer(home: Home) -> Recogniser:
    """English only; it answers with ids, which become names again. Raises `EngineMissing`."""
    try:
        from gazetteer_matcher import GazetteerMatcher
    except ImportError as error:
        raise EngineMissing("gazetteer-matcher", "install gazetteer-matcher (pip install gazetteer-matcher)") from error
    matcher = GazetteerMatcher(
        home={
            "areas": {a.id: {"name": a.name, "floor": a.floor, "aliases": list(a.aliases)} for a in home.areas},
            "floors": {f.id: {"name": f.name, "aliases": list(f.aliases)} for f in home.floors},
            "entities": {
                e.id: {"name": e.name, "domain": e.domain, "area": e.area, "aliases": list(e.aliases)}
                for e in home.entities
            },
        }
    )
    names = {thing.id: thing.name for things in (home.areas, home.floors, home.entities) for thing in things}

    def recognise(text: str, area: str | None) -> Answer:
        result = matcher.interpret(text, context_area=area if area and home.area_named(area) else None)
        if not result.accepted or not result.frames:
            return None
        frame = result.frames[0]
        return frame.intent, {k: names.get(v, v) if isinstance(v, str) else v for k, v in frame.slots.items()}

    return recognise
