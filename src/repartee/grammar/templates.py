"""Sentence templates, read: `turn (on|off) [<the>] {name}` becomes a tree.

`(a|b)` one of, `[a]` perhaps, `(a;b)` both in any order, `<rule>` a rule, `{list}` or `{list:slot}` a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..core.errors import BadInput
from .text import words


class BadTemplate(BadInput):
    """A sentence template can't be read: says file, intent, line and place."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Literal words separated by single spaces; a space at an end is a word boundary there."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Exactly one of the items; an optional part has the empty sequence among them."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """All items, in any order."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ListReference:
    list: str
    slot: str


@dataclass(frozen=True, slots=True, eq=False)
class RuleReference:
    rule: str


Template = Text | Sequence | Choice | Permutation | ListReference | RuleReference

NOTHING = Sequence(())
SPACE = Text(" ")
_TOKEN = re.compile(r"<([^<>{}\[\]()|;]+)>|\{([^<>{}\[\]()|;]+)\}|((?:\\.|[^\\()\[\]|;<>{}])+)|([()\[\]|;<>{}])", re.S)
_CLOSES = {"(": ")", "[": "]"}
MAX_DEPTH = 50
MAX_ORDERED = 5


def read_template(source: str) -> Template:
    """Raises `BadTemplate` that says what is wrong at which character."""
    tokens = list(_TOKEN.finditer(source))
    template, end = _group(source, tokens, 0, "", 0)
    if end != len(tokens):
        raise BadTemplate(f"unexpected {tokens[end].group()!r} at character {tokens[end].start() + 1} of {source!r}")
    return template


def _group(source: str, tokens: list[re.Match[str]], at: int, close: str, depth: int) -> tuple[Template, int]:
    """Alternatives or a permutation up to `close`; the index after it."""
    if depth > MAX_DEPTH:
        raise BadTemplate(f"more than {MAX_DEPTH} groups inside one another in {source[:60]!r}")
    ordered: list[list[list[Template]]] = [[[]]]
    while at < len(tokens):
        rule, slot, text, mark = tokens[at].groups()
        items = ordered[-1][-1]
        if mark == close:
            return _choice_or_permutation(source, ordered), at + 1
        if mark == "|":
            ordered[-1].append([])
        elif mark == ";":
            ordered.append([[]])
        elif mark in _CLOSES:
            inner, at = _group(source, tokens, at + 1, _CLOSES[mark], depth + 1)
            items.append(Choice((inner, NOTHING)) if mark == "[" else inner)
            continue
        elif mark:
            return _unexpected(source, tokens[at])
        else:
            items.append(_leaf(rule, slot, text))
        at += 1
    if close:
        raise BadTemplate(f"a group is never closed by {close!r} in {source!r}")
    return _choice_or_permutation(source, ordered), at


def _unexpected(source: str, token: re.Match[str]) -> tuple[Template, int]:
    raise BadTemplate(f"unexpected {token.group()!r} at character {token.start() + 1} of {source!r}")


def _leaf(rule: str | None, slot: str | None, text: str | None) -> Template:
    if rule:
        return RuleReference(rule.strip())
    if slot:
        name, _, target = slot.partition(":")
        return ListReference(name.strip(), (target or name).strip())
    return Text(spaced(re.sub(r"\\(.)", r"\1", text or "")))


def spaced(text: str) -> str:
    """The words of a piece of a template, with its boundaries: "lights-" is `lights `."""
    elided = text[-1:] in ("'", "’") and text[-2:-1].isalpha()
    found = words(text + "x")[:-1] if elided else words(text)
    if not found:
        return " " if text.strip("'’") else ""
    start = "" if text[0].isalnum() else "' " if text[0] in "'’" else " "
    end = "" if text[-1].isalnum() and found[-1][-1] not in "°'" else " "
    return start + " ".join(found) + end


def _choice_or_permutation(source: str, ordered: list[list[list[Template]]]) -> Template:
    parts = [_choice(alternatives) for alternatives in ordered]
    if len(parts) == 1:
        return parts[0]
    if len(parts) > MAX_ORDERED:
        raise BadTemplate(f"more than {MAX_ORDERED} parts in any order in {source!r}")
    return Permutation(tuple(Sequence((SPACE, part, SPACE)) for part in parts))


def _choice(alternatives: list[list[Template]]) -> Template:
    options = [items[0] if len(items) == 1 else Sequence(tuple(items)) for items in alternatives]
    return options[0] if len(options) == 1 else Choice(tuple(options))
