"""Several sentences in one: "close the blinds and turn on the lamp", "turn off the kitchen lights, the fan and the tv".

The sentence is cut where a joiner or a comma stands, into the shortest clauses that are sentences. A clause that is
none borrows the words it lacks from its neighbour: its beginning from the clause before ("turn off | the fan"), its
end from the one after ("turn the lights | and the fan off").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..core.intent import Context, Doubt, Intent, Part, Reading
from ..core.when import When
from .readings import Candidate
from .text import joined, originals, words
from .tries import TrieNode

MAX_JOINTS = 5
"""Places where a sentence may be cut: bounds the work."""
_PAUSE = re.compile(r"[,;](?!\d)|[.!?]\s")


class Joint(NamedTuple):
    """Where a clause may end and the next one begin."""

    stop: int
    start: int
    then: bool
    """The next clause waits for what is before."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that is a sentence, with what it borrowed."""

    words: tuple[str, ...]
    reading: Reading
    when: When | None = None
    then: bool = False

    @property
    def intent(self) -> Intent:
        return self.reading.parts[0].intent


Exact = Callable[[Sequence[str], str, Context], list[Candidate]]
"""What words (and the text they come from) are by the templates alone."""
Refers = Callable[[Sequence[str], Context], list[Reading]]
"""What words are that lean on what was said before."""


def joints(text: str, said: Sequence[str], joiners: TrieNode, thens: TrieNode) -> list[Joint]:
    """Where the sentence may be cut."""
    pauses = pauses_in(text)
    found: list[Joint] = []
    at = 1
    while at < len(said):
        length = longest(joiners, said, at)
        if (length or at in pauses) and at + length < len(said):
            found.append(Joint(at, at + length, bool(length) and longest(thens, said, at) == length))
        at += length or 1
    return found


def pauses_in(text: str) -> set[int]:
    """The words before which a comma or a full stop was written."""
    pauses, count = set[int](), 0
    for segment in _PAUSE.split(text)[:-1]:
        count += len(words(segment))
        pauses.add(count)
    return pauses


def longest(trie: TrieNode, said: Sequence[str], start: int) -> int:
    """How many words from `start` on are one of these phrases."""
    node, best = trie, 0
    for at in range(start, len(said)):
        child = node.children.get(said[at])
        if child is None:
            break
        node = child
        if node.values:
            best = at + 1 - start
    return best


class CompoundReader:
    """Reads compounds, given how to read one clause."""

    def __init__(self, exact: Exact, resolve: Callable[[Candidate, Context], Reading], refers: Refers) -> None:
        self._exact = exact
        self._resolve = resolve
        self._refers = refers

    def read(self, text: str, said: Sequence[str], cuts: Sequence[Joint], context: Context) -> Reading | None:
        """One reading with a part for each clause; None if the clauses are not all sentences."""
        if not cuts or len(cuts) > MAX_JOINTS:
            return None
        as_written = originals(text)
        if as_written is None or len(as_written) != len(said):
            as_written = list(said)
        clauses = self._clauses(list(said), as_written, 0, list(cuts), None, context)
        if clauses is None or len(clauses) < 2:
            return None
        return _joined(clauses)

    def _clauses(
        self,
        said: list[str],
        text: list[str],
        start: int,
        cuts: list[Joint],
        before: Clause | None,
        context: Context,
    ) -> list[Clause] | None:
        """The clauses from `start` on, the first as short as can be."""
        ends = [*cuts, Joint(len(said), len(said), False)]
        for n, cut in enumerate(ends):
            last = cut.stop == len(said)
            clause = self._clause(said[start : cut.stop], text[start : cut.stop], before, context)
            if clause is None and before is None and not last:
                clause = self._with_end(said[start : cut.stop], said[cut.start :], context)
            if clause is None:
                continue
            if last:
                return [clause]
            nearer = replace(context, history=(*context.history[-3:], clause.intent))
            rest = self._clauses(said, text, cut.start, cuts[n + 1 :], clause, nearer)
            if rest is not None:
                return [clause, replace(rest[0], then=cut.then), *rest[1:]]
        return None

    def _clause(
        self, said: Sequence[str], text: Sequence[str], before: Clause | None, context: Context
    ) -> Clause | None:
        found = self._exact(said, joined(list(text)), context)
        if found and not found[0].bare:
            return self._made(said, found[0], context)
        if before is not None:
            for length in range(len(before.words) - 1, 0, -1):
                whole = [*before.words[:length], *said]
                borrowed = next(iter(self._exact(whole, joined(whole), context)), None)
                if (
                    borrowed is not None
                    and borrowed.block.intent == before.intent.name
                    and borrowed.first_home >= length  # what was named before is not named again
                    and not borrowed.free
                ):
                    return Clause(tuple(whole), self._resolve(borrowed, context))
        referring = self._refers(said, context)
        return Clause(tuple(said), referring[0]) if referring else None

    def _with_end(self, said: Sequence[str], after: Sequence[str], context: Context) -> Clause | None:
        """A first clause that lacks the end which the sentence has at its end."""
        for length in range(1, min(4, len(after))):
            whole = [*said, *after[-length:]]
            found = self._exact(whole, joined(whole), context)
            if found and not found[0].bare and not found[0].free:
                return Clause(tuple(whole), self._resolve(found[0], context))
        return None

    def _made(self, said: Sequence[str], candidate: Candidate, context: Context) -> Clause | None:
        """A clause "in ten minutes ..." is its command, later."""
        command = candidate.slots.get("conversation_command")
        if command is None:
            return Clause(tuple(said), self._resolve(candidate, context))
        inner = words(str(command))
        found = self._exact(inner, str(command), context)
        reading = self._resolve(found[0], context) if found else next(iter(self._refers(inner, context)), None)
        when = When(after=seconds(candidate.slots), deed=str(command))
        return Clause(tuple(inner), reading, when) if reading is not None else None


def seconds(slots: object) -> float:
    """A duration in the slots `hours`, `minutes`, `seconds`."""
    assert isinstance(slots, dict)
    return float(3600 * slots.get("hours", 0) + 60 * slots.get("minutes", 0) + slots.get("seconds", 0))


def _joined(clauses: Sequence[Clause]) -> Reading:
    """Clauses run at once, but for those after a "then"."""
    parts: list[Part] = []
    doubt: Doubt | None = None
    group = 0
    for clause in clauses:
        if doubt is None and clause.reading.doubt is not None:
            doubt = replace(clause.reading.doubt, at=len(parts))
        if clause.then:
            group += 1
        after = (group - 1,) if group else ()
        parts.extend(Part(p.intent, group, after, p.when or clause.when) for p in clause.reading.parts)
    return Reading(tuple(parts), min(clause.reading.score for clause in clauses), doubt)
