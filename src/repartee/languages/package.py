"""The public sentence data of Home Assistant's intents project, in the nearest of its languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from home_assistant_intents import get_intents

from .data import fallbacks


@lru_cache(maxsize=8)
def package_data(language: str) -> Mapping[str, Any] | None:
    """Sentences, lists and responses; those of `de` for `de-AT`. None for a language it does not have."""
    return next((found for tag in fallbacks(language) if (found := get_intents(tag)) is not None), None)
