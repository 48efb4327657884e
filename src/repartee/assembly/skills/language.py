"""What our own skills must know of a language beside its sentences: `languages/*/words.json`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from repartee.languages.data import ENGLISH, data, own_data


def words_of(language: str, key: str) -> Mapping[str, str]:
    """Words by their meaning; English ones where the language has none."""
    found: Mapping[str, str] = data(language, "words").get(key, {})
    return found


@cache
def word_list(language: str, key: str) -> frozenset[str]:
    """Words that mean this, with the English ones: names at home often are."""
    both = (own_data(known, "words").get(key, ()) for known in (language, ENGLISH))
    return frozenset(word.casefold() for words in both for word in words)
