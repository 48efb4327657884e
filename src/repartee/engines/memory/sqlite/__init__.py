"""Facts in one SQLite file (WAL, FTS5), their vectors in one matrix: 10,000 of them are searched in some milliseconds.

One worker thread has the file, so nothing here is locked. Without an embedder what is looked for is found by its words.
"""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repartee.core.memory import Fact, Query, Recollection
from repartee.core.ports import Embedder
from repartee.core.worker import Worker

from .ranking import Evidence, score
from .tables import Tables
from .vectors import VectorTable

CANDIDATES = 50
"""Facts that each way of looking brings."""
ALIKE = 0.95
"""Cosine from which two facts say the same, where they have the same numbers and the same negations."""
MOST = 100_000
"""Facts; a vector of MiniLM takes 1.5 kB."""
LONGEST = 1_000
"""Characters of a fact or question that are looked at."""


class Engine:
    """Satisfies `Memory`."""

    def __init__(
        self,
        path: Path,
        embedder: Embedder | None = None,
        negations: Collection[str] = (),
        most: int = MOST,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Opens or makes the file. Raises `BadInput` where that can't be.

        `negations`: words that turn what is said into its contrary; facts that differ in one are never merged.
        """
        self._negations = frozenset(negations)
        self.version = 0
        self._embedder, self._most, self._now = embedder, most, now
        self._tables = Tables(path)
        self._vectors = VectorTable(embedder.width if embedder else 1)
        self._worker = Worker("memory")
        self._loaded = False

    async def add(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        if not facts:
            return ()
        facts = [replace(fact, text=_writable(fact.text[:LONGEST]), value=_writable(fact.value)) for fact in facts]
        vectors = await self._embed([fact.text for fact in facts])
        kept = await self._worker.run(self._add, facts, vectors)
        self.version += 1
        return kept

    async def search(self, query: Query) -> Sequence[Recollection]:
        text = _writable(query.text[:LONGEST])
        vectors, fits = await asyncio.gather(
            self._embed([text]), self._worker.run(self._tables.matching, words(text), CANDIDATES)
        )
        return await self._worker.run(self._rank, query, None if vectors is None else vectors[0], fits)

    async def forget(self, ids: Sequence[int] | None) -> int:
        gone = await self._worker.run(self._forget, ids)
        self.version += bool(gone)
        return gone

    async def export(self) -> Sequence[Fact]:
        return await self._worker.run(self._tables.all)

    async def close(self) -> None:
        await self._worker.run(self._tables.close)
        self._worker.close()

    async def reindex(self) -> int:
        """Makes the vectors that are missing (of another embedder, or of none); how many. For idle time."""
        if self._embedder is None:
            return 0
        await self._worker.run(self._load)
        lacking = [fact for fact in await self.export() if fact.id not in self._vectors]
        for start in range(0, len(lacking), CANDIDATES):
            some = lacking[start : start + CANDIDATES]
            vectors = await self._embed([fact.text for fact in some])
            await self._worker.run(self._index, some, vectors)
            await self._worker.run(self._tables.commit)
        return len(lacking)

    async def _embed(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        return await self._embedder.embed([text[:LONGEST] for text in texts]) if self._embedder else None

    def _load(self) -> None:
        """The matrix, from the file, when it is first needed: 10,000 facts take 30 ms."""
        if self._embedder and not self._loaded:
            for id, vector in self._tables.vectors(self._embedder.name, self._embedder.width):
                self._vectors.put(id, vector)
        self._loaded = True

    def _add(self, facts: Sequence[Fact], vectors: NDArray[np.float32] | None) -> list[Fact]:
        self._load()
        try:
            kept = [self._keep(fact, None if vectors is None else vectors[n]) for n, fact in enumerate(facts)]
            self._make_room()
            self._tables.commit()
        except BaseException:
            self._tables.rollback()
            self._loaded, self._vectors = False, VectorTable(self._embedder.width if self._embedder else 1)
            raise
        return kept

    def _keep(self, fact: Fact, vector: NDArray[np.float32] | None) -> Fact:
        about = self._tables.about(fact)
        known = next((other for other in about if other.same(fact)), None) or self._alike(fact, vector)
        if known is not None:
            self._tables.heard_again(known.id, fact.learned)
            return replace(known, learned=max(known.learned, fact.learned))
        for other in about:
            if fact.contradicts(other):
                self._tables.end(other.id, fact.learned)
        kept = replace(fact, id=self._tables.add(fact))
        self._index([kept], None if vector is None else vector[None])
        return kept

    def _alike(self, fact: Fact, vector: NDArray[np.float32] | None) -> Fact | None:
        """One that says the same in other words. What has a key is compared by its value, not by its sound."""
        if vector is None or fact.key is not None:
            return None
        near = [id for id, cosine in self._vectors.nearest(vector, 3).items() if cosine >= ALIKE]
        for other in self._tables.facts(near):
            told = (other.person, other.kind, other.until)
            if told == (fact.person, fact.kind, None) and self._decisive(other.text) == self._decisive(fact.text):
                return other
        return None

    def _decisive(self, text: str) -> list[str]:
        """What makes a great difference in meaning, and a small one in the vector."""
        return [word for word in words(text) if word in self._negations or any(c.isdigit() for c in word)]

    def _index(self, facts: Sequence[Fact], vectors: NDArray[np.float32] | None) -> None:
        if vectors is None or self._embedder is None:
            return
        for fact, vector in zip(facts, vectors, strict=True):
            self._tables.set_vector(fact.id, self._embedder.name, vector)
            self._vectors.put(fact.id, vector)

    def _make_room(self) -> None:
        over = self._tables.count() - self._most
        if over > 0:
            self._vectors.remove(self._tables.remove(self._tables.oldest(over)))

    def _rank(self, query: Query, vector: NDArray[np.float32] | None, fits: dict[int, float]) -> Sequence[Recollection]:
        self._load()
        near = self._vectors.nearest(vector, CANDIDATES) if vector is not None else {}
        about = self._tables.of_subject(query.subject) if query.subject else []
        ids = dict.fromkeys((*near, *fits, *about))
        if vector is not None:
            near = near | self._vectors.cosines(ids, vector)
        now = self._now()
        found = [
            Recollection(fact, score(fact, query, Evidence(near.get(fact.id, 0.0), fits.get(fact.id, 0.0)), now))
            for fact in self._tables.facts(ids)
            if query.past or fact.until is None
        ]
        return sorted(found, key=lambda r: (-r.score, -r.fact.learned))[: query.limit]

    def _forget(self, ids: Sequence[int] | None) -> int:
        gone = self._tables.remove(ids)
        self._vectors.remove(gone)
        self._tables.scrub()
        return len(gone)


def _writable(text: str) -> str:
    """Half characters (lone surrogates) can't be written."""
    return text.encode("utf-8", "replace").decode()


def words(text: str) -> list[str]:
    """As the full text index has them: lower case, without accents."""
    bare = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in bare if unicodedata.category(c) != "Mn"))
