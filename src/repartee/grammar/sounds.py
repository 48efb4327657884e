"""How words sound, roughly: the skeleton of consonants, by the rules of `languages/*/grammar.json`."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .language_data import language_data_of

_GENERAL = ((r"(.)\1+", r"\1"), (r"[aeiouyhw]", ""))


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = [*language_data_of(language).get("sounds", ()), *_GENERAL]
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rows)


@lru_cache(maxsize=50_000)
def sound(word: str, language: str) -> str:
    """Words that sound alike have equal codes; the first letter's vowel is kept as one, others are dropped."""
    code = word
    for pattern, replacement in _rules(language):
        code = pattern.sub(replacement, code)
    return ("a" if word[:1] in "aeiou" else "") + code
