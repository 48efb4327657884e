"""Whether what is said after the end of a turn belongs to its sentence: "turn off the lights | in the office". Pure."""

from __future__ import annotations

from repartee.core.intent import Reading
from repartee.grammar.text import words

from .interpret import SILENCE, UNKNOWN, Act, Ask, Ignore, Interpretation


def belongs(first: Interpretation, acted: bool, whole: Interpretation, rest: Interpretation) -> bool:
    """`whole`: of both as one sentence; `rest`: of what came after the pause, leaning on nothing; `acted`: whether
    something was done. Where the rest is a command of its own (a bare name is), the whole must be both of them, word by
    word or at least with all that the first one asked for."""
    match whole.meaning:
        case Ask():
            return not acted
        case Ignore(reason=reason) if reason in (UNKNOWN, SILENCE):
            return False
    if not isinstance(rest.meaning, Act) or words(whole.text) == words(first.text) + words(rest.text):
        return True
    return holds(whole.reading, first.reading) and whole.reading != first.reading


def holds(whole: Reading | None, first: Reading | None) -> bool:
    """Every part of the first is one of the whole."""
    if whole is None or first is None:
        return False
    parts = [(part.intent.name, dict(part.intent.slots), part.when) for part in whole.parts]
    return all((part.intent.name, dict(part.intent.slots), part.when) in parts for part in first.parts)
