"""The voice of the settings: the engine that speaks, those that speak where it fails, and what was said already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from repartee.core.ports import Synthesizer
from repartee.engines.fallback import Breakers, FallbackSynthesizer
from repartee.engines.speech_cache import CachedVoice, Speech
from repartee.engines.speech_cache.folder import SpeechFolder
from repartee.grammar.cache import Cache
from repartee.stages.read_aloud import ReadAloud

from .engines import with_fallback
from .settings import Brain

MEMORY = 20_000_000
"""Bytes of sound kept in memory: some seven minutes."""
ENTRIES = 2_000
FOREVER = 365 * 86_400.0
"""Seconds: what was said does not grow old, it only goes for lack of room."""
NEURAL = frozenset({"piper", "wyoming"})
"""Engines that cost more than a look into the memory; eSpeak begins after a tenth of a millisecond."""


@dataclass(frozen=True, slots=True)
class OpenVoice:
    engine: str
    """The name of the one that speaks."""
    voice: Synthesizer
    said: Cache[Speech]
    """What was said already; its statistics feed the metric of the cache `tts_audio`. Never asked for eSpeak."""
    remembered: CachedVoice | None
    """Where `prepare` and `clear` are; None for eSpeak."""


def open_voice(brain: Brain, breakers: Breakers, data: Path | None) -> OpenVoice:
    """`data`: the folder of what is kept; None: sound is remembered in memory alone. Raises `EngineMissing`."""
    options = engine_options(brain)
    name, engines = with_fallback("tts", [brain.tts, *brain.tts_otherwise], breakers, **options)
    said = Cache[Speech](ENTRIES, MEMORY, FOREVER)
    voice = ReadAloud(FallbackSynthesizer(engines))
    first = engines.fallback[0]
    if name not in NEURAL:
        return OpenVoice(name, voice, said, None)
    folder = SpeechFolder(data / "speech", int(brain.speech_cache_mb * 1e6)) if data and brain.speech_cache_mb else None
    identity = f"{name} {options.get('words_per_minute')} {' '.join(map(_content, brain.voices))}{brain.tts_server}"
    first.made = remembered = CachedVoice(first.engine, identity, said, folder)  # what another one says is not kept
    return OpenVoice(name, voice, said, remembered)


def engine_options(brain: Brain) -> Mapping[str, Any]:
    """What the engine that is wanted takes."""
    if brain.tts == "wyoming":
        return {"server": brain.tts_server}
    if brain.tts == "espeak":
        return {"words_per_minute": brain.words_per_minute}
    return {"words_per_minute": brain.words_per_minute, "voices": brain.voices} if brain.tts == "piper" else {}


def _content(path: Path) -> str:
    """Of a voice file: another file under the same name is another voice."""
    stat = path.stat()
    return sha256(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()[:16]
