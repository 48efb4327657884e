"""A language model behind its breaker: one that failed again and again is not waited for every time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from repartee.core.breaker import Breaker, CircuitOpen
from repartee.core.errors import ModelAway
from repartee.core.ports import LanguageModel
from repartee.core.prompt import Prompt


class GuardedModel:
    """Satisfies `LanguageModel`."""

    def __init__(self, model: LanguageModel, breaker: Breaker) -> None:
        self.model, self._breaker = model, breaker

    async def warm(self) -> None:
        await self.model.warm()

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        try:
            with self._breaker:
                async with aclosing(self.model.generate(prompt)) as pieces:
                    async for piece in pieces:
                        yield piece
        except CircuitOpen as error:
            raise ModelAway(str(error)) from error

    def close(self) -> None:
        self.model.close()
