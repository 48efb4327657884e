"""Settings that belong to a profile's promises: taken where a person asks for them (`defaults` in [contract])."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from repartee.contract import load_profile

if TYPE_CHECKING:
    from .settings import Settings

SETTING: Mapping[str, tuple[str, str]] = {
    "cache_size": ("system", "cache_entries"),
    "cache_intent_mb": ("system", "cache_mb"),
    "search_cache_ttl_s": ("memory", "results_ttl"),
    "confidence_threshold": ("brain", "confidence_threshold"),
    "max_context_history": ("brain", "max_context_history"),
    "max_concurrent_tasks": ("system", "max_concurrent_tasks"),
    "event_queue_size": ("system", "event_queue_size"),
    "cache_tts_audio_mb": ("brain", "speech_cache_mb"),
    "database_query_timeout_s": ("system", "store_timeout"),
    "database_connect_timeout_s": ("system", "store_busy"),
}
"""Default of a profile to the setting that it is."""
NOT_HERE: Mapping[str, str] = {
    "database_pool": "SQLite: one connection writes, one reads",
    "database_recycle_h": "SQLite's connections do not grow old",
    "cache_api_mb": "no API is asked: what the home is like comes by subscription",
    "cache_database_mb": "SQLite keeps its own page cache",
    "buffer_size": "sound comes in frames of 20 ms, whatever the sound card's buffer is",
    "sample_rate": "models hear 16 kHz; whatever comes is converted",
    "silence_threshold": "what is silence is told by the room's own noise, not by a fixed level",
}
"""Default to why there is no such setting."""


def with_defaults(settings: Settings) -> Settings:
    """Those of the chosen profile, where nothing else was said."""
    for name, value in load_profile(settings.contract.profile).defaults.items():
        section, key = SETTING.get(name, ("", ""))
        part = getattr(settings, section, None)
        if part is not None and key not in part.model_fields_set:
            changed = type(part)(**{**part.model_dump(exclude_unset=True), key: value})
            settings = settings.model_copy(update={section: changed})
    return settings
