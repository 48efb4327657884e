"""Reads a language's files. A tag falls back: `pt-BR`, then `pt`, then (where that helps) English."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

ENGLISH = "en"
_HERE = files(__package__)
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,8}))*")


@cache
def languages() -> tuple[str, ...]:
    """The tags that have a folder."""
    return tuple(sorted(folder.name for folder in _HERE.iterdir() if (folder / "phrases.json").is_file()))


@lru_cache(maxsize=256)
def fallbacks(language: str) -> tuple[str, ...]:
    """The tags to look under, nearest first: `pt-BR`, `pt`. Empty for what is no tag at all."""
    match = _TAG.fullmatch(language)
    if match is None:
        return ()
    base, region = match[1].lower(), match[2]
    if not region:
        return (base,)
    return (f"{base}-{region.title() if len(region) == 4 else region.upper()}", base)  # scripts have four letters


@lru_cache(maxsize=1024)
def own_data(language: str, kind: str) -> Mapping[str, Any]:
    """One file of a language, what its region says before what all say; empty where there is none."""
    found: dict[str, Any] = {}
    for tag in reversed(fallbacks(language)):
        file = _HERE / tag / f"{kind}.json"
        if file.is_file():
            found.update(json.loads(file.read_text("utf-8")))
    return found


@lru_cache(maxsize=1024)
def data(language: str, kind: str) -> Mapping[str, Any]:
    """The same, with English for what is missing. Only for what is said: English words understand no other language."""
    return {**own_data(ENGLISH, kind), **own_data(language, kind)}


def sentences(language: str) -> Path | None:
    """The folder of our own sentence templates in this language; None where there are none."""
    for tag in fallbacks(language):
        folder = _HERE / tag / "sentences"
        if folder.is_dir():
            with as_file(folder) as path:  # the package is never run from a zip file
                return path
    return None
