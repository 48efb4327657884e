"""Speak: words to sound as they come, sentence by sentence, through one loudspeaker, one thing after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from itertools import islice

import numpy as np

from repartee.core.audio import AudioChunk
from repartee.core.ports import AudioSink, Synthesizer
from repartee.core.spans import Trace
from repartee.languages.sentence_stream import SentenceStream, sentences_in

AUDIBLE = 100
"""Of a full scale of 32767: what is softer at the beginning is left out, a person would only hear it as waiting."""
AHEAD = 2
"""Sentences of a reply that are made before it is certain that it will be wanted."""


async def once(text: str) -> AsyncGenerator[str, None]:
    """A finished text as a stream of one."""
    if text:
        yield text


async def sentences(words: AsyncIterator[str], language: str) -> AsyncIterator[str]:
    """Whole sentences, each as soon as it is complete; what is left at the end is one, too. Of words that come piece by
    piece the first clause will do to begin with."""
    stream, pieces, begun = SentenceStream(language), 0, False
    async for piece in words:
        pieces += 1
        for sentence in stream.add(piece):
            begun = True
            yield sentence
        if not begun and pieces > 1 and (clause := stream.clause()):
            begun = True
            yield clause
    for sentence in stream.end():
        yield sentence


class SpeechQueue:
    """Says one thing after the other: replies and announcements, in the order in which they come.

    An error of speaking reaches who asked for it.
    """

    def __init__(self, sink: AudioSink) -> None:
        self._sink = sink
        self._free = asyncio.Lock()

    async def say(
        self, sound: AsyncIterator[AudioChunk], trace: Trace, begun: Callable[[], None] = lambda: None
    ) -> None:
        """Returns when the last sample was heard; cancelled, it is silent at once."""
        async with self._free:
            await speak(sound, self._sink, trace, begun)


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
        self._made: dict[str, asyncio.Task[list[AudioChunk]]] = {}
        """By sentence."""

    def guess(self, text: str, language: str, voice: Synthesizer) -> None:
        """Begins to make it; another guess than the one before replaces it."""
        if text == self._text:
            return
        self.drop()
        self._text = text
        for sentence in islice(sentences_in(text, language), AHEAD):
            self._made[sentence] = asyncio.create_task(_collected(voice, sentence, language))

    async def synthesize(
        self, words: AsyncIterator[str], language: str, voice: Synthesizer
    ) -> AsyncIterator[AudioChunk]:
        """Sentences that were prepared, and worked, from there; the others from the voice."""
        async for sentence in sentences(words, language):
            made = self._made.get(sentence)
            if made and made.done() and not made.cancelled() and not made.exception():
                for chunk in made.result():
                    yield chunk
                continue
            async for chunk in voice.synthesize(sentence, language):
                yield chunk
        self.drop()

    def drop(self) -> None:
        for task in self._made.values():
            task.cancel()
        self._text, self._made = "", {}


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
