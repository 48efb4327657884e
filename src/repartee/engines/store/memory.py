"""Remembers the last turns until the program ends: for those who want nothing on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from repartee.core.turn import TurnRecord


class MemoryStore:
    """Satisfies `TurnStore`."""

    connections = 0

    def __init__(self, turns: int = 1000) -> None:
        self._turns: deque[TurnRecord] = deque(maxlen=turns)

    def record(self, turn: TurnRecord) -> None:
        self._turns.append(turn)

    async def recent(self, limit: int) -> Sequence[TurnRecord]:
        return list(reversed(self._turns))[:limit]

    async def close(self) -> None:
        """Nothing is kept."""
