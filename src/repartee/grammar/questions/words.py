"""The words that questions are made of.

Data: `languages/<language>/questions.json`; noun phrases are those of commands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...languages.data import own_data
from ..commands.words import CommandWords
from ..text import phrase
from ..tries import TrieNode, Value

NOUN_LISTS = (
    "fillers", "now", "articles", "all", "everything", "both", "either", "only", "in", "of", "here", "everywhere",
    "pronouns", "ones", "rooms", "joins",
)  # fmt: skip
"""Lists of `command.json` that noun phrases need."""
TABLES = ("ask", "how", "verbs", "states", "measures", "senses", "compare", "sides")
"""Tables of `questions.json`."""


@dataclass(frozen=True)
class QuestionWords:
    """What a language brings."""

    phrases: CommandWords
    """As the tagger takes them: every phrase, with (role, value) for each of its uses."""
    first: frozenset[str]
    """Words that a question begins with."""
    inverted: frozenset[str]
    """Words of phrases that make a question of a statement wherever they stand: "la lampe est-elle allumée"."""
    states: frozenset[str]
    """Phrases for states, some of which are small words as well: "on"."""
    compared: Mapping[str, str]
    """What a comparison is about where nothing else is said: "warmer than"."""


@lru_cache(maxsize=8)
def question_words_of(language: str) -> QuestionWords | None:
    """None for a language without such data."""
    asked, commands = own_data(language, "questions"), own_data(language, "command")
    if not asked or not commands:
        return None
    trie, closed = TrieNode(), set[str]()
    for role, value, text in (*_lists(commands), *_tables(asked), *_kinds(commands)):
        if key := phrase(text):
            trie.insert(key, Value((role, value), 0))
            closed.update(key)
    first = {phrase(text)[0] for table in ("ask", "how", "verbs") for texts in asked[table].values() for text in texts}
    first |= {phrase(text)[0] for text in commands["fillers"]}
    states = frozenset(text for texts in asked["states"].values() for text in texts)
    inverted = frozenset(word for text in asked.get("inverted", ()) for word in phrase(text)[-1:])
    compared = {" ".join(phrase(text)): measure for text, measure in asked["compare_measure"].items()}
    words = CommandWords(trie, {}, (), frozenset(closed), bool(commands.get("compounds")))
    return QuestionWords(words, frozenset(first), inverted, states, compared)


def _lists(commands: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    for role in NOUN_LISTS:
        yield from ((role, text, text) for text in commands.get(role, ()))


def _tables(asked: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, str, str]]:
    for role in TABLES:
        for value, texts in asked[role].items():
            yield from (
                (role, value if role != "compare" else " ".join((value, *phrase(text))), text) for text in texts
            )
    yield from (("links", text, text) for text in asked["links"])
    yield from (("inverted", text, text) for text in asked.get("inverted", ()))


def _kinds(commands: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, str, str]]:
    for table in ("kinds", "units"):
        for value, texts in commands[table].items():
            yield from ((table, value, text) for text in texts)
