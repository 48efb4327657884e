"""Contestants in a process of their own: our engines, and other libraries on the same machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np

from repartee.assembly.assistant import Assistant
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.home import Home
from repartee.core.intent import Context
from repartee.core.ports import Cursor, Synthesizer, Transcriber
from repartee.engines.stt.moonshine import bundled_model
from repartee.stages.understand.planning import decide

from .understanders import Recogniser, gazetteer, hassil
from .work import Item, Made


async def sound(item: Item) -> AsyncIterator[AudioChunk]:
    """All of it at once, as engines get it: voiced, then the end."""
    assert item.samples is not None
    for at in range(0, len(item.samples), 320):
        yield AudioChunk(item.samples[at : at + 320], SAMPLE_RATE, at / SAMPLE_RATE)
    yield AudioChunk(item.samples[:0], SAMPLE_RATE, len(item.samples) / SAMPLE_RATE, voiced=False)


class Ear:
    """One of our recognisers, steered by a home or not."""

    def __init__(
        self, engine: Callable[[], Transcriber], expect: Callable[[Item], Cursor | None] | None = None
    ) -> None:
        self._make, self._expect = engine, expect

    async def open(self) -> None:
        self._engine = self._make()
        await self._engine.warm()

    async def do(self, item: Item) -> Made:
        began, text = time.perf_counter(), ""
        async for hearing in self._engine.transcribe(sound(item), self._expect(item) if self._expect else None):
            best = max((h for h in hearing.home if h.finished), key=lambda h: h.log_likelihood, default=hearing.free)
            text = best.text
        return Made(text, done_ms=(time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        self._engine.close()


class OurEar:
    """The product's recogniser, steered by the home of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._stack = settings, AsyncExitStack()

    async def open(self) -> None:
        self._assistant = await self._stack.enter_async_context(open_assistant(self._settings))
        await self._assistant.warm()
        ear = self._assistant.models.ear
        self._ear = Ear(lambda: ear, self._expect)
        await self._ear.open()

    async def do(self, item: Item) -> Made:
        return await self._ear.do(item)

    async def close(self) -> None:
        await self._stack.aclose()

    def _expect(self, item: Item) -> Cursor | None:
        home = self._assistant.backend.home
        context = Context(_area(home, item.area), language=self._settings.brain.language)
        return self._assistant.understandings.of(home, context.language).expect(context)


class Whisper:
    """faster-whisper, with a model in a folder (CTranslate2's files)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self) -> None:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise EngineMissing("faster-whisper", "install faster-whisper (pip install faster-whisper)") from error
        self._model: Any = await asyncio.to_thread(
            WhisperModel, str(self._folder), device="cpu", compute_type="int8", cpu_threads=1
        )

    async def do(self, item: Item) -> Made:
        assert item.samples is not None
        began = time.perf_counter()
        floats = item.samples.astype(np.float32) / 32768

        def work() -> str:
            segments, _ = self._model.transcribe(floats, language="en", beam_size=1)
            return " ".join(segment.text.strip() for segment in segments)

        text = await asyncio.to_thread(work)
        return Made(text, done_ms=(time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        del self._model


class SphinxGrammar:
    """PocketSphinx with a grammar of just the sentences that are said: as easy as it can be made for it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._sentences = sentences

    async def open(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise EngineMissing("pocketsphinx", install("pocketsphinx")) from error
        decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")
        known = [text for text in map(_spoken, self._sentences) if all(decoder.lookup_word(w) for w in text.split())]
        grammar = "#JSGF V1.0; grammar g; public <s> = " + " | ".join(dict.fromkeys(known)) + ";"
        decoder.add_jsgf_string("g", grammar)
        decoder.activate_search("g")
        self._decoder: Any = decoder

    async def do(self, item: Item) -> Made:
        assert item.samples is not None
        began = time.perf_counter()
        self._decoder.start_utt()
        self._decoder.process_raw(item.samples.tobytes(), full_utt=True)
        self._decoder.end_utt()
        best = self._decoder.hyp()
        return Made(best.hypstr if best else "", done_ms=(time.perf_counter() - began) * 1000)

    async def close(self) -> None:
        del self._decoder


class Voice:
    """One of our voices."""

    def __init__(self, engine: Callable[[], Synthesizer]) -> None:
        self._make = engine

    async def open(self) -> None:
        self._engine = self._make()
        await self._engine.warm()

    async def do(self, item: Item) -> Made:
        began, first, seconds = time.perf_counter(), None, 0.0
        async for chunk in self._engine.synthesize(item.text, "en"):
            first = first or (time.perf_counter() - began) * 1000
            seconds += chunk.seconds
        return Made(first_ms=first, done_ms=(time.perf_counter() - began) * 1000, seconds=seconds)

    async def close(self) -> None:
        self._engine.close()


class Understander:
    """A recogniser of sentences, made of a home."""

    def __init__(self, make: Callable[[], Recogniser]) -> None:
        self._make = make

    async def open(self) -> None:
        self._recognise = self._make()

    async def do(self, item: Item) -> Made:
        began = time.perf_counter()
        answer = self._recognise(item.text, item.area)
        took = (time.perf_counter() - began) * 1000
        return Made(intent=answer[0], slots=answer[1], done_ms=took) if answer else Made(done_ms=took)

    async def close(self) -> None:
        """Nothing to give back."""


class OurUnderstanding:
    """The product's understanding of the home of the settings: what it would do at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._stack = settings, AsyncExitStack()

    async def open(self) -> None:
        self._assistant: Assistant = await self._stack.enter_async_context(open_assistant(self._settings))
        self._understanding = self._assistant.understandings.of(self._assistant.backend.home, "en")

    async def do(self, item: Item) -> Made:
        context = Context(_area(self._assistant.backend.home, item.area) or item.area)
        began = time.perf_counter()
        reading = decide(self._understanding.parse(item.text, context))
        took = (time.perf_counter() - began) * 1000
        if reading is None or not reading.parts or not reading.acts:
            return Made(done_ms=took)
        return Made(intent=reading.parts[0].intent.name, slots=reading.parts[0].intent.slots, done_ms=took)

    async def close(self) -> None:
        await self._stack.aclose()


def understander(name: str, home: Home) -> Understander:
    return Understander({"hassil": lambda: hassil(home), "gazetteer": lambda: gazetteer(home)}[name])


def moonshine() -> Transcriber:
    """The plain library's own model and greedy decoding: nothing of the home."""
    from repartee.engines.stt import moonshine as engine

    return engine.Engine(bundled_model())


def _area(home: Home, name: str | None) -> str | None:
    area = home.area_named(name) if name else None
    return area.id if area else None


def _spoken(text: str) -> str:
    from .work import plain

    return " ".join(plain(text))


NAMES: Mapping[str, str] = {
    "ours": "Repartee, steered by the home",
    "moonshine": "Moonshine tiny-en, free (nothing of the home)",
    "pocketsphinx": "PocketSphinx, a grammar of just these sentences",
    "hassil": "hassil, as Home Assistant calls it",
    "gazetteer": "gazetteer-matcher",
    "espeak": "eSpeak NG",
    "piper": "Piper's voice, decoded by us",
}
