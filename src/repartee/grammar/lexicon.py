"""What the home's things are called, and the language's lists of values, as tries; and what changes with the home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.home import Area, Entity, Floor, Home
from .automaton import SKIP
from .numbers import number_words
from .sentences import Block, ListData, Sentences
from .templates import Choice, Permutation, RuleReference, Sequence, Template, Text
from .text import words
from .tries import Key, Kinds, TrieNode, Value

MAX_NAME_WORDS = 12
"""Of a name; a longer one is not sayable."""


@dataclass(frozen=True)
class Lexicon:
    """The values of all lists."""

    tries: Mapping[str, TrieNode]
    kinds: Kinds

    def changed(self, old: Home, new: Home) -> Lexicon | None:
        """The lexicon of the next snapshot of a home, with all that did not change shared; None if it must be made
        anew (things of a kind never seen before)."""
        tries, known = dict(self.tries), len(self.kinds.contexts)
        for name in ("name", "area", "floor"):
            before, after = dict(_rows(name, old, self.kinds)), dict(_rows(name, new, self.kinds))
            trie = tries[name]
            for key, value in before.keys() - after.keys():
                trie = trie.changed(key, None, value.id)
            for key, value in after.keys() - before.keys():
                trie = trie.changed(key, value, value.id)
            tries[name] = trie
        return Lexicon(tries, self.kinds) if len(self.kinds.contexts) == known else None


def make_lexicon(sentences: Sentences, home: Home) -> Lexicon:
    kinds = Kinds()
    tries = {name: _list_trie(data, sentences, kinds) for name, data in sentences.lists.items() if not data.free}
    for block in sentences.blocks:
        for name, data in block.lists.items():
            if not data.free:
                tries[f"{block.order}:{name}"] = _list_trie(data, sentences, kinds, block)
    tries[SKIP] = TrieNode()
    for phrase in sentences.skip:
        if words(phrase):
            tries[SKIP].insert(words(phrase), Value(None, 0))
    for name in ("name", "area", "floor"):
        trie = tries[name] = TrieNode()
        for (key, value), _ in _rows(name, home, kinds):
            trie.insert(key, value)
    return Lexicon(tries, kinds)


def _list_trie(data: ListData, sentences: Sentences, kinds: Kinds, block: Block | None = None) -> TrieNode:
    trie = TrieNode()
    if data.range is not None:
        for key, number in number_words(sentences.language, data.range):
            trie.insert(key, Value(number, 0))
    for value in data.values:
        kind = kinds.number({k: str(v) for k, v in value.context.items()})
        rules = {**sentences.rules, **(block.rules if block else {})}
        for text in phrases(value.template, rules):
            if said := words(text):
                trie.insert(said, Value(value.value, kind))
    return trie


Row = tuple[tuple[Key, Value], None]


def _rows(name: str, home: Home, kinds: Kinds) -> Iterable[Row]:
    """What things of the home are called: pairs of words and value (as the keys of a mapping, for comparing)."""
    if name == "name":
        for entity in home.entities:
            kind = kinds.number(entity_context(entity))
            yield from _named(entity, entity.names, kind)
    elif name == "area":
        for area in home.areas:
            yield from _named(area, (area.name, *area.aliases), 0)
    else:
        for floor in home.floors:
            yield from _named(floor, (floor.name, *floor.aliases), 0)


def _named(thing: Entity | Area | Floor, names: Iterable[str], kind: int) -> Iterable[Row]:
    for text in names:
        key = tuple(words(text[:200])[:MAX_NAME_WORDS])
        if key:
            yield (key, Value(thing.name, kind, thing.id)), None


def entity_context(entity: Entity) -> dict[str, str]:
    """What a sentence may require of an entity."""
    context = {"domain": entity.domain}
    if entity.device_class:
        context["device_class"] = entity.device_class
    return context


MAX_PHRASES = 5_000


def phrases(template: Template, rules: Mapping[str, Template]) -> list[str]:
    """All texts of a small template without lists; at most `MAX_PHRASES`."""
    return _phrases(template, rules, 0)[:MAX_PHRASES]


def _phrases(template: Template, rules: Mapping[str, Template], depth: int) -> list[str]:
    if depth > 20:
        return []
    match template:
        case Text(text):
            return [text]
        case Sequence(items):
            made = [""]
            for item in items:
                more = _phrases(item, rules, depth + 1)
                made = [a + b for a in made for b in more][:MAX_PHRASES]
            return made
        case Choice(items):
            return [text for item in items for text in _phrases(item, rules, depth + 1)]
        case Permutation(items):
            return [text for order in (items, items[::-1]) for text in _phrases(Sequence(order), rules, depth + 1)]
        case RuleReference(rule) if rule in rules:
            return _phrases(rules[rule], rules, depth + 1)
    return []
