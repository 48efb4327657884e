"""To the person, what they said of themselves: "my keys" are "your keys"."""

from __future__ import annotations

import re
from functools import lru_cache

from .data import own_data


def retold(text: str, language: str) -> str:
    """In a language without a table of such words: as it was said."""
    said = _said(language)
    if said is None:
        return text
    table = own_data(language, "memory")["perspective"]
    return said.sub(lambda match: str(table[match[1].casefold()]), text)


def first_person(text: str, language: str) -> bool:
    """Whether it speaks of the person who says it. A language without a table: nobody knows, so no."""
    said = _said(language)
    return said is not None and said.search(text) is not None


@lru_cache(maxsize=16)
def _said(language: str) -> re.Pattern[str] | None:
    table = own_data(language, "memory").get("perspective")
    if not table:
        return None
    longest = sorted(table, key=len, reverse=True)
    return re.compile(r"(?<![\w'])(" + "|".join(map(re.escape, longest)) + r")(?![\w'])", re.IGNORECASE)
