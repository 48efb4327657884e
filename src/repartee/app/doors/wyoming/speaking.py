"""`synthesize`: text to sound, whole or as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.tts import SynthesizeVoice

from repartee.app.doors.speech import Speech
from repartee.assembly.voice_list import spoken
from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import BadInput

from .sending import Send


async def synthesize(speech: Speech, words: AsyncIterator[str], language: str | None, send: Send) -> None:
    """One `audio-start`, sound as it is made, one `audio-stop`; also where there is nothing to be said."""
    rate, position = 0, 0
    async with aclosing(speech.synthesize(words, language)) as sound:
        async for chunk in sound:
            if not rate:
                rate = chunk.rate
                await send(AudioStart(rate, 2, 1, timestamp=0))
            data = chunk.samples.astype("<i2", copy=False).tobytes()
            await send(AudioChunk(rate, 2, 1, data, timestamp=position * 1000 // rate))
            position += len(chunk.samples)
    if not rate:
        await send(AudioStart(SAMPLE_RATE, 2, 1, timestamp=0))
    await send(AudioStop(timestamp=position * 1000 // (rate or SAMPLE_RATE)))


def language_of(speech: Speech, voice: SynthesizeVoice | None) -> str | None:
    """The language that this voice speaks. Raises `BadInput` for one that there is not."""
    if voice is None or voice.name is None:
        return voice.language if voice else None
    listed = next((one for one in spoken(speech.assistant) if one.voice == voice.name), None)
    if listed is None:
        raise BadInput(f"there is no voice {voice.name[:40]!r}; `describe` lists them")
    return listed.language
