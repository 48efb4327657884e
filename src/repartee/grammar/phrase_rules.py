"""Small phrases with values, from data: `half past {hour}` in a sentence gives hour and minute.

A rule is a mapping of templates to the values they bring; `{other}` in a template is another rule (its values join),
`{number:slot}` a number, in words or in digits. Rules may not lead back to themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from .numbers import number_words
from .sentences import Range
from .templates import Choice, ListReference, Permutation, RuleReference, Template, Text, read_template
from .templates import Sequence as InOrder
from .tries import TrieNode, Value

NUMBER, TWO_DIGITS, TEXT = "number", "two_digits", "text"
"""Rules of their own: any number; one that in words is ten or more, as minutes are that follow an hour; any words, of
which the slot gets the first and the one after the last."""
LARGEST = 199
"""Number that is understood in words; digits may say more."""
Values = dict[str, Any]


class Slot(NamedTuple):
    """A place in a pattern that a rule or a number fills."""

    rule: str
    name: str


class Match(NamedTuple):
    """Words up to `stop`, and what they bring."""

    stop: int
    values: Values


Outside = Callable[[Sequence[str], int], Iterable[Match]]
"""The phrases that begin at a word."""
Known = dict[tuple[str, int], list[Match]]
"""The phrases of a rule that begin at a word of one sentence."""
ANY_WORD = frozenset({""})
"""The first words of what may begin with any."""
Pattern = tuple[str | Slot, ...]


class _Place:
    """Where patterns that begin alike part."""

    __slots__ = ("ends", "slots", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Place] = {}
        self.slots: dict[Slot, _Place] = {}
        self.ends: list[Mapping[str, Any]] = []

    def after(self, step: str | Slot) -> _Place:
        """The place behind a step; made where there is none yet."""
        if isinstance(step, str):
            return self.words.setdefault(step, _Place())
        return self.slots.setdefault(step, _Place())


class PhraseRules:
    """The rules of one language."""

    def __init__(
        self,
        language: str,
        rules: Mapping[str, Mapping[str, Mapping[str, Any]]],
        outside: Mapping[str, Outside] | None = None,
    ) -> None:
        """`outside`: rules whose phrases are not in the data, such as the home's names. Raises `BadTemplate` for a
        template that can't be read."""
        self._numbers = _numbers(language)
        self._outside = outside or {}
        self._first: dict[str, frozenset[str]] = {}
        self._roots = {name: _compiled(patterns) for name, patterns in rules.items()}

    def matches(self, rule: str, said: Sequence[str], start: int, known: Known | None = None) -> list[Match]:
        """All phrases of the rule that begin at this word, in no order. `known`: what was found in this sentence
        already; it grows, so that no rule is tried twice at one word."""
        known = {} if known is None else known
        found = known.get((rule, start))
        if found is None:
            found = known[rule, start] = self._found(rule, said, start, known)
        return found

    def _found(self, rule: str, said: Sequence[str], start: int, known: Known) -> list[Match]:
        if start >= len(said):
            return []
        if rule in self._outside:
            return list(self._outside[rule](said, start))
        if not self._may_begin(rule, said[start]):
            return []
        return list(self._from(self._roots[rule], said, start, {}, known))

    def _may_begin(self, rule: str, word: str) -> bool:
        """Whether a phrase of the rule may begin with the word."""
        first = self._first.get(rule)
        if first is None:
            first = self._first[rule] = self.first_words((rule,))
        return first is ANY_WORD or word in first or word[0].isdigit()

    def whole(self, rule: str, said: Sequence[str]) -> Values | None:
        """What all of these words bring as one phrase of the rule; None where they are none."""
        return next((match.values for match in self.matches(rule, said, 0) if match.stop == len(said)), None)

    def first_words(self, rules: Iterable[str]) -> frozenset[str]:
        """Words that phrases of these rules may begin with; those in digits apart. `ANY_WORD` where any may."""
        found: set[str] = set()
        waiting, seen = list(rules), set[str]()
        while waiting:
            rule = waiting.pop()
            if rule in seen:
                continue
            seen.add(rule)
            if rule in (NUMBER, TWO_DIGITS):
                found.update(self._numbers.children)
                continue
            if rule == TEXT or rule in self._outside:
                return ANY_WORD
            root = self._roots[rule]
            found.update(root.words)
            waiting.extend(slot.rule for slot in root.slots)
        return frozenset(found)

    def _from(self, place: _Place, said: Sequence[str], at: int, values: Values, known: Known) -> Iterator[Match]:
        for brought in place.ends:
            yield Match(at, _reckoned({**values, **brought}) if values else dict(brought))
        if at >= len(said):
            return
        word = said[at]
        following = place.words.get(word)
        if following is not None:
            yield from self._from(following, said, at + 1, values, known)
        for slot, after in place.slots.items():
            if self._may_begin(slot.rule, word):
                for stop, found in self._fills(slot, said, at, known):
                    yield from self._from(after, said, stop, _together(values, found), known)

    def _fills(self, slot: Slot, said: Sequence[str], at: int, known: Known) -> Iterator[Match]:
        if slot.rule == TEXT:
            yield from (Match(stop, {slot.name: (at, stop)}) for stop in range(at + 1, len(said) + 1))
            return
        if slot.rule not in (NUMBER, TWO_DIGITS):
            for match in self.matches(slot.rule, said, at, known):
                yield match if slot.name == slot.rule else match._replace(values=_bound(slot.name, match.values))
            return
        number = _digits(said[at])
        if number is not None:
            yield Match(at + 1, {slot.name: number})
            return
        node: TrieNode | None = self._numbers
        for stop in range(at, len(said)):
            node = node.children.get(said[stop]) if node else None
            if node is None:
                return
            for value in node.values:
                if slot.rule == NUMBER or (isinstance(value.out, int) and value.out >= 10):
                    yield Match(stop + 1, {slot.name: value.out})


