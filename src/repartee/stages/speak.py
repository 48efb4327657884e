"""Speak: the reply's words to sound, from its first audible sample on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import numpy as np

from repartee.core.audio import AudioChunk
from repartee.core.ports import AudioSink, Synthesizer
from repartee.core.spans import Trace

AUDIBLE = 100
"""Of a full scale of 32767: what is softer at the beginning is left out, a person would only hear it as waiting."""


async def speak(sound: AsyncIterator[AudioChunk], sink: AudioSink, trace: Trace, begun: Callable[[], None]) -> None:
    """Returns when the last sample was heard. Its span's `first` is the first audible sample at the sink.

    `begun` is called then: the person is no longer waiting.
    """
    with trace.span("speak") as span:
        try:
            async for chunk in audible(sound):
                if span.first is None:
                    begun()
                trace.first(span)
                await sink.play(chunk)
            await sink.drain()
        except BaseException:
            sink.stop()
            raise


class Prepared:
    """A reply's sound, made before it was certain that it would be wanted. A wrong guess leaves no trace."""

    def __init__(self) -> None:
        self._text = ""
        self._task: asyncio.Task[list[AudioChunk]] | None = None

    def guess(self, text: str, language: str, voice: Synthesizer) -> None:
        """Begins to make it; another guess than the one before replaces it."""
        if text == self._text:
            return
        self.drop()
        self._text = text
        if text:
            self._task = asyncio.create_task(_collected(voice, text, language))

    async def synthesize(self, text: str, language: str, voice: Synthesizer) -> AsyncIterator[AudioChunk]:
        """From what was prepared, where that was this text and it worked; else from the voice."""
        if self._task and text == self._text and self._task.done() and not self._task.exception():
            for chunk in self._task.result():
                yield chunk
            return
        self.drop()
        async for chunk in voice.synthesize(text, language):
            yield chunk

    def drop(self) -> None:
        if self._task:
            self._task.cancel()
        self._text, self._task = "", None


async def _collected(voice: Synthesizer, text: str, language: str) -> list[AudioChunk]:
    return [chunk async for chunk in voice.synthesize(text, language)]


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
