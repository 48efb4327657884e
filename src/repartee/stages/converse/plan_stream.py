"""A bound answer as it comes: what is to be said can be said before the rest is there; deeds only once all is there."""

from __future__ import annotations

import json
import re

_SAYING = re.compile(r'\s*\{\s*"deeds"\s*:\s*\[\s*\]\s*,\s*"say"\s*:\s*"')
"""How an answer begins in which nothing is to be done."""
_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n?")
_WHOLE = re.compile(r'(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*')
"""Of a JSON string, the characters that are whole."""
_HALF = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")
"""The first half of a character that is written in two."""


class PlanStream:
    """One answer. Prose of a model that can't be held to a form is something to say, and nothing else."""

    def __init__(self) -> None:
        self.text = ""
        """All that has come."""
        self._said = 0
        """Characters of `text` that were given out, where it is one to be said."""

    def add(self, piece: str) -> str:
        """What may be said of it now."""
        self.text += piece
        if self.prose:
            said, self._said = self.text[self._said :], len(self.text)
            return said
        found = _SAYING.match(self.text)
        return self._string(found.end()) if found else ""

    @property
    def prose(self) -> bool:
        begun = self.text.lstrip()
        return bool(begun) and begun[0] not in "{`"

    @property
    def plan(self) -> str:
        """The whole answer, without what models put around JSON."""
        fence = _FENCE.match(self.text)
        return self.text[fence.end() :].rstrip().removesuffix("```") if fence else self.text

    def _string(self, begin: int) -> str:
        start = max(begin, self._said)
        whole = _WHOLE.match(self.text, start)
        assert whole is not None
        raw = whole[0]
        if half := _HALF.search(raw):
            raw = raw[: half.start()]
        self._said = start + len(raw)
        return str(json.loads(f'"{raw}"', strict=False)).encode("utf-8", "replace").decode()
