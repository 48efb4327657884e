"""How many requests are answered at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from .refusals import Refusal

T = TypeVar("T")


class Admission:
    """Of one door; one too many is told to come back."""

    def __init__(self, most: int) -> None:
        self._most, self._now = most, 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Raises `Refusal` where there are enough."""
        if self._now >= self._most:
            raise Refusal(f"{self._most} requests are being answered; try again", 429, code="rate_limit_exceeded")
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1

    async def held(self, answer: AsyncIterator[T]) -> AsyncIterator[T]:
        """An answer that is being streamed counts until its end."""
        self._now += 1
        try:
            async for piece in answer:
                yield piece
        finally:
            self._now -= 1
