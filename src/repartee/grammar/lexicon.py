"""What the home's things are called, and the language's lists of values, as tries; and what changes with the home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.home import Area, Entity, Floor, Home
from .dfa import SKIP
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
        for name, before, after in (
            ("name", old.entities, new.entities),
            ("area", old.areas, new.areas),
            ("floor", old.floors, new.floors),
        ):
            tries[name] = _changed(tries[name], before, after, self.kinds)
        return Lexicon(tries, self.kinds) if len(self.kinds.contexts) == known else None


Thing = Entity | Area | Floor


def _changed(trie: TrieNode, before: Iterable[Thing], after: Iterable[Thing], kinds: Kinds) -> TrieNode:
    old, new = {thing.id: thing for thing in before}, {thing.id: thing for thing in after}
    for id, thing in old.items():
        if (same := new.get(id)) is not thing and same != thing:
            for key, _ in _called(thing, kinds):
                trie = trie.changed(key, None, id)
    for id, thing in new.items():
        if (same := old.get(id)) is not thing and same != thing:
            for key, value in _called(thing, kinds):
                trie = trie.changed(key, value, id)
    return trie


def list_lexicon(sentences: Sentences) -> Lexicon:
    """The lists of a language, without any home: made once, and shared by all homes."""
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
    return Lexicon(tries, kinds)


def home_lexicon(lists: Lexicon, home: Home) -> Lexicon:
    """The lists of a language (`list_lexicon`), and what this home's things are called."""
    tries, kinds = dict(lists.tries), lists.kinds.copy()
    for name, things in (("name", home.entities), ("area", home.areas), ("floor", home.floors)):
        trie = tries[name] = TrieNode()
        for thing in things:
            for key, value in _called(thing, kinds):
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


def _called(thing: Thing, kinds: Kinds) -> Iterable[tuple[Key, Value]]:
    """What a thing of the home is called, in words."""
    kind = kinds.number(entity_context(thing)) if isinstance(thing, Entity) else 0
    for text in (thing.name, *thing.aliases):
        key = tuple(words(text[:200])[:MAX_NAME_WORDS])
        if key:
            yield key, Value(thing.name, kind, thing.id)


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
