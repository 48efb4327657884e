"""What a home looks like from here, for whoever connects it: what can be spoken to, and what is worth mending there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from repartee.core.home import Home
from repartee.engines.home.home_assistant import HomeAssistant

from .confusable_names import confusable_names


@dataclass(frozen=True)
class Found:
    """What a home looks like from here."""

    server: str
    entities: Mapping[str, int]
    """Domain to number of entities that can be spoken to."""
    hidden: int
    """Entities that are not exposed to voice assistants."""
    floors: tuple[str, ...]
    areas: tuple[str, ...]
    without_area: tuple[str, ...]
    confusable_names: tuple[tuple[str, str], ...]
    """Pairs of names that will be confused."""
    notes: tuple[str, ...]


def whole_address(url: str) -> str:
    """As people type it (`homeassistant.local`), with what they leave out."""
    return url if "://" in url else f"http://{url}" + ("" if ":" in url else ":8123")


async def look(url: str, token: str) -> Found:
    """At a Home Assistant. Raises `Refused` for a token it does not take, `Unreachable` where there is none."""
    async with HomeAssistant(url, lambda: token) as backend:
        return findings(backend.home, len(backend.states), backend.server, backend.notes)


def findings(home: Home, known: int, server: str, missing: Mapping[str, str]) -> Found:
    """`known`: entities there are; `missing`: part of the registries to why it can't be read."""
    notes = []
    if "exposed" in missing:
        notes.append(
            "This token is not an administrator's, so which entities are exposed can't be read for all of them."
        )
    if "floors" in missing:
        notes.append('This version knows no floors; from 2024.4 on "the lights upstairs" works.')
    if not home.entities:
        notes.append("Nothing is exposed to voice assistants: Settings → Voice assistants → Expose in its pages.")
    if not any(entity.domain == "lock" for entity in home.entities):
        notes.append("No lock is exposed. That is a person's decision: Settings → Voice assistants → Expose.")
    return Found(
        server,
        dict(Counter(entity.domain for entity in home.entities).most_common()),
        known - len(home.entities),
        tuple(floor.name for floor in home.floors),
        tuple(area.name for area in home.areas),
        tuple(entity.name for entity in home.entities if entity.area is None),
        tuple(
            (f"{one.name} ({one.id})", f"{other.name} ({other.id})") for one, other in confusable_names(home.entities)
        ),
        tuple(notes),
    )
