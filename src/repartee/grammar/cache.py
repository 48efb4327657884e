"""Answers remembered: least recently used first to go, bounded in entries, bytes and age; and what that saves.

Three of them serve a turn, in this order: parses (always kept), plans (kept only once their effect was confirmed) and
contexts. A key says everything the answer depends on: the text, the version of grammar and home, the area, and, for a
sentence that leans on what was said before, what that was.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from ..core.intent import Context, Intent, Reading, Status
from ..core.ports import Cursor, Understanding

V = TypeVar("V")


@dataclass(slots=True)
class CacheStatistics:
    """What a cache did since it was made."""

    hits: int = 0
    misses: int = 0
    evicted: int = 0
    """Went because there was no room."""
    expired: int = 0
    """Went because of their age, or because what they rest on has changed."""
    removed: int = 0
    """Went because they were corrected."""
    saved_s: float = 0.0
    """Seconds that the hits would have cost."""

    @property
    def hit_percent(self) -> float | None:
        asked = self.hits + self.misses
        return 100 * self.hits / asked if asked else None


class _Entry(NamedTuple, Generic[V]):
    value: V
    size: int
    cost_s: float
    until: float


class Cache(Generic[V]):
    """Bounded by `entries`, by `size` (bytes, as estimated by whoever puts) and by `ttl` (seconds)."""

    def __init__(
        self,
        entries: int = 1_000,
        size: int = 4_000_000,
        ttl: float = 3_600.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.entries, self.size, self.ttl = entries, size, ttl
        self.statistics = CacheStatistics()
        self.bytes = 0
        """Estimated, of all entries."""
        self._now = now
        self._kept: OrderedDict[Hashable, _Entry[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, still: Callable[[V], bool] | None = None) -> V | None:
        """About a microsecond. `still`: whether what the value rests on beside the key is still so."""
        entry = self._kept.get(key)
        if entry is None:
            self.statistics.misses += 1
            return None
        if entry.until < self._now() or not (still is None or still(entry.value)):
            self._drop(key)
            self.statistics.expired += 1
            self.statistics.misses += 1
            return None
        self._kept.move_to_end(key)
        self.statistics.hits += 1
        self.statistics.saved_s += entry.cost_s
        return entry.value

    def look_s(self, times: int = 20) -> float:
        """Seconds that one look takes now, by looking for what is not there; the statistics stay as they are."""
        began, nobody = time.perf_counter(), object()
        for _ in range(times):
            self._kept.get(nobody)
            self._now()
        return (time.perf_counter() - began) / times

    def put(self, key: Hashable, value: V, size: int, cost_s: float = 0.0) -> None:
        """What is larger than the whole cache is not kept. `cost_s`: what it took to find the value."""
        if key in self._kept:
            self._drop(key)
        if size > self.size:
            return
        self._kept[key] = _Entry(value, size, cost_s, self._now() + self.ttl)
        self.bytes += size
        while len(self._kept) > self.entries or self.bytes > self.size:
            self._drop(next(iter(self._kept)))
            self.statistics.evicted += 1

    def remove(self, key: Hashable) -> None:
        """What was corrected must not be answered again."""
        if key in self._kept:
            self._drop(key)
            self.statistics.removed += 1

    def clear(self) -> None:
        self._kept.clear()
        self.bytes = 0

    def shrink(self) -> None:
        """The half that was used last stays."""
        for key in list(self._kept)[: (len(self._kept) + 1) // 2]:
            self._drop(key)
            self.statistics.evicted += 1

    def _drop(self, key: Hashable) -> None:
        self.bytes -= self._kept.pop(key).size


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How much a cache keeps; it keeps nothing with no entries."""

    entries: int = 1_000
    size: int = 4_000_000
    """Bytes, as estimated by whoever puts."""
    ttl: float = 3_600.0
    """Seconds."""

    def cache(self) -> Cache[V]:
        return Cache(self.entries, self.size, self.ttl)


class Leaning(Understanding, Protocol):
    """An understanding that knows which sentences lean on what was said before, and which correct it."""

    def leans(self, text: str, context: Context) -> bool: ...

    def corrects(self, text: str) -> bool: ...


class CachedUnderstanding:
    """An understanding that remembers its parses. `parse_cached` of the budgets: microseconds."""

    def __init__(
        self,
        inner: Leaning,
        parses: Cache[Sequence[Reading]],
        contexts: Cache[Sequence[Reading]],
        steers: bool = True,
    ) -> None:
        """`contexts`: of sentences that lean on what was said before. `steers`: it says what may be expected."""
        self._inner, self._steers = inner, steers
        self.parses, self.contexts = parses, contexts

    @property
    def version(self) -> Hashable:
        return self._inner.version

    def key(self, text: str, context: Context, leans: bool) -> Hashable:
        """All that the answer depends on."""
        history = tuple(map(identity, context.history[-3:])) if leans else ()
        return text, self._inner.version, context.area, history

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        found = self.parses.get(self.key(text, context, leans=False))
        if found is not None:
            return found
        leans = self._inner.leans(text, context)
        if leans and (found := self.contexts.get(self.key(text, context, leans=True))) is not None:
            return found
        return self._learn(text, context, leans)

    def _learn(self, text: str, context: Context, leans: bool) -> Sequence[Reading]:
        start = time.perf_counter()
        found = self._inner.parse(text, context)
        cost = time.perf_counter() - start
        cache = self.contexts if leans else self.parses
        cache.put(self.key(text, context, leans), found, _size(text, found), cost)
        return found

    def status(self, text: str, context: Context) -> Status:
        return self._inner.status(text, context)

    def expect(self, context: Context) -> Cursor | None:
        return self._inner.expect(context) if self._steers else None

    def corrects(self, text: str) -> bool:
        """Whether it says that the last sentence was misunderstood: "no, the other one"."""
        return self._inner.corrects(text)

    def forget(self, text: str, context: Context) -> None:
        """The sentence was misunderstood: what it was taken for must not be answered again."""
        self.parses.remove(self.key(text, context, leans=False))
        self.contexts.remove(self.key(text, context, leans=True))

    def warm(self, texts: Iterable[str], context: Context) -> None:
        """Parses what this home says most, before it is said; no person asked, so the statistics stay as they are."""
        for text in texts:
            self._learn(text, context, self._inner.leans(text, context))


def identity(intent: Intent) -> Hashable:
    """Equal for intents that mean the same."""
    return intent.name, tuple(sorted(intent.slots.items(), key=str)), intent.entities, intent.response


def _size(text: str, readings: Sequence[Reading]) -> int:
    """Bytes, roughly: objects count for more than their text."""
    size = 400 + 2 * len(text)
    for reading in readings:
        for part in reading.parts:
            size += 600 + sum(100 + len(str(value)) for value in part.intent.slots.values())
    return size
