"""What a person tells us about themselves and their things, as facts; by rules, without any model. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from repartee.core.memory import Fact

from .patterns import MemoryWords, Pattern, day_words, memory_words, slot, tidy

MARKED = ("?",)
"""Who asks tells nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence tells us."""

    facts: tuple[Fact, ...] = ()
    asked: bool = False
    """We were asked to remember it, so that it wants an answer."""
    secret: bool = False
    """It has a code in it, which is never kept."""


NOTHING_TOLD = Told()


def told(text: str, language: str, person: str = "", source: str = "", codes: Collection[str] = ()) -> Told:
    """`codes`: digits that are never kept, such as the PIN."""
    words = memory_words(language)
    if words is None or text.rstrip().endswith(MARKED):
        return NOTHING_TOLD
    said = tidy(text)
    read = _read_told(said, words, language)
    if read.fact is None and (corrects := words.corrections.match(said)):
        read = _read_told(said[corrects.end() :], words, language, corrects=True)
    if has_code(read.content, words, language, codes):
        numbers = any(_digit(word, language) for word in read.content.casefold().split())
        return Told(asked=read.asked, secret=read.asked or read.fact is not None or numbers)
    if read.fact is None:
        return Told(asked=read.asked)
    fact = read.fact
    kept = Fact(read.content.strip(), fact.kind, fact.subject, fact.value, person, fact.event, source)
    return Told((kept,), read.asked)


def noted(text: str, language: str, codes: Collection[str] = ()) -> Told:
    """The same of a text that somebody wrote down to be remembered: it needs no "remember that"."""
    words = memory_words(language)
    if words is None:
        return Told((Fact(text.strip()),), asked=True) if text.strip() else NOTHING_TOLD
    said = told(text, language, codes=codes)
    if said.facts or said.secret:
        return said
    content = tidy(text)
    if not content.strip() or has_code(content, words, language, codes):
        return Told(asked=True, secret=bool(content.strip()))
    read = next(_readings(content, words, language, asked=True), _Read("note", value=content.strip()))
    return Told((Fact(content.strip(), read.kind, read.subject, read.value, event=read.event),), asked=True)


def has_code(text: str, words: MemoryWords, language: str, codes: Collection[str]) -> bool:
    """Whether a PIN is in it: by its name, or by its digits, spoken or written."""
    plain = f" {tidy(text).casefold()} "
    if any(f" {secret} " in plain for secret in words.words["secrets"]):
        return True
    digits = "".join(_digit(word, language) for word in plain.split())
    return any(code and code in digits for code in codes)


def subject_of(text: str, words: MemoryWords) -> str:
    """What two people would call the same thing: without "my" and "the", in lower case."""
    said = text.casefold().split()
    while len(said) > 1 and said[0] in words.words["determiners"]:
        said = said[1:]
    return " ".join(said).removesuffix("'s")


def date_of(text: str, words: MemoryWords, language: str) -> str | None:
    """`2026-05-03`, or `--05-03` where no year was said; None: no date."""
    found = words.date.match(tidy(text))
    if found is None:
        return None
    month = next((n for n, names in enumerate(words.months, 1) if slot(found, "month").casefold() in names), 0)
    said = slot(found, "day").casefold()
    day = int(re.sub(r"\D", "", said)) if said[0].isdigit() else day_words(language).get(said, 0)
    return f"{slot(found, 'year') or '-'}-{month:02}-{day:02}" if month and 1 <= day <= 31 else None


@dataclass(frozen=True, slots=True)
class _Read:
    kind: str
    subject: str = ""
    value: str = ""
    event: str | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    content: str
    """Without "remember that"."""
    asked: bool
    fact: _Read | None


def _read_told(said: str, words: MemoryWords, language: str, corrects: bool = False) -> _Statement:
    """The first pattern that fits; what we were asked to remember and no pattern knows is a note."""
    lead = words.lead.match(said)
    content = said[lead.end() :] if lead else said
    asked = lead is not None and bool(content)
    fact = next(_readings(content, words, language, asked or corrects), None) if content else None
    return _Statement(content, asked, fact or (_Read("note", value=content.strip()) if asked else None))


def _readings(content: str, words: MemoryWords, language: str, asked: bool) -> Iterator[_Read]:
    for pattern in words.facts:
        match = pattern.expression.match(content) if asked or pattern.bare else None
        read = _read(pattern, match, words, language) if match else None
        if read is not None:
            yield read


def _read(pattern: Pattern, match: re.Match[str], words: MemoryWords, language: str) -> _Read | None:
    thing, name = slot(match, "thing"), slot(match, "name")
    who, attribute = slot(match, "who"), slot(match, "attr")
    value = slot(match, "value") or name or slot(match, "place") or slot(match, "date") or thing
    subject = pattern.subject or subject_of(slot(match, "subject") or who or thing, words)
    if attribute:
        subject = f"{subject_of(who, words)} {attribute.casefold()}"
    event = date_of(slot(match, "date"), words, language) if slot(match, "date") else None
    if not subject or not _sensible(pattern.kind, subject, value, words):
        return None
    return _Read(pattern.kind, subject, value, event)


def _sensible(kind: str, subject: str, value: str, words: MemoryWords) -> bool:
    """No "call me later", no "I like it", nothing denied, nothing that holds for an hour only."""
    said = value.casefold().split()
    if words.words["negations"] & {*subject.split(), *said} or subject.split()[0] in words.words["not_first"]:
        return False
    if kind == "place":
        return len(said) > 2 or said[-1] not in words.words["transient"]  # "in bed", but not "under the bed"
    return said[0] not in words.words["not_names" if kind == "name" else "not_first"]


def _digit(word: str, language: str) -> str:
    if word.isdigit():
        return word
    number = day_words(language).get(word, -1)
    return str(number) if 1 <= number <= 9 else ""
