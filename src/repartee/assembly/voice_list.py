"""The voices there are, of every engine that has any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .assistant import Assistant


@dataclass(frozen=True, slots=True)
class Listed:
    engine: str
    voice: str
    language: str
    file: str = ""


def known_voices(files: Sequence[Path]) -> list[Listed]:
    """Neural ones first. Raises `BadInput` for a file of the settings that is no voice."""
    from repartee.engines.tts import espeak
    from repartee.engines.tts.piper.voice import VoiceFile, packaged

    read = [VoiceFile.read(path) for path in (*files, *packaged())]
    neural = [Listed("piper", file.name, file.language, str(file.path)) for file in read]
    return [*neural, *(Listed("espeak", name, language) for language, name in sorted(espeak.languages().items()))]


def spoken(assistant: Assistant) -> Sequence[Listed]:
    """The voices of the engine that speaks."""
    brain = assistant.settings.brain
    engine = assistant.engines.get("tts", "")
    found = [voice for voice in known_voices(brain.voices) if voice.engine == engine]
    return found or [Listed(engine, engine, brain.language)]
