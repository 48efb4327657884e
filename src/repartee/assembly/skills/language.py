"""What our own skills say and know in each language: all of it stands beside their sentences, in the same files.

A file has `intents`, `lists` and `expansion_rules` as the sentence data do, and two keys more: `responses`, the reply
templates, and `words`, what else a skill must know of the language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SENTENCES = Path(__file__).parent / "sentences"
"""A folder a language."""


def languages() -> tuple[str, ...]:
    return tuple(sorted(folder.name for folder in SENTENCES.iterdir() if folder.is_dir()))


def sentences(language: str) -> Path | None:
    """The folder of our own sentences in this language; None where nobody has written any yet."""
    folder = SENTENCES / language.partition("-")[0]
    return folder if folder.is_dir() else None


@cache
def responses(language: str) -> Mapping[str, Mapping[str, str]]:
    """Intent to response key to template."""
    found: dict[str, Mapping[str, str]] = {}
    for data in _files(language):
        for intent, templates in data.get("responses", {}).items():
            found[intent] = {"default": templates} if isinstance(templates, str) else templates
    return found


@cache
def words_of(language: str, key: str) -> Mapping[str, str]:
    """Words by their meaning; English ones where the language has none."""
    for known in (language, "en"):
        found = {k: v for data in _files(known) for k, v in data.get("words", {}).get(key, {}).items()}
        if found:
            return found
    return {}


@cache
def word_list(language: str, key: str) -> frozenset[str]:
    """Words that mean this, with the English ones: names at home often are."""
    own = language.partition("-")[0]
    found = [word.casefold() for known in {own, "en"} for data in _files(known) for word in _list(data, key)]
    return frozenset(found)


def _list(data: Mapping[str, Any], key: str) -> list[str]:
    listed: list[str] = data.get("words", {}).get(key, [])
    return listed


@cache
def _files(language: str) -> tuple[Mapping[str, Any], ...]:
    folder = sentences(language)
    paths = sorted(folder.glob("*.json")) if folder else []
    return tuple(json.loads(path.read_text("utf-8")) for path in paths)
