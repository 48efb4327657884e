"""Cuts a sentence into chunks that account for every word: verbs, targets, amounts, times; the cheapest ways to do so.

A word that is nothing here is a chunk of its own, `left`, dearer than any other way to read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ...core.when import When
from ..when import time_spans
from .tags import Tag, Tagger, Tags
from .targets import Target, TargetReader

WAYS = 8
"""Ways to cut a sentence that are kept at each word."""
LEFT = 10.0
"""What a word costs that is nothing here; a chunk costs about 1."""
MARKED = 6.0
"""The same of a word of time, condition, report, ... that no chunk has taken."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, a level, a step, a colour."""

    what: str
    """`number`, `level`, `step`, `colour`, `kelvin`."""
    value: float | str
    unit: str = ""
    mode: str = ""
    """`to`, `by` or nothing."""


class Chunk(NamedTuple):
    """Words that play one part."""

    start: int
    stop: int
    role: str
    """`deed`, `stem`, `particle`, `target`, `place`, `except`, `amount`, `property`, `when`, `join`, `free`, `left`,
    `marker`."""
    value: object = ""
    cost: float = 1.0


class Way(NamedTuple):
    """A sentence in chunks."""

    cost: float
    chunks: tuple[Chunk, ...]

    @property
    def left(self) -> tuple[Chunk, ...]:
        """What is no part of a command."""
        return tuple(chunk for chunk in self.chunks if chunk.role in ("left", "marker"))


FREE = {"fillers": 0.3, "wishes": 0.6, "now": 0.8}
SIMPLE = {"deeds": "deed", "stem": "stem", "particle": "particle", "then": "then", "joins": "join"}
COSTS = {"deed": 1.0, "stem": 0.7, "particle": 0.9, "then": 0.45, "join": 0.5}


