"""`repartee say`: text to speech, to a file or to the loudspeaker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import soundfile as sf

from repartee.assembly.engines import first_available
from repartee.assembly.settings import Settings
from repartee.assembly.voice import engine_options
from repartee.core.errors import BadInput
from repartee.core.ports import AudioSink, Synthesizer
from repartee.stages.read_aloud import ReadAloud


def run(text: str, settings: Settings, output: Path | None) -> None:
    """Raises `BadInput` where the file can't be written or there is nothing to say."""
    brain = settings.brain
    _, engine = first_available("tts", [brain.tts, *brain.tts_otherwise], **engine_options(brain))
    if not text.strip():
        raise BadInput("there is nothing to say; give a text")
    asyncio.run(spoken(ReadAloud(engine), text, settings.brain.language, output))


async def spoken(voice: Synthesizer, text: str, language: str, output: Path | None) -> None:
    """To a file, or to the loudspeaker."""
    if output:
        await _write(voice, text, language, output)
    else:
        await _play(voice, text, language)


async def _write(voice: Synthesizer, text: str, language: str, output: Path) -> None:
    chunks = [chunk async for chunk in voice.synthesize(text, language)]
    if not chunks:
        raise BadInput(f"{text!r} has nothing that can be spoken")
    try:
        sf.write(str(output), np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate, "PCM_16")
    except (sf.LibsndfileError, OSError, ValueError, TypeError) as error:
        raise BadInput(f"{output}: can't be written as sound ({error}); name a .wav file") from error


async def _play(voice: Synthesizer, text: str, language: str) -> None:
    from repartee.engines.audio.microphone import Sink

    sink: AudioSink = Sink()
    async for chunk in voice.synthesize(text, language):
        await sink.play(chunk)
    await sink.drain()
