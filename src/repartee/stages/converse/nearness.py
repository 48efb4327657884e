"""How close in meaning a sentence is to the names of a home. Names are embedded once, while nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from repartee.core.home import Entity, Home
from repartee.core.ports import Embedder

AT_ONCE = 16
"""Names embedded in one go; a question comes between two of them."""
MOST = 5_000
"""Names; 1.5 kB each."""


class Nearness:
    """Of one embedder."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._rows: dict[str, NDArray[np.float32]] = {}
        self._learning: asyncio.Task[None] | None = None

    async def near(self, text: str, home: Home) -> Mapping[str, float]:
        """Entity id to cosine, for the names known so far; the others are learnt after it."""
        known = [
            (entity.id, row) for entity in home.entities if (row := self._rows.get(_named(entity, home))) is not None
        ]
        self._learn(home)
        if not known:
            return {}
        vector = (await self._embedder.embed([text]))[0]
        cosines = np.stack([row for _, row in known]) @ vector
        return {entity: float(cosine) for (entity, _), cosine in zip(known, cosines, strict=True)}

    async def learnt(self) -> None:
        """Returns when what was begun to be learnt is known."""
        if self._learning:
            await asyncio.wait({self._learning})

    def close(self) -> None:
        if self._learning:
            self._learning.cancel()

    def _learn(self, home: Home) -> None:
        names = dict.fromkeys(_named(entity, home) for entity in home.entities)
        lacking = [name for name in names if name not in self._rows][: MOST - len(self._rows)]
        if lacking and (self._learning is None or self._learning.done()):
            self._learning = asyncio.create_task(self._embed(lacking))

    async def _embed(self, names: list[str]) -> None:
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            self._rows.update(zip(some, await self._embedder.embed(some), strict=True))


def _named(entity: Entity, home: Home) -> str:
    """With its kind and room: "Tall One, a light in Hall"."""
    area = home.area_by_id.get(entity.area or "")
    return f"{entity.name}, {entity.domain.replace('_', ' ')}" + (f" in {area.name}" if area else "")
