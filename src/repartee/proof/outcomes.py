"""What must come of a recorded command, and whether it did: right, asked, wrong, rejected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repartee.core.errors import BadInput
from repartee.core.home_file import HomeFile, read_home
from repartee.core.intent import Reading
from repartee.core.turn import TurnRecord

EXPECTED = "expected.jsonl"
RIGHT, ASKED, WRONG, REJECTED = "right", "asked", "wrong", "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `expected.jsonl`."""

    file: str
    area: str | None = None
    """Where the satellite stands."""
    states: Mapping[str, str] | None = None
    """Name of an entity to its state before the command."""
    timers: Sequence[Mapping[str, Any]] = ()
    """That run before it."""
    plans: Sequence[Mapping[str, Any]] = ()
    """Accepted readings: intent and slots. None: nothing may be done."""


def expected(folder: Path) -> list[Row]:
    """None where nobody wrote it down. Raises `BadInput`."""
    file = folder / EXPECTED
    if not file.is_file():
        return []
    try:
        return [Row(**json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (ValueError, TypeError) as error:
        raise BadInput(f"{file}: {error}") from error


def home_before(file: Path, row: Row | None, *, states: bool = True) -> HomeFile:
    """The home as the row says it is before the command; without `states`, nobody knows any."""
    home = read_home(file)
    if not states:
        home.states.known.clear()
    if row is None:
        return home
    ids = {entity.name: entity.id for entity in home.home.entities}
    for name, value in ((row.states if states else None) or {}).items():
        home.states.set(ids[name], replace(home.states[ids[name]], value=value))
    return replace(home, timers=tuple(row.timers))


def outcome(record: TurnRecord | None, row: Row) -> str:
    """Of the turn that came of it, if any."""
    return outcome_of(record.reading if record else None, row)


def outcome_of(reading: Reading | None, row: Row) -> str:
    """Of what a sentence was taken for."""
    if reading is None:
        return REJECTED
    if not reading.acts:
        return ASKED
    intents = [part.intent for part in reading.parts]
    fits = any(
        len(intents) == 1
        and intents[0].name == wanted["intent"]
        and same_slots(intents[0].slots, wanted["slots"], row.area)
        for wanted in row.plans
    )
    return RIGHT if fits else WRONG


def same_slots(found: Mapping[str, Any], wanted: Mapping[str, Any], area: str | None) -> bool:
    """Numbers by value, strings without case, a tuple means any of these; an extra area that is the satellite's own is
    as good as none."""
    extra = set(found) - set(wanted)
    if extra and not (extra == {"area"} and area and str(found["area"]).casefold() == area.casefold()):
        return False
    return all(name in found and _alike(found[name], value) for name, value in wanted.items())


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    if isinstance(one, list | tuple) or isinstance(other, list | tuple):
        ones = one if isinstance(one, list | tuple) else [one]
        others = other if isinstance(other, list | tuple) else [other]
        return bool({str(each).casefold() for each in ones} & {str(each).casefold() for each in others})
    return str(one).casefold() == str(other).casefold()
