"""The engines that have something to load: the recogniser and the voice, each with those that stand in for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repartee.core.ports import Synthesizer, Transcriber, VoiceActivity
from repartee.engines.fallback import Breakers, Fallback, FallbackTranscriber, FallbackVad
from repartee.grammar.cache import Cache
from repartee.stages.audio_in.noise_gate import GatedVad
from repartee.stages.read_aloud import ReadAloud, WholeSpeech

from .engines import fallback_engine, with_fallback
from .footprint import Footprints
from .settings import Brain, Settings
from .voice import open_voice

VAD_OTHERWISE = "webrtc"


@dataclass(frozen=True, slots=True)
class AudioModels:
    """What hears and speaks for all sessions."""

    ear: Transcriber
    voice: Synthesizer
    names: Mapping[str, str]
    """Kind to engine name, as chosen after what is missing was passed over."""
    breakers: Breakers = field(default_factory=Breakers)
    caches: Mapping[str, Cache[Any]] = field(default_factory=dict)
    """By their names in the contract."""

    def vad(self) -> VoiceActivity:
        """A new detector of speech, for one stream of sound."""
        wanted = dict.fromkeys((self.names["vad"], VAD_OTHERWISE))
        engines = [fallback_engine("vad", name, self.breakers) for name in wanted]
        return GatedVad(FallbackVad(Fallback("vad", engines)))


def open_audio_models(
    settings: Settings, breakers: Breakers, data: Path | None, footprints: Footprints, stack: AsyncExitStack
) -> AudioModels:
    """Closed with `stack`; weights are loaded when first needed. `data`: the folder of what is kept, if any."""
    brain = settings.brain
    with footprints.loading("stt"):
        stt, ears = with_fallback("stt", [brain.stt, *brain.stt_otherwise], breakers, **_stt_options(brain))
    ear = FallbackTranscriber(ears)
    stack.callback(ear.close)
    with footprints.loading("tts"):
        spoken = open_voice(brain, breakers, data)
    stack.callback(spoken.voice.close)
    with footprints.loading("vad"):
        vad, _ = with_fallback("vad", [settings.audio.vad, VAD_OTHERWISE], breakers)
    voice = ReadAloud(spoken.voice)
    names = {"stt": stt, "vad": vad, "understanding": brain.understanding, "tts": spoken.engine}
    return AudioModels(
        ear, voice if settings.speed.stream else WholeSpeech(voice), names, breakers, {"tts_audio": spoken.said}
    )


def _stt_options(brain: Brain) -> dict[str, Any]:
    if brain.stt == "wyoming":
        return {"server": brain.stt_server, "language": brain.language}
    width = {"width": brain.stt_width} if brain.stt == "moonshine" else {}
    return width | ({"model": brain.stt_model} if brain.stt_model else {})
