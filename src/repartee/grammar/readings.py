"""From derivations to readings: ranked, slots filled, the home's things resolved, doubts turned into questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..core.home import Entity, Home
from ..core.intent import Choice, Context, Doubt, Intent, Part, Reading, SlotValue
from .backtrace import Derivation, Filled
from .nfa import needs_of
from .sentences import Block
from .text import between, joined, originals
from .tries import Kinds

MAX_READINGS = 5
MAX_OPTIONS = 4
"""Answers that a question offers."""
BARE = 3
"""Characters of literal words with which a name is still bare: an article."""
SECOND = 0.8
"""Score of readings that the ranking puts behind another one."""
WHICH, NOT_THERE, UNKNOWN = "did_you_mean", "not_there", "unknown_name"
"""Keys of questions: which of these, there is no such thing in that place, nothing is called so."""
Slots = dict[str, SlotValue | tuple[str, ...]]


@dataclass(slots=True)
class Candidate:
    """One intent with slots, and how good its best derivation was (lower is better)."""

    rank: tuple[object, ...]
    block: Block
    slots: Slots
    entities: tuple[str, ...] = ()
    """Ids of all things the `name` may stand for."""
    areas: tuple[str, ...] = ()
    """Ids of the areas that were said."""
    floors: tuple[str, ...] = ()
    cost: float = 0.0
    """How far from the sentence that was said."""
    skipped: int = 0
    """Words that mean nothing."""
    bare: bool = False
    """Nothing but a name was said: perhaps a part of another sentence."""
    free: tuple[tuple[int, int], ...] = ()
    """Words (first, one after the last) that are free text."""
    first_home: int = 0
    """The first word that names something of the home."""
    said: str = ""
    """The sentence of this home that it is."""

    @property
    def meaning(self) -> tuple[str, frozenset[tuple[str, object]]]:
        """Two candidates of equal meaning are the same."""
        return self.block.intent, frozenset(self.slots.items())


LESSON = "lesson"
"""The slot of what a person teaches: a whole sentence, whatever is in it; its pauses are kept."""
ITEM = "item"
"""The slot of a thing on a list."""


class Reader:
    """Reads derivations for one home."""

    def __init__(self, home: Home, kinds: Kinds, articles: Iterable[str] = ()) -> None:
        """`articles` before a thing that is put on a list are no part of it: "some milk" is milk."""
        self.home = home
        self.kinds = kinds
        self._articles = frozenset(articles)

    def candidates(
        self,
        found: Iterable[Derivation],
        words: Sequence[str],
        text: str,
        context: Context,
        spans: Sequence[int] | None = None,
    ) -> list[Candidate]:
        """One a meaning, best first. `spans` say for each word which word of the text it stands for."""
        best: dict[object, Candidate] = {}
        for derivation in found:
            if not self._has_what_it_needs(derivation):
                continue
            candidate = self._candidate(derivation, words, text, context, spans)
            known = best.setdefault(candidate.meaning, candidate)
            if known is not candidate:
                known.rank = min(known.rank, candidate.rank)
                known.entities += tuple(e for e in candidate.entities if e not in known.entities)
        return sorted(best.values(), key=lambda c: c.rank)

    def readings(self, candidates: Sequence[Candidate], context: Context) -> list[Reading]:
        made = [self.reading(candidate, context) for candidate in candidates[:MAX_READINGS]]
        made[1:] = [replace(reading, score=min(reading.score, SECOND)) for reading in made[1:]]
        if len(made) > 1 and made[0].doubt and self._elsewhere(candidates[0], candidates[0].entities):
            made.sort(key=lambda reading: reading.doubt is not None)  # a thing that is not there: perhaps another
        return made

    def reading(self, candidate: Candidate, context: Context) -> Reading:
        """With the things it is about; where those are in doubt, a question."""
        score = max(0.0, 1.0 - candidate.cost / 3)
        entities: tuple[str, ...] = self._resolved(candidate, context)
        intent = Intent(candidate.block.intent, candidate.slots, score, entities, candidate.block.response)
        return Reading((Part(intent),), score, self._doubt(intent, candidate))

    def _doubt(self, intent: Intent, candidate: Candidate) -> Doubt | None:
        """The thing is somewhere else than was said, or may be one of several."""
        if candidate.entities and not intent.entities:
            facts = {"name": candidate.slots.get("name", ""), "place": self._place(candidate)}
            return Doubt(NOT_THERE, facts, self._choices(intent, candidate.entities))
        if len(intent.entities) > 1 and not self._all_alike(intent.entities):
            return Doubt(WHICH, {}, self._choices(intent, intent.entities))
        return None

    def _choices(self, intent: Intent, entities: tuple[str, ...]) -> tuple[Choice, ...]:
        """Each of these things, wherever it stands."""
        kept = {slot: value for slot, value in intent.slots.items() if slot not in ("area", "floor")}
        return tuple(
            Choice(
                self._label(entity, entities),
                (Part(replace(intent, slots={**kept, "name": self.home.by_id[entity].name}, entities=(entity,))),),
            )
            for entity in entities[:MAX_OPTIONS]
        )

    def doubtful(self, candidates: Sequence[Candidate], context: Context) -> Reading:
        """Several that are too near to each other: asks which."""
        readings = [self.reading(candidate, context) for candidate in candidates]
        names = [str(c.slots.get("name", "")) for c in candidates]
        same_intent = len({c.block.intent for c in candidates}) == 1
        by_name = same_intent and all(names) and len(set(names)) == len(names)
        labels = names if by_name else [c.said for c in candidates]
        choices = {label: Choice(label, reading.parts) for label, reading in zip(labels, readings, strict=True)}
        return Reading(readings[0].parts, readings[0].score, Doubt(WHICH, {}, tuple(choices.values())[:MAX_OPTIONS]))

    def _candidate(
        self, made: Derivation, words: Sequence[str], text: str, context: Context, spans: Sequence[int] | None
    ) -> Candidate:
        block = made.block
        slots: Slots = {}
        ids: dict[str, tuple[str, ...]] = {}
        name_length = 0
        for filled in made.filled:
            slots[filled.label.slot] = filled.values[0].out  # type: ignore[assignment]
            ids[filled.label.list] = _ids(filled)
            if filled.label.slot == "name":
                name_length = sum(map(len, words[filled.start : filled.stop])) + filled.stop - filled.start
        free_length = 0
        for slot, (start, stop) in made.free.items():
            bare = slot == ITEM and stop - start > 1 and words[start] in self._articles
            raw = between(text, start, stop) if slot == LESSON and spans is None else None
            slots[slot] = raw or _original(text, words, start + bare, stop, spans)
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
        places = ids.get("area", ()), ids.get("floor", ())
        return Candidate(
            rank,
            block,
            slots,
            ids.get("name", ()),
            *places,
            skipped=made.skipped,
            bare=made.literal <= BARE,
            free=tuple(made.free.values()),
            first_home=min((f.start for f in made.filled if f.values[0].id is not None), default=len(words)),
        )

    def _has_what_it_needs(self, made: Derivation) -> bool:
        """What a block requires of its values must have been brought by one of them."""
        if not made.block.requires:
            return True
        brought = [self.kinds.contexts[filled.values[0].kind] for filled in made.filled]
        return all(
            not need.wanted or any(need.key in context for context in brought) for need in needs_of(made.block)[1]
        )

    def _add_context(self, block: Block, slots: Slots, context: Context) -> None:
        wish = block.requires.get("area")
        if isinstance(wish, dict) and wish.get("slot") and context.area is not None:
            slot = wish["slot"] if isinstance(wish["slot"], str) else "area"
            area = self.home.area_by_id.get(context.area)
            slots.setdefault(slot, area.name if area else context.area)

    def _resolved(self, candidate: Candidate, context: Context) -> tuple[str, ...]:
        """The things that the name stands for, as far as it was said where they are."""
        entities = candidate.entities
        if candidate.areas or candidate.floors:
            entities = tuple(e for e in entities if not self._is_elsewhere(self.home.by_id[e], candidate))
        if len(entities) > 1 and context.area is not None:
            here = tuple(e for e in entities if self.home.by_id[e].area == context.area)
            entities = here or entities
        return entities

    def _is_elsewhere(self, entity: Entity, candidate: Candidate) -> bool:
        """Whether it is known to stand in another place than was said."""
        area = self.home.area_by_id.get(entity.area or "")
        if area is None:
            return False
        if candidate.areas and area.id not in candidate.areas:
            return True
        return bool(candidate.floors) and area.floor is not None and area.floor not in candidate.floors

    def _elsewhere(self, candidate: Candidate, entities: tuple[str, ...]) -> bool:
        return bool(entities) and all(self._is_elsewhere(self.home.by_id[e], candidate) for e in entities)

    def _all_alike(self, entities: tuple[str, ...]) -> bool:
        """Nothing a person could say tells them apart: the same name, domain and place."""
        return len({(e.name, e.domain, e.area) for e in map(self.home.by_id.__getitem__, entities)}) == 1

    def _label(self, entity: str, others: tuple[str, ...]) -> str:
        """What a person could answer."""
        thing = self.home.by_id[entity]
        area = self.home.area_by_id.get(thing.area or "")
        alone = sum(self.home.by_id[e].area == thing.area for e in others) == 1
        if area is not None and alone:
            return f"{area.name} {thing.name}"
        return thing.name if alone else f"{thing.name} ({thing.domain.replace('_', ' ')})"

    def _place(self, candidate: Candidate) -> str:
        return str(candidate.slots.get("area") or candidate.slots.get("floor") or "")


def _ids(filled: Filled) -> tuple[str, ...]:
    return tuple(value.id for value in filled.values if value.id is not None)


def _original(text: str, words: Sequence[str], start: int, stop: int, spans: Sequence[int] | None) -> str:
    """Free text as the person wrote it."""
    found = originals(text)
    if spans is not None:
        start, stop = spans[start], spans[stop - 1] + 1
        words = found or words
    if found is None or (spans is None and len(found) != len(words)):
        found = list(words)
    return joined(list(found[start:stop]))
