"""What the templates do not say about a language: how sentences are joined. Data: `languages/*/grammar.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..languages.data import own_data
from .text import words
from .tries import TrieNode, Value


def language_data_of(language: str) -> Mapping[str, Any]:
    """A language we have no file for has no data of this kind: single sentences by the templates work all the same."""
    return own_data(language, "grammar")


@cache
def joiners_of(language: str, kind: str = "join") -> TrieNode:
    """The words after which another sentence may follow; of kind "then", those that make it wait."""
    trie = TrieNode()
    for phrase in language_data_of(language).get(kind, ()):
        trie.insert(words(phrase), Value(phrase, 0))
    return trie
