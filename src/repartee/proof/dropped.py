"""Sentences with a time, a condition, an exception or a place, typed: is any carried out as if it were not there?"""

from __future__ import annotations

from dataclasses import replace

from repartee.contract import Origin
from repartee.core.home import Entity
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.home.household import DOMAINS

from .results import Taken
from .stages import Stand

LATER = (
    "turn on the {} at sunset", "turn on the {} at seven in the evening", "turn on the {} tomorrow morning",
    "turn on the {} in ten minutes", "turn on the {} every weekday at six", "turn on the {} if it rains",
    "turn on the {} unless somebody is home", "turn on the {} once everybody has left",
    "turn on the {} when the sun goes down", "only turn on the {} if it is dark",
    "remind me to turn on the {} tonight", "turn on the {} after dinner", "in case it gets cold turn on the {}",
)  # fmt: skip
"""None of these is to be done now."""
SPARED = (
    "turn on everything except the {}",
    "turn on all the lights but not the {}",
    "turn on all lights besides the {}",
)
"""In none of these anything is to happen to it."""
THINGS = 5


async def measure_dropped(stand: Stand) -> Taken:
    """Each in a home in which nothing has happened."""
    things = [e for e in stand.assistant.backend.home.entities if e.domain in ("light", "switch")][:THINGS]
    asked = [(form.format(thing.name), thing) for thing in things for form in (*LATER, *SPARED)]
    wrong = []
    for text, thing in asked:
        async with stand.assistant.with_fresh_home() as fresh:
            record = await fresh.session(nowhere.Sink()).ask(text)
        if touched(record, thing):
            wrong.append(text)
    what = f"of {len(asked)} sentences, carried out without what they held" + (f": {wrong[0]!r}" if wrong else "")
    taken = Taken("dropped_words", what, replace(stand.provenance, origin=Origin.REAL, pace="text"))
    taken.samples.append(float(len(wrong)))
    return taken


def touched(record: TurnRecord, thing: Entity) -> bool:
    """Whether the home did something to it now."""
    devices = [effect for effect in record.effects if effect.service.partition(".")[0] not in DOMAINS]
    return any(effect.entity == thing.id and effect.confirmed for effect in devices)
