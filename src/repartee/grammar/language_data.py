"""What the templates do not say about a language: how sentences are joined. Data: `languages/*.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from .text import words
from .tries import TrieNode, Value


@cache
def language_data_of(language: str) -> dict[str, Any]:
    """A language we have no file for has no habits: single sentences by the templates work all the same."""
    name = language.split("-")[0].split("_")[0]
    path = files(__package__) / "languages" / f"{name}.json" if name.isalpha() else None
    if path is None or not path.is_file():
        return {}
    made: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return made


@cache
def joiners_of(language: str, kind: str = "join") -> TrieNode:
    """The words after which another sentence may follow; of kind "then", those that make it wait."""
    trie = TrieNode()
    for phrase in language_data_of(language).get(kind, ()):
        trie.insert(words(phrase), Value(phrase, 0))
    return trie
