"""Numbers as people say and write them, for any language the Unicode project spells numbers in."""

from __future__ import annotations

from functools import cache

from unicode_rbnf import RbnfEngine

from .sentences import Range
from .text import words


@cache
def number_words(language: str, numbers: Range) -> tuple[tuple[tuple[str, ...], float | int], ...]:
    """Every number of a range in digits and in words, with its value in a slot. 15 µs a number, once a language."""
    engine = _engine(language)
    found: dict[tuple[str, ...], float | int] = {}
    for number in numbers.numbers():
        value = number * numbers.multiplier
        value = int(value) if value == int(value) else value
        found.setdefault(tuple(words(f"{number:g}" if number < 1e6 else str(number))), value)
        if engine is not None:
            for text in set(engine.format_number(number).text_by_ruleset.values()):
                found.setdefault(tuple(words(text)), value)
    return tuple(found.items())


@cache
def _engine(language: str) -> RbnfEngine | None:
    """None for a language whose numbers nobody has spelt: digits are understood all the same."""
    for name in (language, language.replace("-", "_"), language.split("-")[0]):
        try:
            engine = RbnfEngine.for_language(name)
            engine.format_number(1)
        except ValueError:
            continue
        return engine
    return None
