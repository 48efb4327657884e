"""What the parts beside a turn take: long-term memory, speech said before, a language model where one is set."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from repartee.assembly.models import open_models
from repartee.contract import Origin
from repartee.core.errors import EngineMissing, ModelError
from repartee.core.memory import Fact, Query
from repartee.core.ports import Embedder, LanguageModel
from repartee.core.prompt import Message, Prompt, Role
from repartee.engines.memory.sqlite import Engine as Memory
from repartee.engines.speech_cache import CachedVoice
from repartee.engines.speech_cache.folder import SpeechFolder
from repartee.grammar.cache import Cache
from repartee.languages.sentence_stream import SentenceStream
from repartee.stages.converse.statements import told

from .results import Taken
from .stages import REPLY, Stand

FACTS, TIMES = 1_000, 50
PLACES = ("the cellar", "the attic", "the office", "the hall", "the shed", "the garage", "the pantry")
LONG_ANSWER = Prompt(
    (Message(Role.USER, "Say in three sentences what a lamp is for."),), max_tokens=60, first_within=60.0
)


async def measure_memory(stand: Stand, folder: Path) -> list[Taken]:
    """A thousand facts, with the embedding model where it is installed. Facts and questions are generated."""
    embedder = _embedder()
    made_up = replace(stand.provenance, origin=Origin.SYNTHETIC)
    with_ = "with meaning" if embedder else "by words alone"
    found = Taken("memory_retrieval", f"one of {FACTS} facts found, {with_}", made_up)
    kept = Taken("memory_extraction", "what was told extracted and on disk", made_up)
    memory = Memory(folder / "bench-memory.sqlite", embedder)
    facts = [Fact(f"the box number {n} is in {PLACES[n % len(PLACES)]}") for n in range(FACTS)]
    for start in range(0, FACTS, 500):
        await memory.add(facts[start : start + 500])
    for n in range(TIMES):
        found.samples.append(await _ms(partial(memory.search, Query(f"where is the box number {n * 7}"))))
        kept.samples.append(await _ms(partial(_tell, memory, f"remember that my key {n} is in a bag")))
    await memory.close()
    return [found, kept]


async def _tell(memory: Memory, text: str) -> None:
    await memory.add(told(text, "en").facts)


def _embedder() -> Embedder | None:
    try:
        from repartee.engines.embed.minilm import Engine

        return Engine()
    except EngineMissing:
        return None


async def measure_said_before(stand: Stand, folder: Path) -> Taken:
    """The first audio of a reply that was said before, from memory."""
    voice = CachedVoice(stand.assistant.models.voice, "bench", Cache(), SpeechFolder(folder / "speech"))
    taken = Taken("tts_cached", "the first audio of a reply that was said before", stand.provenance)
    async for _ in voice.synthesize(REPLY, "en"):
        pass
    for _ in range(TIMES):
        taken.samples.append(await _ms(lambda: _first(voice.synthesize(REPLY, "en"))))
    return taken


async def measure_language_model(stand: Stand) -> list[Taken]:
    """The fast model of the settings, prefix warm; nothing where none is set, or it does not answer."""
    models = open_models(stand.assistant.settings.llm)
    try:
        return await _answers(stand, models["fast"]) if "fast" in models else []
    except ModelError:
        return []
    finally:
        for model in models.values():
            model.close()


async def _answers(stand: Stand, model: LanguageModel) -> list[Taken]:
    await model.warm()
    token = Taken("llm_first_token", "first token, prefix warm", stand.provenance)
    audible = Taken("llm_first_audio", "first sentence of a streamed answer audible", stand.provenance)
    for _ in range(TIMES // 2):
        began, stream, said = time.perf_counter(), SentenceStream("en"), False
        async for piece in model.generate(LONG_ANSWER):
            if len(token.samples) <= len(audible.samples):
                token.samples.append((time.perf_counter() - began) * 1000)
            for sentence in stream.add(piece):
                if not said:
                    await _first(stand.assistant.models.voice.synthesize(sentence, "en"))
                    audible.samples.append((time.perf_counter() - began) * 1000)
                    said = True
        if not said:
            audible.samples.append((time.perf_counter() - began) * 1000)
    return [token, audible]


async def _first(chunks: AsyncIterator[object]) -> None:
    async for _ in chunks:
        return


async def _ms(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000
