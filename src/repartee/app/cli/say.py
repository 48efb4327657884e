"""`repartee say`: text to speech, to a file or to the loudspeaker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile as sf
import typer

from repartee.assembly.engines import first_available
from repartee.assembly.voice import engine_options
from repartee.core.errors import BadInput
from repartee.core.ports import AudioSink, Synthesizer
from repartee.core.untrusted import mended_text
from repartee.stages.read_aloud import ReadAloud

from .options import Config, Language, chosen


def say(
    text: Annotated[list[str], typer.Argument(help="What to speak.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a WAV file instead of playing.")] = None,
    language: Language = None,
    config: Config = None,
) -> None:
    """Speak a text."""
    said, brain = mended_text(" ".join(text)), chosen(config, language=language).brain
    _, engine = first_available("tts", [brain.tts, *brain.tts_otherwise], **engine_options(brain))
    if not said.strip():
        raise BadInput("there is nothing to say; give a text")
    asyncio.run(spoken(ReadAloud(engine), said, brain.language, output))


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
