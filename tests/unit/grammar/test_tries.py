"""Tries of a list's values: what was changed is what was made anew, and what is shared is never written to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repartee.grammar.nfa import Need
from repartee.grammar.tries import Kinds, TrieNode, Value

KEYS = st.lists(st.sampled_from(["big", "lamp", "hall"]), min_size=1, max_size=3).map(tuple)
THINGS = st.dictionaries(st.sampled_from(["light.a", "light.b", "light.c"]), KEYS, max_size=3)


def value(id: str, kind: int = 0) -> Value:
    return Value(id, kind, id)


def built(things: dict[str, tuple[str, ...]]) -> TrieNode:
    trie = TrieNode()
    for id, key in things.items():
        trie.insert(key, value(id))
    return trie


def shape(trie: TrieNode) -> dict[tuple[str, ...], set[Value]]:
    return {key: set(values) for key, values in trie.items()}


@given(THINGS, THINGS)
def test_a_changed_trie_is_the_one_made_anew(
    before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]
) -> None:
    trie = built(before)
    for id, key in before.items():
        trie = trie.changed(key, None, id)
    for id, key in after.items():
        trie = trie.changed(key, value(id), id)
    assert shape(trie) == shape(built(after))
    assert trie.count() == built(after).count()
    assert trie.words() == built(after).words()


@given(THINGS, KEYS)
def test_the_trie_before_stays_what_it_was(things: dict[str, tuple[str, ...]], key: tuple[str, ...]) -> None:
    trie = built(things)
    was = shape(trie)
    trie.changed(key, value("light.new"), "light.new")
    assert shape(trie) == was


def test_kinds_at_and_below_a_place_are_its_bits() -> None:
    trie = TrieNode()
    trie.insert(("big", "lamp"), value("light.a", 1))
    trie.insert(("big", "door"), value("lock.a", 3))
    assert trie.kinds == trie.children["big"].kinds == 0b1010
    assert trie.children["big"].children["lamp"].kinds == 0b10
    assert trie.changed(("big", "door"), None, "lock.a").kinds == 0b10


def test_the_same_value_under_one_name_is_there_once() -> None:
    trie = TrieNode()
    for _ in range(2):
        trie.insert(("lamp",), value("light.a"))
    assert shape(trie) == {("lamp",): {value("light.a")}}


def test_kinds_of_a_copy_are_its_own() -> None:
    """A language's lists are shared by homes, each of which has kinds of things of its own."""
    lists = Kinds()
    colour = lists.number({"domain": "light"})
    one, other = lists.copy(), lists.copy()
    lock, cover = one.number({"domain": "lock"}), other.number({"domain": "cover"})
    assert lock == cover == len(lists.contexts), "each counts on from where the lists end"
    assert one.number({"domain": "light"}) == other.number({"domain": "light"}) == colour
    assert len(lists.contexts) == 2
    wants = (Need("domain", frozenset({"lock"})),)
    assert one.mask(wants) >> lock & 1
    assert not other.mask(wants) >> cover & 1
