"""How numbers are spelt out, in any language the Unicode project has rules for."""

from __future__ import annotations

from functools import lru_cache

from unicode_rbnf import FormatPurpose, RbnfEngine


def spelled(language: str, number: float) -> frozenset[str]:
    """Every spelling of it (genders, counting); empty for a language without rules."""
    engine = _engine(language)
    return frozenset() if engine is None else frozenset(engine.format_number(number).text_by_ruleset.values())


def spelled_ordinal(language: str, number: int) -> frozenset[str]:
    """Every spelling of its place in a row: `third`, `dritte`, `dritten`."""
    engine = _engine(language)
    if engine is None:
        return frozenset()
    return frozenset(engine.format_number(number, FormatPurpose.ORDINAL).text_by_ruleset.values())


@lru_cache(maxsize=8)
def _engine(language: str) -> RbnfEngine | None:
    for name in (language, language.replace("-", "_"), language.split("-")[0]):
        try:
            engine = RbnfEngine.for_language(name)
            engine.format_number(1)
        except ValueError:
            continue
        return engine
    return None
