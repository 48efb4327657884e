"""The page's own words: English stands in its files, `languages/*/page.json` has them in other languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from repartee.languages.data import ENGLISH, fallbacks, own_data


def page_words(wanted: Sequence[str], otherwise: str) -> dict[str, Any]:
    """`wanted`: language tags, the most wanted first; `otherwise`: the assistant's own language."""
    for tag in (*wanted, otherwise):
        base = (fallbacks(tag.strip()) or ("",))[-1]
        if base == ENGLISH:
            break
        if words := own_data(base, "page"):
            return {"language": tag.strip(), "words": dict(words)}
    return {"language": ENGLISH, "words": {}}
