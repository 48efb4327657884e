"""A language model for tests: says what it was told to say, piece by piece."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable

from repartee.core.prompt import Prompt

Answers = Callable[[Prompt], str]


class Engine:
    def __init__(self, answer: str | Answers = "I don't know.", first: float = 0.0, each: float = 0.0) -> None:
        """`first`, `each`: seconds until the first piece, and until each other."""
        self._answer, self._first, self._each = answer, first, each
        self.prompts: list[Prompt] = []
        """What it was asked."""

    async def warm(self) -> None:
        """Nothing to load."""

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        self.prompts.append(prompt)
        text = self._answer(prompt) if callable(self._answer) else self._answer
        await asyncio.sleep(self._first)
        for piece in _pieces(text)[: prompt.max_tokens]:
            yield piece
            await asyncio.sleep(self._each)

    def close(self) -> None:
        """Nothing to give back."""


def _pieces(text: str) -> list[str]:
    """Words with the spaces before them."""
    return re.findall(r"\s*\S+", text)
