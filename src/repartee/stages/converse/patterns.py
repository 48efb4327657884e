"""Sentence patterns of `languages/*/memory.json` as regular expressions: `[optional]`, `(one|other)`, `{slot}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from repartee.languages.data import own_data
from repartee.languages.numbers import spelled, spelled_ordinal

WORD = r"[\w'’.&+-]+"
SLOTS = {
    "name": rf"{WORD}(?: {WORD}){{0,2}}",
    "who": rf"{WORD}(?: {WORD}){{0,2}}?",
    "thing": rf"{WORD}(?: {WORD}){{0,4}}?",
    "subject": rf"{WORD}(?: {WORD}){{0,2}}?",
    "attr": rf"{WORD}(?: {WORD})?",
    "value": rf"{WORD}(?: {WORD}){{0,7}}",
    "any": r".*",
}
"""What a slot may be; `place` and `date` depend on the language."""
LONGEST = 300
"""Characters of a sentence; longer ones are stories, not facts."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say something of a kind."""

    kind: str
    subject: str
    """Fixed by the pattern (`me`); empty: the slot says it."""
    bare: bool
    """Also without "remember that" before it."""
    expression: re.Pattern[str]


@dataclass(frozen=True)
class MemoryWords:
    """What a language says about remembering."""

    facts: tuple[Pattern, ...]
    questions: tuple[Pattern, ...]
    lead: re.Pattern[str]
    """ "Remember that", at the beginning."""
    corrections: re.Pattern[str]
    """ "No, actually", at the beginning."""
    asks: Mapping[str, re.Pattern[str]]
    """`list`, `forget_all`, `forget_last`, `forget`."""
    date: re.Pattern[str]
    months: tuple[frozenset[str], ...]
    words: Mapping[str, frozenset[str]]
    """`determiners`, `negations`, ...: words or beginnings of one kind."""
    says: Mapping[str, str] = field(default_factory=dict)
    """What we say: `told` (with the fact as `text`), `kept`, `secret`, `nothing`, `unknown`, `forgotten`."""


@lru_cache(maxsize=16)
def memory_words(language: str) -> MemoryWords | None:
    """None for a language that has none."""
    data = own_data(language, "memory")
    if not data:
        return None
    date = _dates(data, language)
    slots = SLOTS | {
        "date": date,
        "place": _places(data),
        "day": _days(language),
        "month": _months(data),
        "year": r"(?:19|20)\d\d",
    }

    def patterns(key: str) -> tuple[Pattern, ...]:
        return tuple(
            Pattern(rule["kind"], rule.get("subject", ""), rule.get("bare", False), _whole(text, slots))
            for rule in data[key]
            for text in rule["patterns"]
        )

    kinds = ("determiners", "negations", "not_first", "not_names", "transient", "secrets", "prepositions")
    return MemoryWords(
        patterns("facts"),
        patterns("questions"),
        _begins(data["lead"], slots),
        _begins(data["corrections"], slots),
        {key: _any(data[key], slots) for key in ("list", "forget_all", "forget_last", "forget")},
        re.compile(_dated(data, slots), re.IGNORECASE),
        tuple(frozenset(names.split("|")) for names in data["months"]),
        {kind: frozenset(data[kind]) for kind in kinds},
        data["says"],
    )


def tidy(text: str) -> str:
    """One space before each word, straight apostrophes, no marks between words."""
    plain = re.sub(
        r"[,;:!?…¿¡\"]+(?=\s|$)|(?<=\s)[¿¡\"]+|^[¿¡\"]+|\.+$|\.+(?=\s+[^\W\d_])", "", text[:LONGEST].replace("’", "'")
    )
    return "".join(f" {word}" for word in plain.split())


def _begins(texts: Sequence[str], slots: Mapping[str, str]) -> re.Pattern[str]:
    """The longest of them first, as whole words."""
    longest = sorted(texts, key=len, reverse=True)
    return re.compile("(?:" + "|".join(_expression(text, slots) for text in longest) + r")(?=\s|$)", re.IGNORECASE)


def _places(data: Mapping[str, Any]) -> str:
    prepositions = "|".join(re.escape(word) for word in sorted(data["prepositions"], key=len, reverse=True))
    return rf"(?:{prepositions})(?: {WORD}){{0,9}}"


def _dates(data: Mapping[str, Any], language: str) -> str:
    """One that can stand within others: without names for its parts."""
    slots = {"day": _days(language), "month": _months(data), "year": r"(?:19|20)\d\d"}
    plain = [re.sub(r"\(\?P<\w+>", "(?:", _expression(text, slots)) for text in data["date"]]
    return "(?:" + "|".join(plain) + ")"


def _dated(data: Mapping[str, Any], slots: Mapping[str, str]) -> str:
    return "(?:" + "|".join(_numbered(text, n, slots) for n, text in enumerate(data["date"])) + ")$"


def _numbered(text: str, number: int, slots: Mapping[str, str]) -> str:
    """Names can't be given twice in one expression."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{number}>", _expression(text, slots))


def _months(data: Mapping[str, Any]) -> str:
    return "|".join(re.escape(name) for names in data["months"] for name in names.split("|"))


@lru_cache(maxsize=16)
def day_words(language: str) -> Mapping[str, int]:
    """Every way to write a day of the month: digits, and words as the language spells and counts them."""
    found: dict[str, int] = {}
    for number in range(31, 0, -1):
        for text in spelled(language, number) | spelled_ordinal(language, number):
            found[text.replace("\u00ad", "").replace("-", " ").casefold()] = number
            found[text.replace("\u00ad", "").casefold()] = number
    return found


def _days(language: str) -> str:
    words = sorted((word for word in day_words(language) if not word[0].isdigit()), key=len, reverse=True)
    return r"\d{1,2}(?:st|nd|rd|th|er|\.|º|e)?|" + "|".join(map(re.escape, words))


def _any(texts: Sequence[str], slots: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(_numbered(text, n, slots) for n, text in enumerate(texts)) + ")$", re.IGNORECASE)


def slot(match: re.Match[str], name: str) -> str:
    """The slot of this name in whichever of the patterns fits."""
    found = (value for key, value in match.groupdict().items() if value and re.fullmatch(rf"{name}(_\d+)?", key))
    return next(found, "").strip()


def _whole(text: str, slots: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_expression(text, slots) + "$", re.IGNORECASE)


def _expression(text: str, slots: Mapping[str, str]) -> str:
    """Every word brings the space before it, so that one that may be missing takes its space along. What stands
    together in the pattern stands together in the text."""
    out, space, outer = "", " ", list[str]()
    for piece in re.findall(r"\{\w+\}|[\[\]()|]|\s+|[^\[\]()|{}\s]+", text):
        if piece.isspace():
            space = " "
        elif piece in "[(":
            outer.append(space)
            out += "(?:"
        elif piece == "|":
            out, space = f"{out}{_trailing(out, space)}|", outer[-1]
        elif piece in "])":
            out, space = f"{out}{_trailing(out, space)}){'?' if piece == ']' else ''}", ""
            outer.pop()
        else:
            written = f"(?P<{piece[1:-1]}>{slots[piece[1:-1]]})" if piece[0] == "{" else re.escape(piece)
            out, space = out + ("" if piece == "{date}" else space) + written, ""  # a date brings its own
    return out


def _trailing(out: str, space: str) -> str:
    """The space at the end of an alternative, as in `(de |d')`."""
    return "" if out.endswith(("(?:", "|")) else space