@lru_cache(maxsize=8)
def _numbers(language: str) -> TrieNode:
    trie = TrieNode()
    for key, number in number_words(language, Range(0, LARGEST)):
        if not key[0][0].isdigit():
            trie.insert(key, Value(number, 0))
    return trie


def _digits(word: str) -> float | int | None:
    if not (word[0].isascii() and word[0].isdigit()) or "/" in word or len(word) > 7:
        return None
    number = float(word)
    return int(number) if number == int(number) and "." not in word else number


def _bound(name: str, values: Values) -> Values:
    """The one value of another rule, under the slot's own name."""
    return {name: next(iter(values.values()), None)}


def _together(values: Values, more: Values) -> Values:
    """Seconds add up ("an hour and ten minutes"); of all else the later one counts."""
    joined = {**values, **more}
    if "seconds" in values and "seconds" in more:
        joined["seconds"] = values["seconds"] + more["seconds"]
    return joined


def _reckoned(values: Values) -> Values:
    """A `count` (and a `more`) of a `unit`, with `minutes` beside it, are seconds."""
    if "unit" not in values:
        return values
    kept = {name: value for name, value in values.items() if name not in ("unit", "count", "more", "minutes")}
    count = values.get("count", 1) + values.get("more", 0)
    kept["seconds"] = float(count * values["unit"] + 60 * values.get("minutes", 0))
    return kept


def _compiled(patterns: Mapping[str, Mapping[str, Any]]) -> _Place:
    root = _Place()
    for template, values in patterns.items():
        for pattern in map(_steps, _patterns(read_template(template))):
            place = root
            for step in pattern:
                place = place.after(step)
            if pattern and values not in place.ends:
                place.ends.append(values)
    return root


def _steps(pattern: Pattern) -> Pattern:
    """With pieces of text that touch made one word: `minute`, `s` is `minutes`."""
    steps: list[str | Slot] = []
    text = ""
    for piece in (*pattern, None):
        if isinstance(piece, str):
            text += piece
            continue
        steps.extend(text.split())
        text = ""
        if piece is not None:
            steps.append(piece)
    return tuple(steps)


def _patterns(template: Template) -> list[Pattern]:
    """All sequences of texts and slots that the template allows."""
    match template:
        case Text(text):
            return [(text,)]
        case ListReference(rule, slot):
            return [(Slot(rule, slot),)]
        case RuleReference(rule):
            return [(Slot(rule, rule),)]
        case Choice(items):
            return [pattern for item in items for pattern in _patterns(item)]
        case Permutation(items):
            return [p for order in (items, items[::-1]) for p in _patterns(InOrder(order))]
        case InOrder(items):
            return [tuple(piece for part in parts for piece in part) for parts in product(*map(_patterns, items))]
    return []
