"""Near misses: sentences of this home that are one slip of ear or finger away from what was said.

Each word gets the words of this home that are near it, by spelling (one edit; two in a long word that is not of this
home), by sound, or by a space too many or too few. A beam search over the automaton keeps the cheapest whole sentences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .dfa import Dfa, Move, StateSet
from .nfa import Nfa
from .sounds import sound
from .tries import TrieNode

MAX_NEAR_WORDS = 24
"""Of a sentence that is looked at for near misses: bounds the work."""
BEAM = 24
MAX_COST = 0.9
KNOWN_WORD = 0.3
"""What it costs more to take a word of this home for another one."""
PAIR = 0.1
"""What a space too many or too few costs."""


class Reach(NamedTuple):
    """What might have been said in the place of one or more words."""

    words: int
    instead: tuple[str, ...]
    cost: float


class Path(NamedTuple):
    """A sentence of this home near the one that was said."""

    cost: float
    words: tuple[str, ...]
    moves: tuple[Move, ...]
    spans: tuple[int, ...]
    """For each word the index of the said word it stands for."""


class Vocabulary:
    """The words of templates and home, found by spelling and by sound."""

    def __init__(self, language: str, words: Iterable[str]) -> None:
        self.language = language
        self.words = {word for word in words if word.isalpha()}
        self._long = [word for word in self.words if len(word) > 4]
        self._spelt: dict[str, list[str]] = defaultdict(list)
        self._sounding: dict[str, list[str]] = defaultdict(list)
        for word in self.words:
            if len(word) > 1:
                for rest in deletions(word):
                    self._spelt[rest].append(word)
                self._sounding[sound(word, language)].append(word)

    def near(self, word: str) -> dict[str, float]:
        """Words near this one, and what it costs to take it for them (0-1); the word itself is not among them."""
        known = word in self.words
        found: dict[str, float] = {}
        if len(word) < (3 if known else 2) or not word.isalpha():
            return found
        for rest in deletions(word):
            for other in self._spelt.get(rest, ()):
                if other not in found and (not known or len(other) > 2) and OSA.distance(word, other) == 1:
                    found[other] = 1.2 / max(len(word), len(other))
        code = sound(word, self.language)
        for other in self._sounding.get(code, ()):
            cost = 0.15 + 0.35 * OSA.normalized_distance(word, other)
            found[other] = min(found.get(other, 1.0), cost)
        if not known and not found and len(word) > 3:
            for other, distance, _ in process.extract(word, self._long, scorer=OSA.distance, score_cutoff=2, limit=9):
                length = max(len(word), len(other))
                if length > 5 or word[0] == other[0]:
                    found[other] = (1.3 if length > 5 else 1.5) * distance / length
        found.pop(word, None)
        return {other: cost + KNOWN_WORD if known else cost for other, cost in found.items()}

    def reaches(self, words: Sequence[str], at: int) -> list[Reach]:
        """What may have been said at a place in a sentence."""
        word = words[at]
        here = [Reach(1, (word,), 0.0)]
        here.extend(Reach(1, (other,), cost) for other, cost in self.near(word).items())
        if word not in self.words:
            here.extend(self._split(word))
        if at + 1 < len(words):
            here.extend(self._glued(word, words[at + 1]))
        return here

    def _split(self, word: str) -> Iterable[Reach]:
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if left in self.words:
                if right in self.words:
                    yield Reach(1, (left, right), PAIR)
                elif right[1:] in self.words and len(right) > 3:
                    yield Reach(1, (left, right[1:]), PAIR + 0.1)

    def _glued(self, word: str, following: str) -> Iterable[Reach]:
        both = word.rstrip("'") + following
        if both in self.words:
            yield Reach(2, (both,), PAIR)
        elif not (word in self.words and following in self.words):
            if len(both) > 5:
                for other, cost in self.near(both).items():
                    yield Reach(2, (other,), cost + PAIR)
            for left, right in ((word + following[0], following[1:]), (word[:-1], word[-1] + following)):
                if left in self.words and right in self.words:
                    yield Reach(2, (left, right), 2 * PAIR)


def deletions(word: str) -> set[str]:
    """The word, and the word without one letter: words one edit apart share one of these."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


def words_of(nfa: Nfa, tries: Iterable[TrieNode]) -> set[str]:
    """All words that are sayable."""
    found = {label for arcs in nfa.states for label, _ in arcs if isinstance(label, str)}
    for trie in tries:
        found.update(trie.words())
    return found


class _Item(NamedTuple):
    cost: float
    states: StateSet
    words: tuple[str, ...]
    moves: tuple[Move, ...]
    spans: tuple[int, ...]


def fuzzy_paths(dfa: Dfa, start: StateSet, words: Sequence[str], vocabulary: Vocabulary) -> list[Path]:
    """Whole sentences near the words, cheapest first. Bounded: `MAX_NEAR_WORDS` places, `BEAM` ways to be at each."""
    if len(words) > MAX_NEAR_WORDS:
        return []
    beams: list[dict[StateSet, list[_Item]]] = [defaultdict(list) for _ in range(len(words) + 1)]
    beams[0][start].append(_Item(0.0, start, (), (), ()))
    for at in range(len(words)):
        if not beams[at]:
            continue
        here = vocabulary.reaches(words, at)
        items = sorted((item for kept in beams[at].values() for item in kept), key=lambda item: item.cost)[:BEAM]
        for item in items:
            for reach in here:
                if item.cost + reach.cost <= MAX_COST and at + reach.words <= len(words):
                    following = _follow(dfa, item, reach, at)
                    if following is not None:
                        beams[at + reach.words][following.states].append(following)
    ends = (item for kept in beams[-1].values() for item in kept if item.states.accepts)
    return [Path(item.cost, item.words, item.moves, item.spans) for item in sorted(ends, key=lambda i: i.cost)[:BEAM]]


def _follow(dfa: Dfa, item: _Item, reach: Reach, at: int) -> _Item | None:
    states, moves = item.states, item.moves
    for word in reach.instead:
        move = dfa.step(states, word)
        if move is None:
            return None
        states, moves = move.target, (*moves, move)
    spans = (*item.spans, *(at for _ in reach.instead))
    return _Item(item.cost + reach.cost, states, (*item.words, *reach.instead), moves, spans)
