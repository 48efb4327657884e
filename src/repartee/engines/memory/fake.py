"""A memory for tests, in the process and gone with it: finds by the words that question and fact share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from repartee.core.home import plain
from repartee.core.memory import Fact, Query, Recollection


class Engine:
    def __init__(self) -> None:
        self.version = 0
        self.searches = 0
        self._facts: dict[int, Fact] = {}
        self._last = 0

    async def add(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        kept = [self._add(fact) for fact in facts]
        self.version += bool(kept)
        return kept

    async def search(self, query: Query) -> Sequence[Recollection]:
        self.searches += 1
        asked = set(plain(query.text).split())
        found = [
            Recollection(fact, len(shared) / len(asked))
            for fact in self._facts.values()
            if (query.past or fact.until is None) and (shared := asked & set(plain(fact.text).split()))
        ]
        return sorted(found, key=lambda r: (-r.score, -r.fact.learned))[: query.limit]

    async def forget(self, ids: Sequence[int] | None) -> int:
        gone = list(self._facts) if ids is None else [id for id in dict.fromkeys(ids) if id in self._facts]
        for id in gone:
            del self._facts[id]
        self.version += bool(gone)
        return len(gone)

    async def export(self) -> Sequence[Fact]:
        return list(self._facts.values())

    async def close(self) -> None:
        """Nothing to write."""

    def _add(self, fact: Fact) -> Fact:
        holding = [known for known in self._facts.values() if known.until is None]
        if same := next((known for known in holding if known.same(fact)), None):
            self._facts[same.id] = replace(same, learned=max(same.learned, fact.learned))
            return self._facts[same.id]
        for known in holding:
            if fact.contradicts(known):
                self._facts[known.id] = replace(known, until=fact.learned)
        self._last += 1
        self._facts[self._last] = replace(fact, id=self._last)
        return self._facts[self._last]
