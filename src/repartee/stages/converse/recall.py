"""Looking into the memory: what was found a moment ago is not looked for again; a fact that answers is the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from repartee.core.memory import Fact, Query, Recollection
from repartee.core.ports import Memory
from repartee.grammar.cache import Cache
from repartee.languages.perspective import retold

from .patterns import memory_words, tidy
from .questions import Asked, Wish

TTL = 300.0
"""Seconds for which what was found is told again, unless something was written meanwhile."""
ENTRIES = 200
SURE = 0.5
"""Score from which a fact answers a question that a rule knows, though it does not name its subject."""
SURE_UNASKED = 0.4
"""Score from which a fact answers a question that no rule knows. Chosen on bench/data/memory_unknown.txt."""
NAMED = frozenset({"birthday", "allergy", "attribute", "preference"})
"""Kinds that answer only where their subject is the one that was asked for: Simon's birthday is not Tom's."""


LOOSE = frozenset({"note", "attribute"})
"""Kinds that may tell anything."""


class Recall:
    """One session's view of the memory."""

    def __init__(self, memory: Memory, ttl: float = TTL, now: Callable[[], float] = time.monotonic) -> None:
        """`ttl`: seconds; 0: everything is looked for anew."""
        self._memory = memory
        self.found: Cache[Sequence[Recollection]] = Cache(ENTRIES, ttl=ttl, now=now)
        """Its statistics say what it saves."""

    async def search(self, query: Query) -> Sequence[Recollection]:
        key = (self._memory.version, query)
        known = self.found.get(key) if self.found.ttl else None
        if known is not None:
            return known
        began = time.perf_counter()
        found = await self._memory.search(query)
        self.found.put(key, found, 200 * (1 + len(found)), time.perf_counter() - began)
        return found


@dataclass(frozen=True, slots=True)
class FactAnswer:
    text: str
    """To be said."""
    fact: Fact


def answer(found: Sequence[Recollection], wish: Asked | None, language: str) -> FactAnswer | None:
    """The fact that answers, in words; None where none does for sure. `wish`: what a rule took the question for."""
    words = memory_words(language)
    if not found or words is None or (wish is not None and wish.wish is not Wish.FACT):
        return None
    best = found[0]
    if not _answers(best, wish):
        return None
    said = retold(tidy(best.fact.text).strip(), language)
    return FactAnswer(words.says["told"].format(text=said[:1].upper() + said[1:]), best.fact)


def _answers(best: Recollection, wish: Asked | None) -> bool:
    if wish is None:
        return best.score >= SURE_UNASKED
    if (wish.query.kind == "place") is not (best.fact.kind == "place") and best.fact.kind not in LOOSE:
        return wish.query.kind == ""  # where Anna is, her name does not tell
    subject, about = wish.query.subject, f"{best.fact.subject} {best.fact.text}".casefold()
    if subject and all(word in about for word in subject.split()):
        return True
    return best.score >= SURE and wish.query.kind not in NAMED and best.fact.kind not in NAMED
