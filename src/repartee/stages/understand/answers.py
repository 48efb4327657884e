"""What people answer to a question, in every language: yes, no, a number, which one of the choices.

Both sides are folded alike, so accents, capitals and punctuation don't matter. Words: `languages/*/answers.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from repartee.grammar.text import fold, words
from repartee.languages.answers import answer_words
from repartee.languages.numbers import spelled

Phrase = tuple[str, ...]
LARGEST = 100
"""Numbers below it are known by their spelling."""
_DIGIT_OR_WORD = re.compile(r"\d|[^\W\d_]+'?")


def says_yes(text: str, language: str) -> bool:
    """ "yes", "yes please", "ja bitte", "sí, por favor"; nothing but agreement and politeness."""
    return _is_made_of(words(text), _yes(language), _polite(language))


def says_no(text: str, language: str) -> bool:
    return _is_made_of(words(text), _no(language), _polite(language))


def says_cancel(text: str, language: str) -> bool:
    """ "cancel", "never mind": a no to everything."""
    return _is_made_of(words(text), _cancel(language), _polite(language))


def says_continue(text: str, language: str) -> bool:
    """ "Go on", "tell me more": the rest of what was being said."""
    return _is_made_of(words(text), _further(language), _polite(language))


def content(text: str, language: str) -> frozenset[str]:
    """The words by which choices differ, without "the", "one", "in"."""
    return frozenset(words(text)) - _empty(language)


def digits(text: str, language: str) -> str:
    """The digits that were said, as in a PIN: "4711", "four seven one one", "siebenundvierzig elf"."""
    spellings = _digit_words(language)
    said, found, at = _DIGIT_OR_WORD.findall(fold(text)), "", 0
    while at < len(said):
        length = _longest(said, at, spellings)
        found += spellings[tuple(said[at : at + length])] if length else _plain(said[at])
        at += length or 1
    return found


def position(text: str, language: str, count: int) -> int | None:
    """Which of so many choices, from 0: "the second", "die zweite", "number two", "the last one"."""
    said = words(text)
    for number, forms in enumerate(_ordinals(language)[:count]):
        if any(_holds(said, form) for form in forms):
            return number
    if count and _last(language) & {*said}:
        return count - 1
    named = _number(said, language)
    return named - 1 if named is not None and 1 <= named <= count else None


def _number(said: Sequence[str], language: str) -> int | None:
    """What is nothing but a number, perhaps with "number" or an article before it. "The one" is none."""
    bare = [word for word in said if word not in _numbering(language)]
    for left in (bare, [word for word in bare if word not in _empty(language)]):
        if len(left) == 1 and _plain(left[0]):
            return int(left[0])
        if tuple(left) in _digit_words(language):
            return int(_digit_words(language)[tuple(left)])
    return None


def _holds(said: Sequence[str], phrase: Phrase) -> bool:
    return any(tuple(said[at : at + len(phrase)]) == phrase for at in range(len(said)))


def _is_made_of(said: Sequence[str], wanted: frozenset[Phrase], others: frozenset[Phrase]) -> bool:
    """Whether it is a row of phrases of these two kinds, at least one of them wanted."""
    reached: dict[int, bool] = {0: False}
    for at in range(len(said)):
        if at not in reached:
            continue
        for length in range(1, len(said) - at + 1):
            phrase = tuple(said[at : at + length])
            if phrase in wanted or phrase in others:
                reached[at + length] = reached.get(at + length, False) or reached[at] or phrase in wanted
    return reached.get(len(said), False)


def _longest(said: Sequence[str], at: int, spellings: dict[Phrase, str]) -> int:
    return next((n for n in range(min(4, len(said) - at), 0, -1) if tuple(said[at : at + n]) in spellings), 0)


def _plain(word: str) -> str:
    return word if word.isascii() and word.isdigit() else ""


@lru_cache(maxsize=64)
def _yes(language: str) -> frozenset[Phrase]:
    return _phrases(answer_words(language).yes)


@lru_cache(maxsize=64)
def _no(language: str) -> frozenset[Phrase]:
    return _phrases(answer_words(language).no)


@lru_cache(maxsize=64)
def _cancel(language: str) -> frozenset[Phrase]:
    return _phrases(answer_words(language).cancel)


@lru_cache(maxsize=64)
def _further(language: str) -> frozenset[Phrase]:
    return _phrases(answer_words(language).further)


@lru_cache(maxsize=64)
def _polite(language: str) -> frozenset[Phrase]:
    return _phrases(answer_words(language).polite)


@lru_cache(maxsize=64)
def _ordinals(language: str) -> tuple[frozenset[Phrase], ...]:
    return tuple(map(_phrases, answer_words(language).ordinals))


@lru_cache(maxsize=64)
def _empty(language: str) -> frozenset[str]:
    return _words(answer_words(language).empty)


@lru_cache(maxsize=64)
def _last(language: str) -> frozenset[str]:
    return _words(answer_words(language).last)


@lru_cache(maxsize=64)
def _numbering(language: str) -> frozenset[str]:
    return _words(answer_words(language).numbering)


def _phrases(texts: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(tuple(words(text)) for text in texts)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words(text))


@lru_cache(maxsize=64)
def _digit_words(language: str) -> dict[Phrase, str]:
    """The spelling of a number to its digits."""
    found: dict[Phrase, str] = {}
    for number in range(LARGEST):
        for text in spelled(language, number):
            found.setdefault(tuple(words(text)), str(number))
    return found | {tuple(words(text)): digit for text, digit in answer_words(language).digits.items()}
