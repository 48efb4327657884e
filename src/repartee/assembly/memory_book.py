"""The memory as its people see it, at the page and the command line: listed, searched, told, corrected, forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from repartee.core.errors import BadInput
from repartee.core.memory import Fact, Query, Recollection
from repartee.core.ports import Memory
from repartee.engines.store.database import lock
from repartee.stages.converse.questions import asked
from repartee.stages.converse.statements import noted

from .assistant import data_folder
from .conversing import open_embedder, open_memory
from .kept_data import STORE
from .settings import Settings


@dataclass(frozen=True, slots=True)
class MemoryBook:
    """Of one memory."""

    memory: Memory
    codes: Collection[str] = ()
    """Digits that are never kept."""

    async def facts(self, past: bool = False) -> Sequence[Fact]:
        """Oldest first. `past`: also what does not hold any more."""
        return [fact for fact in await self.memory.export() if past or fact.until is None]

    async def find(self, text: str, language: str, most: int = 5) -> Sequence[Recollection]:
        wish = asked(text, language)
        return await self.memory.search(replace(wish.query, limit=most) if wish else Query(text, limit=most))

    async def tell(self, text: str, language: str) -> Sequence[Fact]:
        """Raises `BadInput` for a code, and for what says nothing."""
        said = noted(text, language, self.codes)
        if said.secret:
            raise BadInput("codes are not kept")
        if not said.facts:
            raise BadInput("there is nothing to remember in that")
        return await self.memory.add(said.facts)

    async def correct(self, id: int, text: str, language: str) -> Fact:
        """What it says instead. What was so before ends now and is kept as past, where the fact has a subject."""
        before = await self._known(id)
        said = noted(text, language, self.codes)
        if said.secret or not said.facts:
            raise BadInput("codes are not kept" if said.secret else "there is nothing to remember in that")
        new = said.facts[0]
        if new.key != before.key:
            await self.memory.forget([id])
        return (await self.memory.add([replace(new, person=before.person)]))[0]

    async def forget(self, ids: Sequence[int] | None) -> int:
        """None: everything. Raises `BadInput` where one of them is not there; then nothing is forgotten."""
        if ids is not None:
            known = {fact.id for fact in await self.memory.export()}
            if lost := [id for id in ids if id not in known]:
                raise BadInput(f"there is no fact {lost[0]}")
        return await self.memory.forget(ids)

    async def _known(self, id: int) -> Fact:
        fact = next((fact for fact in await self.memory.export() if fact.id == id), None)
        if fact is None:
            raise BadInput(f"there is no fact {id}")
        return fact


@asynccontextmanager
async def open_book(settings: Settings, *, writes: bool) -> AsyncIterator[MemoryBook]:
    """Of the data folder. Raises `BadInput` where nothing is kept; for writing, also while an assistant is at work."""
    folder = data_folder(settings)
    if folder is None or not settings.memory.on:
        raise BadInput("nothing is remembered: `data` in [system] is `-`, or `on` in [memory] is false")
    with ExitStack() as stack:
        if writes:
            stack.callback(lock(folder / STORE).release)
        embedder = open_embedder(settings) if settings.memory.meaning else None
        if embedder:
            stack.callback(embedder.close)
        memory = open_memory(settings.memory, folder, embedder)
        if memory is None:
            raise BadInput(f"the memory in {folder} can't be read")
        try:
            pin = settings.confirmation.pin.get_secret_value()
            yield MemoryBook(memory, (pin,) if pin else ())
        finally:
            await memory.close()
