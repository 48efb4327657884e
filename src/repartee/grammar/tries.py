"""Values of lists as tries over words: names of the home, colours, numbers. Shared by all templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .nfa import Need, Needs

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What a list's words stand for."""

    out: object
    """What goes into the slot."""
    kind: int
    """Which context it brings with it: an index into `Kinds`."""
    id: str | None = None
    """Of the entity, area or floor; None for what is no thing of the home."""


class Kinds:
    """The distinct contexts that values bring (an entity its domain, ...), numbered; sets of them are bits."""

    def __init__(self) -> None:
        self.contexts: list[Mapping[str, str]] = []
        self._numbers: dict[frozenset[tuple[str, str]], int] = {}
        self._masks: dict[Needs, int] = {}
        self.number({})

    def number(self, context: Mapping[str, str]) -> int:
        key = frozenset(context.items())
        if key not in self._numbers:
            self._numbers[key] = len(self.contexts)
            self.contexts.append(dict(context))
            self._masks.clear()
        return self._numbers[key]

    def copy(self) -> Kinds:
        """The same numbers, to which further ones may come."""
        made = Kinds()
        made.contexts, made._numbers = list(self.contexts), dict(self._numbers)
        return made

    def mask(self, needs: Needs) -> int:
        """The kinds (bits) that do not go against the needs."""
        made = self._masks.get(needs)
        if made is None:
            made = sum(1 << n for n, c in enumerate(self.contexts) if all(_fits(need, c) for need in needs))
            self._masks[needs] = made
        return made


def _fits(need: Need, context: Mapping[str, str]) -> bool:
    actual = context.get(need.key)
    if actual is None:
        return True
    return (need.values is None or actual in need.values) is need.wanted


class TrieNode:
    """A place in a list's values after some words."""

    __slots__ = ("children", "depth", "kinds", "values")

    def __init__(self, depth: int = 0) -> None:
        self.children: dict[str, TrieNode] = {}
        self.values: tuple[Value, ...] = ()
        self.kinds = 0
        """Bits of all kinds at and below."""
        self.depth = depth

    def insert(self, key: Sequence[str], value: Value) -> None:
        node, bit = self, 1 << value.kind
        node.kinds |= bit
        for word in key:
            child = node.children.get(word)
            if child is None:
                child = node.children[word] = TrieNode(node.depth + 1)
            child.kinds |= bit
            node = child
        if value not in node.values:
            node.values = (*node.values, value)

    def changed(self, key: Sequence[str], value: Value | None, id: str | None) -> TrieNode:
        """A trie where `id` is no longer called by `key`, and `value` is; shares all other places with this one."""
        made = TrieNode(self.depth)
        made.children, made.values, made.kinds = self.children, self.values, self.kinds
        if not key:
            kept = tuple(v for v in self.values if v.id != id)
            made.values = kept if value is None or value in kept else (*kept, value)
        elif value is not None or key[0] in self.children:
            child = self.children.get(key[0]) or TrieNode(self.depth + 1)
            child = child.changed(key[1:], value, id)
            made.children = dict(self.children)
            if child.values or child.children:
                made.children[key[0]] = child
            else:
                del made.children[key[0]]
        made.kinds = _bits(made.values) | _union(child.kinds for child in made.children.values())
        return made

    def items(self, prefix: Key = ()) -> Iterator[tuple[Key, tuple[Value, ...]]]:
        stack: list[tuple[Key, TrieNode]] = [(prefix, self)]
        while stack:
            key, node = stack.pop()
            if node.values:
                yield key, node.values
            stack.extend((((*key, word), child)) for word, child in node.children.items())

    def words(self) -> set[str]:
        """All words of all keys."""
        found: set[str] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            found.update(node.children)
            stack.extend(node.children.values())
        return found

    def count(self) -> int:
        return 1 + sum(child.count() for child in self.children.values())


def _bits(values: Iterable[Value]) -> int:
    return _union(1 << value.kind for value in values)


def _union(bits: Iterable[int]) -> int:
    made = 0
    for bit in bits:
        made |= bit
    return made
