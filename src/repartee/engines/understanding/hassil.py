"""The reference: Home Assistant's own recogniser of sentences, on its own sentence data, in any of its languages.

Our grammar (behind the same port) is compared with it. It knows only whole sentences, so it can't tell how far one
has got, nor what may follow.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hassil import Intents, recognize_all
from hassil.intents import SlotList, TextSlotList
from hassil.recognize import RecognizeResult
from home_assistant_intents import get_languages

from repartee.core.errors import EngineMissing
from repartee.core.home import Home
from repartee.core.intent import Context, Intent, Part, Reading, SlotValue, Status
from repartee.languages.package import package_data

MAX_TEXT = 500
"""Characters of one command at most: the time to match grows with it."""
MAX_MATCHES = 200
"""Looked at for one sentence; a home has few ways to say the same."""
MAX_READINGS = 5


class HassilUnderstanding:
    """Satisfies `Understanding`."""

    def __init__(self, home: Home, language: str = "en", own: Path | None = None) -> None:
        """`own`: a folder of further sentences. Raises `EngineMissing` for a language without sentences."""
        self._intents = _sentences(language, own)
        self._language = language
        self.update(home)

    def update(self, home: Home) -> None:
        """From now on, sentences are about this version of the home."""
        self._home = home
        self._lists: dict[str, SlotList] = {
            "name": TextSlotList.from_tuples(
                (
                    (name, entity.name, {"domain": entity.domain}, {"entity": entity.id})
                    for entity in home.entities
                    for name in entity.names
                ),
                allow_template=False,
            ),
            "area": _places((name, area.name) for area in home.areas for name in (area.name, *area.aliases)),
            "floor": _places((name, floor.name) for floor in home.floors for name in (floor.name, *floor.aliases)),
        }

    @property
    def version(self) -> Hashable:
        return (self._home.version, self._language)

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        if not text.strip() or len(text) > MAX_TEXT:
            return ()
        area = self._home.area_by_id.get(context.area or "")
        matches = recognize_all(
            text,
            self._intents,
            slot_lists=self._lists,
            intent_context={"area": area.name} if area else None,
            language=self._language,
        )
        best = sorted((match for match, _ in zip(matches, range(MAX_MATCHES), strict=False)), key=_rank, reverse=True)
        readings = _distinct(best)[:MAX_READINGS]
        return [Reading((Part(intent),), score=1.0 if n == 0 else 0.5) for n, intent in enumerate(readings)]

    def status(self, text: str, context: Context) -> Status:
        return Status.COMPLETE if self.parse(text, context) else Status.FREE

    def expect(self, context: Context) -> None:
        return None


@lru_cache(maxsize=4)
def _sentences(language: str, own: Path | None = None) -> Intents:
    found = package_data(language)
    if found is None:
        known = ", ".join(sorted(get_languages()))
        raise EngineMissing(f"understanding of {language!r}", f"home-assistant-intents knows {known}")
    data = dict(found)
    for path in sorted(own.glob("*.json")) if own else ():
        data = _merged(data, json.loads(path.read_text("utf-8")))
    return Intents.from_dict(data)


def _merged(data: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    parts = ("intents", "lists", "expansion_rules")
    return {**data, **{part: {**data.get(part, {}), **own.get(part, {})} for part in parts}}


def _places(names: Iterable[tuple[str, str]]) -> TextSlotList:
    return TextSlotList.from_tuples(names, allow_template=False)


def _rank(match: RecognizeResult) -> tuple[int, int, int]:
    """A device's name (the longer the better) before free text; then what matches more of the template's words."""
    name = match.entities.get("name")
    known = len(name.text) if name is not None and not name.is_wildcard else 0
    free = sum(len(entity.text_clean) for entity in match.entities_list if entity.is_wildcard)
    return known, match.text_chunks_matched, -free


def _distinct(matches: Iterable[RecognizeResult]) -> list[Intent]:
    """One intent for each thing that may be meant; several devices of one name stay together."""
    found: dict[Hashable, tuple[RecognizeResult, dict[str, SlotValue | tuple[str, ...]], dict[str, None]]] = {}
    for match in matches:
        slots = {
            entity.name: _value(entity.value, entity.text_clean, entity.is_wildcard) for entity in match.entities_list
        }
        key = (match.intent.name, tuple(sorted(slots.items(), key=str)))
        entities = found.setdefault(key, (match, slots, {}))[2]
        name = match.entities.get("name")
        if name is not None and name.metadata:
            entities[name.metadata["entity"]] = None
    return [
        Intent(match.intent.name, slots, entities=tuple(entities), response=match.response or "default")
        for match, slots, entities in found.values()
    ]


def _value(value: Any, text: str, free: bool) -> SlotValue | tuple[str, ...]:
    """Free text as said; a list means any of these; whole numbers without a fraction."""
    if free:
        return text
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float) else str(value)
