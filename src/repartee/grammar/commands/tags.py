"""What each word of a sentence may begin: phrases of the language, names and places of the home, numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ...core.home import Entity, Home
from ..lexicon import Lexicon
from ..numbers import number_words
from ..sentences import Range
from ..text import words
from ..tries import TrieNode, Value
from .kinds import is_of_kind
from .words import CommandWords, use_of


class Tag(NamedTuple):
    """Words up to `stop` that are something."""

    stop: int
    role: str
    """A list or table of `CommandWords`; `name`, `area`, `floor`, `part`, `number`."""
    value: str = ""
    ids: tuple[str, ...] = ()
    number: float = 0.0


Tags = Sequence[Sequence[Tag]]
"""By the word they begin at; shorter before longer."""


@dataclass(frozen=True)
class Tagger:
    """Of one home in one language."""

    home: Home
    lexicon: Lexicon
    language: str
    known: CommandWords

    def tags(self, said: Sequence[str]) -> list[list[Tag]]:
        return [self._at(said, start) for start in range(len(said))]

    def _at(self, said: Sequence[str], start: int) -> list[Tag]:
        found = [Tag(stop, *use_of(value)) for stop, value in _matches(self.known.phrases, said, start)]
        for name in ("name", "area", "floor"):
            by_stop: dict[int, list[str]] = defaultdict(list)
            for stop, value in _matches(self.lexicon.tries[name], said, start):
                by_stop[stop].append(str(value.id))
            found.extend(
                Tag(stop, name, " ".join(said[start:stop]), tuple(dict.fromkeys(ids))) for stop, ids in by_stop.items()
            )
        if colours := self.lexicon.tries.get("color"):
            found.extend(Tag(stop, "colours", str(value.out)) for stop, value in _matches(colours, said, start))
        found.extend(
            Tag(stop, "part", str(value.out), (str(value.id),)) for stop, value in _matches(self._short, said, start)
        )
        found.extend(
            Tag(stop, "area", str(value.out), (str(value.id),)) for stop, value in _matches(self.heads, said, start)
        )
        found.extend(self._possessive(said, start))
        found.extend(self._numbers(said, start))
        found.extend(self._parts(said, start))
        if self.known.compounds and len(said[start]) > 6:
            found.extend(self._compound(said[start], start))
        return found

    @cached_property
    def _short(self) -> TrieNode:
        """Names without the kind at their end: the "back door" of a Back Door Lock. What is a place stays one."""
        places = {key for name in ("area", "floor") for key, _ in self.lexicon.tries[name].items()}
        taken = {key for key, _ in self.lexicon.tries["name"].items()}
        trie = TrieNode()
        for entity in self.home.entities:
            for name in entity.names:
                key = tuple(words(name))
                for rest in (key[:at] for at in range(2, len(key)) if self._ends_with_kind(key, at, entity)):
                    if rest not in places and rest not in taken:
                        trie.insert(rest, Value(" ".join(rest), 0, entity.id))
        return trie

    def _ends_with_kind(self, key: tuple[str, ...], at: int, entity: Entity) -> bool:
        """Whether the words from `at` on are a kind that the thing is of."""
        kinds = (value for stop, value in _matches(self.known.phrases, key, at) if stop == len(key))
        return any(use_of(v)[0] == "kinds" and is_of_kind(use_of(v)[1], entity) for v in kinds)

    @cached_property
    def heads(self) -> TrieNode:
        """ "The bedroom", where only the Master Bedroom is one: words for rooms that end the name of a single area."""
        ends: dict[tuple[str, ...], set[str]] = defaultdict(set)
        taken = {key for name in ("area", "floor", "name") for key, _ in self.lexicon.tries[name].items()}
        for key, values in self.lexicon.tries["area"].items():
            for at in range(1, len(key)):
                if key[at:] not in taken and any(
                    use_of(v)[0] == "rooms" for stop, v in _matches(self.known.phrases, key, at) if stop == len(key)
                ):
                    ends[key[at:]].update(str(value.id) for value in values)
        trie = TrieNode()
        for key, ids in ends.items():
            if len(ids) == 1:
                trie.insert(key, Value(" ".join(key), 0, next(iter(ids))))
        return trie

    def _possessive(self, said: Sequence[str], start: int) -> list[Tag]:
        """ "The kitchen's lights": a place and what belongs to it."""
        stop = start
        while stop < len(said) and stop < start + 4 and not said[stop].endswith("'"):
            stop += 1
        if stop + 1 >= len(said) or said[stop] == "'" or said[stop + 1] != "s" or not said[stop].endswith("'"):
            return []
        owner = [*said[start:stop], said[stop][:-1]]
        found = []
        for name in ("area", "floor", "name"):
            ids = [str(v.id) for at, v in _matches(self.lexicon.tries[name], owner, 0) if at == len(owner)]
            if ids:
                found.append(Tag(stop + 2, name, " ".join(owner), tuple(dict.fromkeys(ids))))
        return found

    def _numbers(self, said: Sequence[str], start: int) -> list[Tag]:
        word = said[start]
        if word.lstrip("-")[:1].isdigit() and "/" not in word:
            return [Tag(start + 1, "number", word, number=float(word))]
        trie = _number_trie(self.language)
        return [
            Tag(stop, "number", " ".join(said[start:stop]), number=float(str(value.out)))
            for stop, value in _matches(trie, said, start)
        ]

    def _parts(self, said: Sequence[str], start: int) -> list[Tag]:
        """A word that stands in names: evidence for those things, if it is no word of the language's own."""
        word = said[start]
        ids = self._named_with.get(word, ())
        if not ids:
            digits = [str(v.out) for stop, v in _matches(_number_trie(self.language), said, start) if stop == start + 1]
            ids = self._named_with.get(digits[0], ()) if digits else ()
        return [Tag(start + 1, "part", word, ids)] if ids else []

    @cached_property
    def _named_with(self) -> Mapping[str, tuple[str, ...]]:
        """Things by each word of their names that says something by itself."""
        found: dict[str, list[str]] = defaultdict(list)
        for entity in self.home.entities:
            for word in {word for name in entity.names for word in words(name)}:
                if (word not in self.known.closed and len(word) > 1) or word.isdigit() or self._names_alone(word):
                    found[word].append(entity.id)
        return {word: tuple(ids) for word, ids in found.items()}

    def _names_alone(self, word: str) -> bool:
        """Whether a word for a kind of which there is nothing here stands in names: the only "heater" is a switch."""
        uses = [use_of(value) for stop, value in _matches(self.known.phrases, (word,), 0)]
        if not uses or any(role != "kinds" or value == "thing" for role, value in uses):
            return False
        return not any(is_of_kind(kind, entity) for _, kind in uses for entity in self.home.entities)

    def _compound(self, word: str, start: int) -> list[Tag]:
        """ "Küchenlampe": a room, perhaps a letter between, and a kind."""
        found = []
        for cut in range(3, len(word) - 2):
            kinds = [v for stop, v in _matches(self.known.phrases, [word[cut:]], 0) if use_of(v)[0] == "kinds"]
            if not kinds:
                continue
            rooms = (self._rooms_like(word[:length]) for length in (cut, cut - 1, cut - 2))
            if ids := next((ids for ids in rooms if ids), ()):
                found.append(Tag(start + 1, "compound", use_of(kinds[0])[1], ids))
        return found

    def _rooms_like(self, beginning: str) -> tuple[str, ...]:
        """Rooms that are called so, but for a letter at the end: "Küche" in "Küchenlampe"."""
        fits = (id for name, id in self._rooms if name.startswith(beginning) and len(name) - len(beginning) <= 1)
        return tuple(dict.fromkeys(fits))

    @cached_property
    def _rooms(self) -> Sequence[tuple[str, str]]:
        """Names of one word, with their ids."""
        items = self.lexicon.tries["area"].items()
        return [(key[0], str(value.id)) for key, values in items if len(key) == 1 for value in values]


_TRIES: dict[str, TrieNode] = {}


def _number_trie(language: str) -> TrieNode:
    """Numbers in words, to a hundred."""
    if language not in _TRIES:
        trie = TrieNode()
        for key, number in number_words(language, Range(0, 100)):
            trie.insert(key, Value(number, 0))
        _TRIES[language] = trie
    return _TRIES[language]


def _matches(trie: TrieNode, said: Sequence[str], start: int) -> list[tuple[int, Value]]:
    """All values that begin at a word, shorter before longer."""
    found: list[tuple[int, Value]] = []
    node: TrieNode | None = trie
    for at in range(start, len(said)):
        node = node.children.get(said[at]) if node is not None else None
        if node is None:
            break
        found.extend((at + 1, value) for value in node.values)
    return found
