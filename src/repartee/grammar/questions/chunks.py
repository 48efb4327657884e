"""Cuts a question into chunks that account for every word; the cheapest ways to do so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...core.home import Home
from ..commands.tags import Tagger, Tags
from ..commands.targets import Target, TargetReader

WAYS = 10
"""Ways to cut a question that are kept at each word."""
COSTS = {"ask": 1.0, "how": 0.95, "verbs": 1.0, "states": 0.45, "measures": 1.0, "senses": 1.05, "sides": 1.0,
         "links": 0.5, "fillers": 0.4, "now": 0.5, "joins": 0.6, "inverted": 0.8}  # fmt: skip
"""What a chunk of each role costs: a way with fewer chunks is the likelier one."""


class Chunk(NamedTuple):
    """Words that play one part."""

    start: int
    stop: int
    role: str
    """A key of `COSTS`, `target`, `place` or `compare`."""
    value: object
    cost: float


class Limit(NamedTuple):
    """What something is compared with."""

    side: str
    """`above`, `below`, `at_least`, `at_most`."""
    number: float
    said: str
    """The words of the comparison."""


class Way(NamedTuple):
    """A question in chunks."""

    cost: float
    chunks: tuple[Chunk, ...]

    def of(self, *roles: str) -> list[Chunk]:
        return [chunk for chunk in self.chunks if chunk.role in roles]


class QuestionChunker:
    """Of one home in one language."""

    def __init__(self, home: Home, tagger: Tagger) -> None:
        self._tagger = tagger
        self._targets = TargetReader(home)

    def ways(self, said: Sequence[str]) -> list[Way]:
        """The cheapest first; none where a word is left."""
        tags = self._tagger.tags(said)
        best: list[list[Way]] = [[] for _ in range(len(said) + 1)]
        best[0].append(Way(0.0, ()))
        for start in range(len(said)):
            if not best[start]:
                continue
            best[start] = sorted(best[start], key=lambda way: way.cost)[:WAYS]
            for chunk in self._chunks(tags, start):
                for way in best[start]:
                    if chunk.role not in ("ask", "how") or not way.of("ask", "how", "target", "states", "measures"):
                        best[chunk.stop].append(Way(way.cost + chunk.cost, (*way.chunks, chunk)))
        return sorted(best[-1], key=lambda way: way.cost)[:WAYS]

    def _chunks(self, tags: Tags, start: int) -> Iterator[Chunk]:
        for tag in tags[start]:
            if tag.role in COSTS:
                yield Chunk(start, tag.stop, tag.role, tag.value, COSTS[tag.role])
            elif tag.role == "compare":
                yield from self._limits(tags, start, tag.stop, tag.value)
        for stop, target in self._targets.phrases(tags, start):
            role = "place" if target.is_place else "target"
            yield Chunk(start, stop, role, target, _cost(target))
        for stop, target in self._targets.place(tags, start):
            yield Chunk(start, stop, "place", target, 1.2)

    def _limits(self, tags: Tags, start: int, at: int, value: str) -> Iterator[Chunk]:
        """ "Above 20 degrees"."""
        side, _, said = value.partition(" ")
        for number in tags[at] if at < len(tags) else ():
            if number.role == "number":
                limit = Limit(side, number.number, said)
                yield Chunk(start, number.stop, "compare", limit, 1.0)
                for unit in tags[number.stop] if number.stop < len(tags) else ():
                    if unit.role == "units":
                        yield Chunk(start, unit.stop, "compare", limit, 0.9)


def _cost(target: Target) -> float:
    """Whole names before kinds, kinds before parts of names and bare places."""
    known = 0.9 if target.exact else 1.0 if target.kind else 1.1
    return known + (0.2 if target.is_place or target.pronoun else 0.0)
