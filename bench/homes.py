"""Homes for measuring: those of a file, put together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repartee.core.home_file import HomeFile, home_from
from repartee.proof.large_home import enlarged

__all__ = ["enlarged", "merged", "read_homes"]


def merged(homes: Mapping[str, Any]) -> HomeFile:
    """All homes of a file as one: a thing of the same name and domain is there once."""
    parts: dict[str, dict[tuple[Any, ...], Any]] = {"floors": {}, "areas": {}, "entities": {}}
    for home in homes.values():
        for part, rows in parts.items():
            for row in home[part]:
                rows.setdefault((row["name"], row.get("domain")), row)
    return home_from({part: list(rows.values()) for part, rows in parts.items()}, "merged")


def read_homes(path: Path) -> dict[str, Any]:
    homes: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return homes
