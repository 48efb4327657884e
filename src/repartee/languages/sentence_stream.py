"""Text that arrives in pieces, out again as sentences: a voice can begin before the last word is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .data import data

LONGEST = 300
"""Characters of a sentence; a longer one is divided, at a comma or a space where it has one."""
CODE = "```\n```"
"""Stands for a block of code, whose lines are never given out."""
_FENCE = "```"
_STOP = re.compile(
    r"(?P<closed>(?<![.!?…])(?P<stop>[.!?…]++)[\"'”’»)\]*_]*+)\s++(?=\S)"
    r"|(?P<wide>(?<![。！？])[。！？]++(?=[^。！？]))"
    r"|(?<![ \t])[ \t]*+\n\s*+(?=\S)"
)
"""A full stop with what follows it, one of a language without spaces, or the end of a line."""
CLAUSES = (",;:，；：、", " \t\n")
"""What divides a sentence that is too long, best first."""
_CLAUSE = re.compile(r"[^\n]{20,}?[,;:，；：、](?=\s)\s*")
"""Words that make a clause, and the mark after them: a voice that pauses there sounds right."""
_LINE = frozenset("-*+#>|`~•0123456789")
"""What a line that is no continuation begins with."""
_SEEN = re.compile(r"\S")
_WORD = re.compile(r"\S+$")


class SentenceStream:
    """One text. What it gives out does not depend on where the pieces were cut."""

    def __init__(self, language: str, longest: int = LONGEST) -> None:
        self._short = _abbreviations(language)
        self._ordinal_dot = bool(data(language, "speech")["ordinal_dot"])
        self._longest = longest
        self._text = ""
        self._in_code = False

    def add(self, piece: str) -> Iterator[str]:
        """The sentences that are whole now. What follows a full stop decides whether it was one."""
        self._text += piece
        return self._whole()

    def end(self) -> Iterator[str]:
        """What is left."""
        yield from self._whole()
        if not self._in_code and self._text.strip():
            yield self._text.strip()
        self._text, self._in_code = "", False

    def clause(self) -> str | None:
        """The beginning of a sentence that is not whole yet, up to a comma: enough to begin to speak. It is given out
        once; what follows is the rest of that sentence."""
        text = self._text.lstrip()
        found = None if self._in_code or text.startswith(_FENCE) else _CLAUSE.match(text)
        if found is None:
            return None
        self._text = text[found.end() :]
        return found[0].rstrip()

    def _whole(self) -> Iterator[str]:
        while True:
            if self._in_code and not self._leave_code():
                return
            self._text = self._text.lstrip()
            if self._text.startswith(_FENCE):
                self._text, self._in_code = self._text[len(_FENCE) :], True
                yield CODE
                continue
            stop = self._stop()
            if stop is None:
                return
            sentence, self._text = self._text[:stop].strip(), self._text[stop:]
            yield sentence

    def _leave_code(self) -> bool:
        """Forgets the code; False while its end has not come."""
        before, mark, after = self._text.partition(_FENCE)
        self._text = after if mark else before[-(len(_FENCE) - 1) :]
        self._in_code = not mark
        return bool(mark)

    def _stop(self) -> int | None:
        """Where the first sentence ends; None while that is not known."""
        beyond = _SEEN.search(self._text, self._longest)
        for match in _STOP.finditer(self._text, 0, beyond.end() if beyond else len(self._text)):
            closed = match.end("closed") if match["closed"] else match.end() if match["wide"] else match.start()
            if closed > self._longest:
                break
            if self._ends(match):
                return match.end()
        return _cut(self._text, 0, self._longest, CLAUSES) if beyond else None

    def _ends(self, match: re.Match[str]) -> bool:
        """Whether it is the end of a sentence, and not of "Dr.", "3." or a line that goes on."""
        if match["wide"]:
            return True
        if match["stop"] is None:
            return match[0].count("\n") > 1 or self._text[match.end()] in _LINE
        word = _WORD.search(self._text, 0, match.start())
        if match["stop"] != "." or word is None:
            return True
        before = word[0].lstrip("(\"'«“")
        if before.isdecimal():
            return not self._ordinal_dot and word.start() > 0
        unit = self._text[: word.start()].rstrip()[-1:].isdecimal()
        initial = len(before) == 1 and before.isalpha() and not unit
        return not initial and f"{before}.".casefold() not in self._short


def _cut(text: str, begin: int, longest: int, marks: Iterable[str]) -> int:
    """After the last of these marks in the second half, those first that divide best; else anywhere."""
    for alike in marks:
        found = max(text.rfind(mark, begin + longest // 2, begin + longest) for mark in alike)
        if found >= 0:
            return found + 1
    return begin + longest


@lru_cache(maxsize=64)
def _abbreviations(language: str) -> frozenset[str]:
    speech = data(language, "speech")
    return frozenset(short.casefold() for key in ("abbreviations", "before_number") for short in speech[key])


def sentences_in(text: str, language: str) -> Iterator[str]:
    """Of a text that is there as a whole."""
    stream = SentenceStream(language)
    yield from stream.add(text)
    yield from stream.end()


def pieces_of(text: str, longest: int) -> Iterator[str]:
    """All of it, for a voice that takes only so many characters at once: divided where sentences or clauses end."""
    begin = 0
    while len(text) - begin > longest:
        end = _cut(text, begin, longest, (".!?…。！？\n", *CLAUSES))
        yield text[begin:end]
        begin = end
    if begin < len(text):
        yield text[begin:]
