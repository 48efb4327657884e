"""Sentences that begin with our name: "Alexa, alexa, turn on the lamp" asks for the lamp.

The word that opens a microphone is part of the sentence where it was typed, said to an open microphone, or said twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.fuzz import ratio

from repartee.core.hearing import Hearing
from repartee.core.home import Home
from repartee.grammar.text import without, words

ALIKE = 85.0
"""Similarity (0-100) of letters from which it is the name: recognisers write "OK Nabu" for "okay nabu"."""
TIMES = 4
"""How often a name may be said before the sentence."""


def unaddressed(said: Hearing, names: Sequence[str], home: Home) -> Hearing:
    """Without the names at its beginning. What was said after a name was said to us, so that it is read as it was heard
    freely: the hypotheses of the home know no name."""
    rest = after_names(said.free.text, names, home)
    if rest == said.free.text:
        return said
    return replace(said, free=replace(said.free, text=rest), home=())


def after_names(text: str, names: Sequence[str], home: Home) -> str:
    """The text after the names it begins with; the text itself where it does not, or where something in the home is
    called like that."""
    tokens = words(text)
    at = 0
    for _ in range(TIMES):
        at += next((len(name) for name in map(words, names) if _begins(tokens[at:], name)), 0)
    if not at or _is_ours(tokens, home):
        return text
    rest = without(text, [(0, at)])
    return text if rest is None else rest


def _begins(tokens: Sequence[str], name: Sequence[str]) -> bool:
    begin = tokens[: len(name)]
    return len(begin) == len(name) > 0 and ratio(" ".join(begin), " ".join(name)) >= ALIKE


def _is_ours(tokens: Sequence[str], home: Home) -> bool:
    """Whether the sentence begins with the name of a thing or a place: "alexa's lamp"."""
    things = (name for entity in home.entities for name in entity.names if name[:1].casefold() == tokens[0][:1])
    return any(words(name) == list(tokens[: len(words(name))]) for name in things)
