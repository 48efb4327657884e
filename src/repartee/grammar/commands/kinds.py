"""Kinds of things, as people name them, and the domains and device classes that they are in Home Assistant's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...core.home import Entity


class Selector(NamedTuple):
    """Things of one domain; of these classes, where some are named."""

    domain: str
    classes: tuple[str, ...] = ()

    def fits(self, entity: Entity) -> bool:
        return entity.domain == self.domain and (not self.classes or entity.device_class in self.classes)


WINDOW_COVERS = ("blind", "curtain", "shade", "shutter", "awning")
KINDS: Mapping[str, tuple[Selector, ...]] = {
    "light": (Selector("light"),),
    "fan": (Selector("fan"),),
    "plug": (Selector("switch", ("outlet",)), Selector("switch")),
    "switch": (Selector("switch"),),
    "blind": (Selector("cover", ("blind",)), Selector("cover", WINDOW_COVERS), Selector("cover", ())),
    "curtain": (Selector("cover", ("curtain",)), Selector("cover", WINDOW_COVERS)),
    "shutter": (Selector("cover", ("shutter",)), Selector("cover", WINDOW_COVERS)),
    "shade": (Selector("cover", ("shade",)), Selector("cover", WINDOW_COVERS)),
    "awning": (Selector("cover", ("awning",)),),
    "door": (Selector("cover", ("door", "garage", "gate")), Selector("lock")),
    "garage": (Selector("cover", ("garage",)), Selector("lock")),
    "gate": (Selector("cover", ("gate",)), Selector("lock")),
    "window": (Selector("cover", ("window",)),),
    "lock": (Selector("lock"),),
    "valve": (Selector("valve"),),
    "sprinkler": (Selector("valve"), Selector("switch", ("sprinkler",))),
    "vacuum": (Selector("vacuum"),),
    "mower": (Selector("lawn_mower"),),
    "tv": (Selector("media_player", ("tv",)),),
    "speaker": (Selector("media_player", ("speaker",)), Selector("media_player", ("receiver",))),
    "music": (Selector("media_player"),),
    "thermostat": (Selector("climate"),),
    "humidifier": (Selector("humidifier"),),
    "siren": (Selector("siren"),),
    "camera": (Selector("camera"),),
    "thing": (),
}
"""The first selector counts that finds something in the place; `thing` is any, and only beside a name."""


def of_kind(kind: str, entities: Iterable[Entity], domains: frozenset[str]) -> list[Entity]:
    """Those of the kind's first selector that has some, among the domains a deed is for."""
    pool = [entity for entity in entities if entity.domain in domains]
    for selector in KINDS[kind]:
        if found := [entity for entity in pool if selector.fits(entity)]:
            return found
    return []


def is_of_kind(kind: str, entity: Entity) -> bool:
    """Whether people may call it that beside its name: a "reading light" is the Reading Lamp."""
    return kind == "thing" or any(entity.domain == selector.domain for selector in KINDS[kind])


def are_alike(kind: str, other: str) -> bool:
    """Whether both words may be said of one thing: a "sprinkler valve"; not the "tv lights"."""
    return bool({s.domain for s in KINDS.get(kind, ())} & {s.domain for s in KINDS.get(other, ())})


def domain_of(kind: str) -> str:
    """What the sentence data calls it."""
    return KINDS[kind][0].domain if KINDS[kind] else "device"
