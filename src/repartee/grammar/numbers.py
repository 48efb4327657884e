"""Numbers as people say and write them, for any language the Unicode project spells numbers in."""

from __future__ import annotations

from functools import lru_cache

from ..languages.numbers import spelled
from .sentences import Range
from .text import words


@lru_cache(maxsize=64)
def number_words(language: str, numbers: Range) -> tuple[tuple[tuple[str, ...], float | int], ...]:
    """Every number of a range in digits and in words, with its value in a slot. 15 µs a number, once a language."""
    found: dict[tuple[str, ...], float | int] = {}
    for number in numbers.numbers():
        value = number * numbers.multiplier
        value = int(value) if value == int(value) else value
        found.setdefault(tuple(words(f"{number:g}" if number < 1e6 else str(number))), value)
        for text in spelled(language, number):
            found.setdefault(tuple(words(text)), value)
    return tuple(found.items())
