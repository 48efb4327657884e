"""What the door has to offer: the answer to `describe`."""

from __future__ import annotations

from typing import Final

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    IntentModel,
    IntentProgram,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

from repartee import __version__
from repartee.assembly.assistant import Assistant
from repartee.assembly.engines import module
from repartee.assembly.voice_list import spoken
from repartee.assembly.wake import known_words
from repartee.core.errors import EngineMissing
from repartee.languages.data import languages

US: Final = Attribution("Repartee", "https://pypi.org/project/repartee-voice/")


def info(assistant: Assistant) -> Info:
    """As far as the settings of the door allow."""
    wyoming = assistant.settings.doors.wyoming
    found = Info()
    if "listen" in wyoming.scopes:
        found.asr, found.wake = [_asr(assistant)], _wake(assistant)
    if "speak" in wyoming.scopes:
        found.tts = [_tts(assistant)]
    if "act" in wyoming.scopes:
        if wyoming.intent:
            found.intent = [_intent()]
        else:
            found.handle = [_handle()]
    return found


def word_id(word: str) -> str:
    """`okay nabu` as `okay_nabu`."""
    return word.replace(" ", "_")


def _asr(assistant: Assistant) -> AsrProgram:
    engine = assistant.engines.get("stt", "")
    heard = getattr(module("stt", engine), "LANGUAGES", ()) or (assistant.settings.brain.language,)
    model = AsrModel(engine, US, True, f"{engine}, steered by what this home can hear", __version__, list(heard))
    return AsrProgram(
        "repartee", US, True, "Repartee", __version__, [model],
        supports_transcript_streaming=True,
        requires_external_vad=not assistant.settings.doors.wyoming.early,
        prefers_auto_gain_enabled=False,
        prefers_noise_reduction_enabled=False,
    )  # fmt: skip


def _tts(assistant: Assistant) -> TtsProgram:
    listed = [
        TtsVoice(voice.voice, US, True, f"{voice.voice} ({voice.engine})", __version__, [voice.language])
        for voice in spoken(assistant)
    ]
    return TtsProgram("repartee", US, True, "Repartee", __version__, listed, supports_synthesize_streaming=True)


def _wake(assistant: Assistant) -> list[WakeProgram]:
    try:
        words = known_words(assistant.settings.audio)
    except EngineMissing:
        return []
    models = [WakeModel(word_id(word), US, True, word, __version__, ["en"], word) for word in words]
    return [WakeProgram("repartee", US, True, "Repartee", __version__, models)]


def _handle() -> HandleProgram:
    model = HandleModel("repartee", US, True, "What the home understands", __version__, list(languages()))
    return HandleProgram(
        "repartee", US, True, "Repartee", __version__, [model],
        supports_handled_streaming=True, supports_home_control=True,
    )  # fmt: skip


def _intent() -> IntentProgram:
    model = IntentModel("repartee", US, True, "What the home understands", __version__, list(languages()))
    return IntentProgram("repartee", US, True, "Repartee", __version__, [model])
