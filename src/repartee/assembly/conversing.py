"""Memory and language models, as the interpreting chain asks them. None of them need be there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repartee.core.errors import BadInput, EngineMissing
from repartee.core.link import Link
from repartee.core.ports import Embedder, LanguageModel, Memory
from repartee.engines.home.remembered import Remembered
from repartee.grammar.cache import Cache
from repartee.languages.data import languages, own_data
from repartee.stages.converse.memory_rules import memory_rule
from repartee.stages.converse.recall import Recall
from repartee.stages.converse.recollecting import Recollecting, Untold
from repartee.stages.understand.interpret import Rule

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
    caches: Mapping[str, Cache[Any]] = field(default_factory=dict)
    """By their names in the contract."""


NONE = Conversing()


async def open_conversing(settings: Settings, data: Path | None, stack: AsyncExitStack) -> Conversing:
    """Closed with `stack`. `data`: the folder of what is kept, if any."""
    embedder = open_embedder(settings.memory)
    if embedder:
        stack.callback(embedder.close)
    memory = open_memory(settings.memory, data, embedder)
    if memory is None:
        return Conversing(embedder=embedder)
    stack.push_async_callback(memory.close)
    remembered = await stack.enter_async_context(Remembered(memory))
    recall = Recall(memory, settings.memory.results_ttl)
    pin = settings.confirmation.pin.get_secret_value()
    return Conversing(
        memory,
        remembered,
        embedder,
        rules=(memory_rule((pin,) if pin else ()),),
        links=(Recollecting(memory, recall), Untold()),
        caches={"memory": recall.found},
    )


def open_embedder(settings: MemorySettings) -> Embedder | None:
    """None where it is not wanted or not installed. Nothing is loaded yet."""
    if not settings.meaning:
        return None
    from repartee.engines.embed import minilm

    try:
        return minilm.Engine(settings.model)
    except EngineMissing as error:
        log.info("%s; facts are found by their words alone", error)
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
