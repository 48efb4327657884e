"""A home of any size for measuring: a real one, enlarged by generated names."""

from __future__ import annotations

import random

from repartee.core.home import Area, Entity, Floor, Home, slug

_ADJECTIVES = """
left right upper lower small large old new front back inner outer corner round tall short blue green red
brass copper glass wooden stone silver golden dim bright north south east west first second third guest main
spare
"""
_ROOMS = """
attic balcony pantry study library nursery porch laundry closet workshop gallery veranda conservatory cellar
playroom studio foyer landing terrace greenhouse
"""
ADJECTIVES, ROOMS = _ADJECTIVES.split(), _ROOMS.split()
THINGS = (
    ("light", "lamp"),
    ("light", "spotlight"),
    ("light", "lantern"),
    ("light", "chandelier"),
    ("switch", "heater"),
    ("switch", "kettle"),
    ("switch", "pump"),
    ("switch", "aquarium"),
    ("fan", "ventilator"),
    ("cover", "shutter"),
    ("cover", "blind"),
    ("media_player", "radio"),
    ("media_player", "speaker"),
    ("lock", "door lock"),
    ("climate", "thermostat"),
    ("sensor", "humidity sensor"),
)
"""Domain and noun."""


def enlarged(home: Home, names: int, seed: int = 1) -> Home:
    """The home with generated entities until it has `names` of them, in twenty more areas on its floors."""
    rng = random.Random(seed)
    floors = home.floors or (Floor("ground", "Ground Floor"),)
    areas = list(home.areas)
    new = [room for room in ROOMS if home.area_named(room) is None]
    areas += [Area(slug(room), room.title(), rng.choice(floors).id) for room in new]
    combinations = [(a, room, thing) for a in ADJECTIVES for room in ROOMS for thing in THINGS]
    rng.shuffle(combinations)
    entities, taken = list(home.entities), {e.id for e in home.entities}
    for adjective, room, (domain, thing) in combinations:
        if len(entities) >= names:
            break
        name = rng.choice((f"{adjective} {room} {thing}", f"{room} {adjective} {thing}", f"{adjective} {thing}"))
        entity = Entity(f"{domain}.{slug(name)}", name.title(), slug(room))
        if entity.id not in taken:
            taken.add(entity.id)
            entities.append(entity)
    return home.changed(floors=floors, areas=tuple(areas), entities=tuple(entities))
