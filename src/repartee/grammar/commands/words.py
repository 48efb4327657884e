"""The words of a language that commands are made of. Data: `languages/<language>/command.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...languages.data import own_data
from ..text import phrase as tokens
from ..text import words
from ..tries import TrieNode, Value

LISTS = (
    "fillers", "wishes", "now", "articles", "all", "everything", "both", "either", "only", "except", "inverted", "in",
    "of", "here", "everywhere", "to", "by", "minus", "half", "joins", "then", "pronouns", "ones", "rooms",
)  # fmt: skip
TABLES = ("units", "levels", "steps", "colours", "tones", "properties", "deeds", "kinds", "markers")
FREE = ("fillers", "wishes", "now", "articles", "here", "everywhere")
"""Roles that anybody may say without asking for anything else."""


@dataclass(frozen=True)
class CommandWords:
    """What a language brings."""

    phrases: TrieNode
    """Every phrase, with (role, value) for each of its uses."""
    stems: Mapping[str, frozenset[int]]
    """Verbs that want a particle, with their groups."""
    groups: tuple[Mapping[str, str], ...]
    """For each group of verbs what a particle makes of them."""
    closed: frozenset[str]
    """All single words of these phrases: none of them is evidence for a name."""
    compounds: bool
    """Whether a room and a kind are written as one word ("Küchenlampe")."""


@lru_cache(maxsize=8)
def command_words_of(language: str) -> CommandWords | None:
    """None for a language without such data."""
    data = own_data(language, "command")
    if not data:
        return None
    trie, closed = TrieNode(), set[str]()

    def add(phrase: str, role: str, value: str) -> None:
        key = tokens(phrase)
        if key:
            trie.insert(key, Value((role, value), 0))
            closed.update(key)

    for role in LISTS:
        for phrase in data.get(role, ()):
            add(phrase, role, " ".join(tokens(phrase)))
    for role in TABLES:
        for value, phrases in data.get(role, {}).items():
            for phrase in phrases:
                add(phrase, role, value)
    stems: dict[str, set[int]] = {}
    groups = tuple({" ".join(words(p)): deed for p, deed in row["particles"].items()} for row in data.get("split", ()))
    for number, row in enumerate(data.get("split", ())):
        for stem in row["stems"]:
            add(stem, "stem", " ".join(words(stem)))
            stems.setdefault(" ".join(words(stem)), set()).add(number)
        for particle in row["particles"]:
            add(particle, "particle", " ".join(words(particle)))
    kept = {stem: frozenset(numbers) for stem, numbers in stems.items()}
    return CommandWords(trie, kept, groups, frozenset(closed), bool(data.get("compounds")))


def use_of(value: Value) -> tuple[str, str]:
    """Role and value of one use of a phrase."""
    out = value.out
    assert isinstance(out, tuple)
    return str(out[0]), str(out[1])
