"""Words that change what a deed is: its time, a condition, an exception, a negation. Without them it is another one."""

from __future__ import annotations

from functools import lru_cache

from .commands.words import command_words_of, use_of
from .text import words
from .tries import TrieNode
from .when import says_when

TIME = "time"
ROLES = ("except", "inverted", "only")


@lru_cache(maxsize=4096)
def weighty(text: str, language: str) -> frozenset[str]:
    """The kinds of such words in it: `time`, `condition`, `except`, `negation`, `report`, ..."""
    said = words(text)
    found = {TIME} if says_when(said, language) else set[str]()
    known = command_words_of(language)
    at = 0
    while known is not None and at < len(said):
        kinds, length = _longest(known.phrases, said[at:])
        found |= kinds
        at += length
    return frozenset(found)


def _longest(phrases: TrieNode, said: list[str]) -> tuple[frozenset[str], int]:
    """The kinds of the longest phrase that it begins with, where all its uses are weighty; and the words of it."""
    node: TrieNode | None = phrases
    best, length = frozenset[str](), 1
    for n, word in enumerate(said, 1):
        node = node.children.get(word) if node else None
        if node is None:
            break
        if node.values:
            kinds = [_kind(*use_of(value)) for value in node.values]
            best, length = (frozenset(kinds) if all(kinds) else frozenset()), n
    return best - {TIME}, length


def _kind(role: str, value: str) -> str:
    """Empty where it weighs nothing."""
    return value if role == "markers" else role if role in ROLES else ""
