"""Memory and language models, as the interpreting chain asks them. None of them need be there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repartee.core.duty import Duty
from repartee.core.errors import BadInput, EngineMissing
from repartee.core.link import Link
from repartee.core.ports import Embedder, LanguageModel, Memory
from repartee.engines.fallback import Breakers
from repartee.engines.fallback.language_model import GuardedModel
from repartee.engines.home.remembered import Remembered
from repartee.grammar.cache import Cache
from repartee.languages.data import languages, own_data
from repartee.stages.converse.answering import Answering, Manner
from repartee.stages.converse.memory_rules import memory_rule
from repartee.stages.converse.nearness import Nearness
from repartee.stages.converse.recall import Recall
from repartee.stages.converse.recollecting import Recollecting, Untold
from repartee.stages.understand.by_meaning import ByMeaning, Parse
from repartee.stages.understand.interpret import Rule

from .models import open_models
from .remembering import Batches, Remembering
from .settings import MemorySettings, Settings

log = logging.getLogger(__name__)
FILE = "memory.sqlite"
NOWHERE = Path(":memory:")
"""Where nothing is kept: gone with the process."""


@dataclass(frozen=True, slots=True)
class Conversing:
    """What knows more than the grammar."""

    memory: Memory | None = None
    remembered: Remembered | None = None
    """The memory as a back end: what is told and forgotten goes through plan and confirmation."""
    embedder: Embedder | None = None
    """Texts to points; shared by all who ask for meaning."""
    models: Mapping[str, LanguageModel] = field(default_factory=dict)
    """By role."""
    rules: tuple[Rule, ...] = ()
    links: tuple[Link, ...] = ()
    remembering: Remembering | None = None
    """Looks, after the reply, for facts in what was said; None: nobody does."""
    caches: Mapping[str, Cache[Any]] = field(default_factory=dict)
    """By their names in the contract."""

    @property
    def works(self) -> Sequence[tuple[Duty, Callable[[], Coroutine[Any, Any, None]]]]:
        """What goes on beside turns."""
        return [(self.remembering.duty, self.remembering.work)] if self.remembering else []


NONE = Conversing()


async def open_conversing(
    settings: Settings, data: Path | None, breakers: Breakers, stack: AsyncExitStack, parse: Parse
) -> Conversing:
    """Closed with `stack`. `data`: the folder of what is kept, if any; `parse`: what the grammar reads. Raises what
    `open_models` does."""
    embedder = open_embedder(settings)
    if embedder:
        stack.callback(embedder.close)
    memory = open_memory(settings.memory, data, embedder if settings.memory.meaning else None)
    recall = Recall(memory, settings.memory.results_ttl) if memory else None
    remembered = None
    if memory:
        stack.push_async_callback(memory.close)
        remembered = await stack.enter_async_context(Remembered(memory))
    models = {role: GuardedModel(m, breakers.of("llm", role)) for role, m in open_models(settings.llm).items()}
    for model in models.values():
        stack.callback(model.close)
    pin = settings.confirmation.pin.get_secret_value()
    codes = (pin,) if pin else ()
    answering = _answering(settings, models, recall, embedder, stack)
    links: list[Link] = [Recollecting(memory, recall)] if memory and recall else []
    if embedder and settings.brain.meaning:
        links.append(meaning := ByMeaning(embedder, parse))
        stack.callback(meaning.close)
    links += [answering] if answering else []
    return Conversing(
        memory,
        remembered,
        embedder,
        models,
        rules=(memory_rule(codes),) if memory else (),
        links=(*links, Untold()) if memory else tuple(links),
        remembering=_remembering(settings.memory, memory, models, codes),
        caches={"memory": recall.found} if recall else {},
    )


def _remembering(
    settings: MemorySettings, memory: Memory | None, models: Mapping[str, LanguageModel], codes: tuple[str, ...]
) -> Remembering | None:
    """The good model extracts, or the only one."""
    if memory is None or settings.extraction == "off":
        return None
    model = (models.get("good") or models.get("fast")) if settings.extraction == "llm" else None
    return Remembering(memory, model, Batches(settings.batch, settings.batch_wait), codes)


def _answering(
    settings: Settings,
    models: Mapping[str, LanguageModel],
    recall: Recall | None,
    embedder: Embedder | None,
    stack: AsyncExitStack,
) -> Answering | None:
    """The model that answers while somebody waits: the fast one, or the only one."""
    model, chosen = models.get("fast") or models.get("good"), settings.llm.fast or settings.llm.good
    if model is None or chosen is None:
        return None
    nearness = Nearness(embedder) if embedder else None
    if nearness:
        stack.callback(nearness.close)
    return Answering(
        model,
        recall,
        nearness,
        Manner(
            settings.memory.together, settings.llm.streaming, settings.llm.answers_ttl, chosen.max_tokens,
            chosen.first_within, chosen.stalled_after,
        ),
    )  # fmt: skip


def open_embedder(settings: Settings) -> Embedder | None:
    """None where it is not wanted or not installed. Nothing is loaded yet."""
    if not (settings.memory.meaning or settings.brain.meaning):
        return None
    from repartee.engines.embed import minilm

    try:
        return minilm.Engine(settings.memory.model)
    except EngineMissing as error:
        log.info("%s; facts and deeds are found by their words alone", error)
        return None


def open_memory(settings: MemorySettings, data: Path | None, embedder: Embedder | None) -> Memory | None:
    """None where it is not wanted, or the file can't be used: that is said, and the house goes on."""
    if not settings.on:
        return None
    from repartee.engines.memory import sqlite

    try:
        return sqlite.Engine(data / FILE if data else NOWHERE, embedder, _negations())
    except BadInput as error:
        log.error("nothing is remembered: %s", error)
        return None


def _negations() -> frozenset[str]:
    """Of all languages: two facts that differ in one are not the same."""
    return frozenset(word for language in languages() for word in own_data(language, "memory").get("negations", ()))
