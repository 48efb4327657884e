"""From derivations to readings: ranked, slots filled, the home's things resolved, doubts turned into questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..core.home import Home
from ..core.intent import Context, Intent, Part, Reading, SlotValue
from .derive import Derivation, Filled
from .network import needs_of
from .sentences import Block
from .text import originals
from .tries import Kinds

MAX_READINGS = 5
Slots = dict[str, SlotValue | tuple[str, ...]]


@dataclass(slots=True)
class Candidate:
    """One intent with slots, and how good its best derivation was (lower is better)."""

    rank: tuple[object, ...]
    block: Block
    slots: Slots
    things: list[Filled]


class Reader:
    """Reads derivations for one home."""

    def __init__(self, home: Home, kinds: Kinds) -> None:
        self.home = home
        self.kinds = kinds
        self._places: dict[int, str | None] = {}

    def readings(
        self, found: Iterable[Derivation], words: Sequence[str], text: str, context: Context
    ) -> Sequence[Reading]:
        best: dict[tuple[str, frozenset[tuple[str, object]]], Candidate] = {}
        for derivation in found:
            candidate = self._candidate(derivation, words, text, context)
            if candidate is None:
                continue
            key = (candidate.block.intent, frozenset(candidate.slots.items()))
            known = best.get(key)
            if known is None or candidate.rank < known.rank:
                best[key] = candidate
        ranked = sorted(best.values(), key=lambda c: c.rank)[:MAX_READINGS]
        return [self._reading(candidate, context) for candidate in ranked]

    def _candidate(self, made: Derivation, words: Sequence[str], text: str, context: Context) -> Candidate | None:
        block = made.block
        if not self._has_what_it_needs(made):
            return None
        slots: Slots = {}
        name_length = 0
        for filled in made.filled:
            slots[filled.label.slot] = filled.values[0].out  # type: ignore[assignment]
            if filled.label.slot == "name":
                name_length = sum(map(len, words[filled.start : filled.stop])) + filled.stop - filled.start
        free_length = 0
        for slot, (start, stop) in made.free.items():
            slots[slot] = _original(text, words, start, stop)
            free_length += sum(map(len, words[start:stop])) + stop - start
        for slot, value in block.slots.items():
            if slot not in slots:
                slots[slot] = tuple(value) if isinstance(value, list) else value
        self._add_context(block, slots, context)
        rank = (
            not block.own,
            -name_length,
            len(made.free),
            made.skipped,
            -made.literal,
            free_length,
            block.intent,
            block.order,
        )
        return Candidate(rank, block, slots, [f for f in made.filled if f.values[0].id is not None])

    def _has_what_it_needs(self, made: Derivation) -> bool:
        """What a block requires of its values must have been brought by one of them."""
        _, within = needs_of(made.block)
        for need in within:
            if need.wanted and not any(
                need.key in self.kinds.contexts[filled.values[0].kind] for filled in made.filled
            ):
                return False
        return True

    def _add_context(self, block: Block, slots: Slots, context: Context) -> None:
        wish = block.requires.get("area")
        if isinstance(wish, dict) and wish.get("slot") and context.area is not None:
            slot = wish["slot"] if isinstance(wish["slot"], str) else "area"
            area = self.home.area_by_id.get(context.area)
            slots.setdefault(slot, area.name if area else context.area)

    def _reading(self, candidate: Candidate, context: Context) -> Reading:
        entities: tuple[str, ...] = ()
        for filled in candidate.things:
            if filled.label.slot == "name" and filled.label.list == "name":
                entities = tuple(v.id for v in filled.values if v.id is not None)
        intent = Intent(candidate.block.intent, candidate.slots, 1.0, entities, candidate.block.response)
        return Reading((Part(intent),))


def _original(text: str, words: Sequence[str], start: int, stop: int) -> str:
    """Free text as the person wrote it."""
    found = originals(text)
    if found is None or len(found) != len(words):
        found = list(words)
    return "".join(w if w.endswith("'") else w + " " for w in found[start:stop]).rstrip()
