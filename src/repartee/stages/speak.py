"""Speak: the reply's words to sound, from its first audible sample on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import numpy as np

from repartee.core.audio import AudioChunk
from repartee.core.ports import AudioSink, Synthesizer
from repartee.core.spans import Trace

AUDIBLE = 100
"""Of a full scale of 32767: what is softer at the beginning is left out, a person would only hear it as waiting."""


async def speak(
    text: str, language: str, voice: Synthesizer, sink: AudioSink, trace: Trace, begun: Callable[[], None]
) -> None:
    """Returns when the last sample was heard. Its span's `first` is the first audible sample at the sink.

    `begun` is called then: the person is no longer waiting.
    """
    with trace.span("speak") as span:
        try:
            async for chunk in audible(voice.synthesize(text, language)):
                if span.first is None:
                    begun()
                trace.first(span)
                await sink.play(chunk)
            await sink.drain()
        except BaseException:
            sink.stop()
            raise


async def audible(chunks: AsyncIterator[AudioChunk]) -> AsyncIterator[AudioChunk]:
    """The same without the silence before the first sound."""
    begun = False
    async for chunk in chunks:
        if begun:
            yield chunk
            continue
        loud = np.flatnonzero(np.abs(chunk.samples.astype(np.int32)) > AUDIBLE)
        if len(loud):
            begun = True
            yield replace(chunk, samples=chunk.samples[loud[0] :], start=chunk.start + loud[0] / chunk.rate)
