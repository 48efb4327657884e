"""A place within everything sayable, by characters: what steers a recogniser, and what says whether somebody is done.

A place is a state set of the automaton and the beginning of a word. What may follow is read from small tries: one for
the literal words of a subset, one for each place in the home's names, made when first asked for and shared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from ..core.intent import Status
from .dfa import JOIN, SKIP, Dfa, StateSet
from .progress import status_at
from .tries import TrieNode

MAX_PLACES = 10_000
"""Remembered; then all are forgotten. A beam search visits a few thousand."""


_NO_CHILDREN: dict[str, Letters] = {}
"""Most places are the end of a word; they share this, and it is never written to."""


class Letters:
    """A trie over the characters of words."""

    __slots__ = ("children", "word")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.children = _NO_CHILDREN
        self.word: str | None = None
        for word in words:
            node = self
            for letter in word:
                if node.children is _NO_CHILDREN:
                    node.children = {}
                node = node.children.setdefault(letter, Letters())
            node.word = word


Part = tuple[StateSet, str, tuple[Letters, ...]]
"""A state set, the beginning of the next word, and where that is in the tries of what may follow."""


UNKNOWN = "\0"
"""Letters that were not computed yet."""


class Place:
    """Implements `core.ports.Cursor`. Immutable; steps are remembered, so that each is made once."""

    __slots__ = ("_key", "_letters", "_parts", "_steps", "_tree")

    def __init__(self, tree: PlaceTree, parts: tuple[Part, ...], key: int) -> None:
        self._tree = tree
        self._parts = parts
        self._key = key
        self._steps: dict[str, Place | None] = {}
        self._letters: str | None = UNKNOWN

    def step(self, text: str) -> Place | None:
        """The place after these further characters; None where nothing sayable goes on like this."""
        place = self
        for letter in text:
            try:
                following = place._steps[letter]
            except KeyError:
                following = place._steps[letter] = place._tree.follow(place._parts, letter)
            if following is None:
                return None
            place = following
        return place

    def letters(self) -> str | None:
        """The characters that may come next; None: any (free text)."""
        if self._letters is UNKNOWN:
            self._letters = self._following()
        return self._letters

    def _following(self) -> str | None:
        if any(states.free for states, _, _ in self._parts):
            return None
        found: set[str] = set()
        for states, word, nodes in self._parts:
            for node in nodes:
                found.update(node.children)
            if not word.endswith("'") and self._tree.ends_word(word, nodes) and self._tree.goes_on(states, word):
                found.add(" ")
        return "".join(sorted(found))

    def words(self, limit: int = 20) -> list[str]:
        """Some of the words that may come next (or complete the one that was begun)."""
        found: set[str] = set()
        for _, _, nodes in self._parts:
            for node in nodes:
                for word in _words_below(node):
                    if len(found) >= 50 * limit:
                        break
                    found.add(word)
        return sorted(found)[:limit]

    @property
    def complete(self) -> bool:
        """Whether the sentence may end here."""
        return any(states.accepts for states in self._state_sets())

    @property
    def status(self) -> Status:
        """How far the sentence has got; a word that has only begun leaves it open."""
        status = status_at(self._tree.dfa, self._state_sets())
        return Status.OPEN if status is Status.IMPOSSIBLE else status

    @property
    def key(self) -> Hashable:
        """Equal keys (within one grammar version) have equal futures."""
        return self._key

    def _state_sets(self) -> Iterator[StateSet]:
        """The state sets if the word that was begun ends here."""
        for states, word, nodes in self._parts:
            if not word:
                yield states
            elif states.free or self._tree.ends_word(word, nodes):
                move = self._tree.dfa.step(states, word)
                if move is not None:
                    yield move.target


class PlaceTree:
    """Makes places, and remembers them."""

    def __init__(self, dfa: Dfa) -> None:
        self.dfa = dfa
        self._places: dict[tuple[tuple[StateSet, str], ...], Place] = {}
        self._letters: dict[tuple[object, int], Letters] = {}
        self._roots: dict[StateSet, tuple[Letters, ...]] = {}
        self._count = 0

    def begin(self, states: StateSet) -> Place:
        place = self._place(((states, "", self._root(states)),))
        assert place is not None
        return place

    def follow(self, parts: tuple[Part, ...], letter: str) -> Place | None:
        """The place one character on."""
        made: list[Part] = []
        for states, word, nodes in parts:
            if letter != " ":
                below = tuple(node.children[letter] for node in nodes if letter in node.children)
                if below or states.free:
                    made.append((states, word + letter, below))
                    if letter == "'":
                        self._next_word(states, word + letter, below, made)
            elif word and not word.endswith("'"):
                self._next_word(states, word, nodes, made)
        return self._place(tuple(made))

    def _next_word(self, states: StateSet, word: str, nodes: tuple[Letters, ...], made: list[Part]) -> None:
        if states.free or self.ends_word(word, nodes):
            move = self.dfa.step(states, word)
            if move is not None:
                made.append((move.target, "", self._root(move.target)))

    def ends_word(self, word: str, nodes: tuple[Letters, ...]) -> bool:
        return bool(word) and any(node.word for node in nodes)

    def goes_on(self, states: StateSet, word: str) -> bool:
        """Whether anything may follow this word."""
        move = self.dfa.step(states, word)
        return move is not None and (move.target.free or any(root.children for root in self._root(move.target)))

    def _place(self, parts: tuple[Part, ...]) -> Place | None:
        if not parts:
            return None
        key = tuple((states, word) for states, word, _ in parts)
        place = self._places.get(key)
        if place is None:
            if len(self._places) >= MAX_PLACES:
                self._forget()
            self._count += 1
            place = self._places[key] = Place(self, parts, self._count)
        return place

    def _forget(self) -> None:
        for place in tuple(self._places.values()):
            place._steps.clear()
        self._places.clear()
        self._roots.clear()
        self._letters.clear()

    def _root(self, states: StateSet) -> tuple[Letters, ...]:
        """The tries of the words that may come next."""
        made = self._roots.get(states)
        if made is None:
            found: dict[Letters, None] = {}
            for subset, name, node in states.threads:
                if name is None:
                    found[self._made((subset, 0), subset.words)] = None
                    for each, mask in subset.lists.items():
                        found[self._list(self.dfa.lists.get(each), mask)] = None
                    found[self._list(self.dfa.lists.get(SKIP), -1)] = None
                else:
                    found[self._list(node, -1 if name in (SKIP, JOIN) else subset.lists[name])] = None
            made = self._roots[states] = tuple(root for root in found if root.children)
        return made

    def _list(self, node: TrieNode | None, mask: int) -> Letters:
        if node is None:
            return _NOTHING
        return self._made((node, mask), (w for w, child in node.children.items() if child.kinds & mask))

    def _made(self, key: tuple[object, int], words: Iterable[str]) -> Letters:
        made = self._letters.get(key)
        if made is None:
            made = self._letters[key] = Letters(words)
        return made


_NOTHING = Letters()


def _words_below(node: Letters) -> Iterator[str]:
    stack = [node]
    while stack:
        node = stack.pop()
        if node.word:
            yield node.word
        stack.extend(node.children.values())
