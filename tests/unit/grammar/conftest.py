"""A small home, and its grammar."""

from __future__ import annotations

import pytest

from repartee.core.home import Home
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.grammar import CompiledHome, compile_home

ROOMS = {
    "floors": [{"name": "Ground Floor", "id": "ground"}, {"name": "Upstairs", "id": "up"}],
    "areas": [
        {"name": "Kitchen", "id": "kitchen", "floor": "ground"},
        {"name": "Living Room", "id": "living_room", "floor": "ground"},
        {"name": "Bedroom", "id": "bedroom", "floor": "up"},
        {"name": "Bathroom", "id": "bathroom", "floor": "up"},
    ],
    "entities": [
        {"name": "Kitchen Lights", "domain": "light", "area": "Kitchen"},
        {"name": "Bed Light", "domain": "light", "area": "Bedroom", "aliases": ["Night Lamp"]},
        {"name": "Bathroom Lamp", "domain": "light", "area": "Bathroom"},
        {"name": "Bedroom Lamp", "domain": "light", "area": "Bedroom"},
        {"name": "Heater", "domain": "switch", "area": "Bedroom"},
        {"name": "Heater", "domain": "switch", "area": "Bathroom"},
        {"name": "Ceiling Fan", "domain": "fan", "area": "Living Room"},
        {"name": "TV", "domain": "media_player", "area": "Living Room"},
        {"name": "Front Door", "domain": "lock"},
        {"name": "Left Blind", "domain": "cover", "area": "Living Room", "attributes": {"device_class": "blind"}},
        {"name": "Coffee Machine", "domain": "switch", "area": "Kitchen"},
        {"name": "Thermostat", "domain": "climate", "area": "Kitchen"},
        {"name": "Jane", "domain": "person"},
        {"name": "Shopping List", "domain": "todo"},
    ],
}
HERE = Context(area="living_room")
NOWHERE = Context()


@pytest.fixture(scope="session")
def home() -> Home:
    return home_from(ROOMS).home


@pytest.fixture(scope="session")
def grammar(home: Home) -> CompiledHome:
    return compile_home(home, "en")