class Chunker:
    """Of one home in one language."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._targets = TargetReader(tagger.home)

    def tags(self, said: Sequence[str]) -> Tags:
        return self._tagger.tags(said)

    def ways(self, said: Sequence[str], tags: Tags) -> list[Way]:
        """The cheapest first; each accounts for all words, if only as `left`."""
        times = time_spans(said, self._tagger.language)
        best: list[list[Way]] = [[] for _ in range(len(said) + 1)]
        best[0].append(Way(0.0, ()))
        for start in range(len(said)):
            if not best[start]:
                continue
            best[start] = sorted(best[start], key=lambda way: way.cost)[:WAYS]
            chunks = [*self._chunks(tags, start), *(_when(s.start, s.stop, s.when) for s in times if s.start == start)]
            for chunk in _distinct(chunks):
                for way in best[start]:
                    best[chunk.stop].append(Way(way.cost + chunk.cost, (*way.chunks, chunk)))
        return sorted(best[-1], key=lambda way: way.cost)[:WAYS]

    def _chunks(self, tags: Tags, start: int) -> Iterator[Chunk]:
        yield Chunk(start, start + 1, "left", cost=LEFT)
        for tag in tags[start]:
            if tag.role in FREE:
                yield Chunk(start, tag.stop, "free", tag.role, FREE[tag.role])
            elif tag.role in SIMPLE:
                role = SIMPLE[tag.role]
                if role == "particle" and any(t.role == "deeds" and t.stop == tag.stop for t in tags[start]):
                    continue
                yield Chunk(start, tag.stop, role, (tag.value, self._said(tags, start, tag)), COSTS[role])
            elif tag.role == "markers":
                yield Chunk(start, tag.stop, "marker", tag.value, MARKED)
            elif tag.role in ("except", "inverted"):
                yield from self._exceptions(tags, start, tag)
        for stop, target in self._targets.phrases(tags, start):
            yield Chunk(start, stop, "place" if target.is_place else "target", target, _cost(target))
        for stop, target in self._targets.place(tags, start):
            yield Chunk(start, stop, "place", target, 1.3)
        yield from self._properties(tags, start)
        yield from self._amounts(tags, start)

    def _said(self, tags: Tags, start: int, tag: Tag) -> str:
        """The phrase itself, for verbs that want one."""
        same = [t for t in tags[start] if t.stop == tag.stop and t.role == "particle"]
        return same[0].value if same else tag.value

    def _properties(self, tags: Tags, start: int) -> Iterator[Chunk]:
        """ "The brightness", "the volume of ..."."""
        for at in (start, *(t.stop for t in tags[start] if t.role in ("articles", "of") and t.stop < len(tags))):
            for tag in tags[at]:
                if tag.role == "properties":
                    yield Chunk(start, tag.stop, "property", (tag.value, ""), 1.1)
                    for of in tags[tag.stop] if tag.stop < len(tags) else ():
                        if of.role == "of":
                            yield Chunk(start, of.stop, "property", (tag.value, ""), 1.15)

    def _exceptions(self, tags: Tags, start: int, first: Tag) -> Iterator[Chunk]:
        """ "Except the bed lamp and the ones in the kitchen"."""
        for stop, targets in self._listed(tags, first.stop, ()):
            yield Chunk(start, stop, first.role, targets, 1.0 + 0.5 * sum(map(_cost, targets)))

    def _listed(self, tags: Tags, start: int, before: tuple[Target, ...]) -> Iterator[tuple[int, tuple[Target, ...]]]:
        if start >= len(tags) or len(before) > 4:
            return
        starts = (start, *(tag.stop for tag in tags[start] if tag.role == "ones"))
        places = [found for at in starts if at < len(tags) for found in self._targets.place(tags, at)]
        for stop, target in (*self._targets.phrases(tags, start), *places):
            yield stop, (*before, target)
            if stop < len(tags):
                for tag in tags[stop]:
                    if tag.role == "joins":
                        yield from self._listed(tags, tag.stop, (*before, target))

    def _amounts(self, tags: Tags, start: int) -> Iterator[Chunk]:
        """ "To 50 percent", "by a quarter", "light blue", "a bit"."""
        for stop, amount in self._bare(tags, start, ""):
            yield Chunk(start, stop, "amount", amount, 1.2)
        for tag in tags[start]:
            if tag.role in ("to", "by"):
                for stop, amount in self._bare(tags, tag.stop, tag.role):
                    yield Chunk(start, stop, "amount", amount, 1.15)

    def _bare(self, tags: Tags, start: int, mode: str) -> Iterator[tuple[int, Amount]]:
        if start >= len(tags):
            return
        for tag in tags[start]:
            if tag.role == "number":
                yield from self._numbers(tags, tag, mode, 1.0)
            elif tag.role == "minus" and tag.stop < len(tags):
                for number in tags[tag.stop]:
                    if number.role == "number":
                        yield from self._numbers(tags, number, mode, -1.0)
            elif tag.role == "levels":
                yield from self._unit(tags, tag.stop, Amount("level", float(tag.value), mode=mode))
            elif tag.role == "steps" and mode != "to":
                yield tag.stop, Amount("step", float(tag.value), mode="by")
            elif tag.role == "colours" and mode != "by":
                yield tag.stop, Amount("colour", tag.value, mode=mode)
            elif tag.role == "tones" and mode != "by":
                yield tag.stop, Amount("kelvin", float(tag.value), mode=mode)
            elif tag.role == "articles" and tag.stop < len(tags) and mode != "":
                yield from ((s, a) for s, a in self._bare(tags, tag.stop, mode) if a.what in ("colour", "kelvin"))

    def _numbers(self, tags: Tags, tag: Tag, mode: str, sign: float) -> Iterator[tuple[int, Amount]]:
        yield from self._unit(tags, tag.stop, Amount("number", sign * tag.number, mode=mode))
        for half in tags[tag.stop] if tag.stop < len(tags) else ():
            if half.role == "half":
                yield from self._unit(tags, half.stop, Amount("number", sign * (tag.number + 0.5), mode=mode))

    def _unit(self, tags: Tags, at: int, amount: Amount) -> Iterator[tuple[int, Amount]]:
        yield at, amount
        for tag in tags[at] if at < len(tags) else ():
            if tag.role == "units":
                yield tag.stop, (measured := replace(amount, unit=tag.value))
                for half in tags[tag.stop] if tag.stop < len(tags) and amount.what == "number" else ():
                    if half.role == "half":
                        more = 0.5 if float(amount.value) >= 0 else -0.5
                        yield half.stop, replace(measured, value=float(amount.value) + more)


def _distinct(chunks: Sequence[Chunk]) -> Iterable[Chunk]:
    """One of those that are the same, the cheapest."""
    found: dict[tuple[int, str, object], Chunk] = {}
    for chunk in sorted(chunks, key=lambda chunk: chunk.cost):
        value = replace(chunk.value, exact=False) if isinstance(chunk.value, Target) else chunk.value
        found.setdefault((chunk.stop, chunk.role, value), chunk)
    return found.values()


def _when(start: int, stop: int, when: When) -> Chunk:
    return Chunk(start, stop, "when", when, 1.0)


def _cost(target: Target) -> float:
    """Whole names before parts of them, parts before kinds."""
    known = 1.0 if target.exact or target.pronoun else 1.1 if target.things else 1.05
    return known + (0.3 if target.is_place else 0.0)
