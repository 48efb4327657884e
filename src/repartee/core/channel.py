"""The one queue of the house, for the few places where two clocks meet."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """Bounded, one event loop, one consumer. Producers choose: `send` waits for room, `push` drops the oldest.

    Iterate to receive; the iteration ends once the channel is closed and empty.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a channel holds at least one item, not {capacity}")
        self.capacity = capacity
        self.dropped = 0
        """Items lost to a slow consumer."""
        self.closed = False
        self._items: deque[T] = deque()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._items)

    def push(self, item: T) -> None:
        """Never waits. From another thread, go through `loop.call_soon_threadsafe`."""
        if self.closed:
            return
        if len(self._items) == self.capacity:
            self._items.popleft()
            self.dropped += 1
        self._put(item)

    async def send(self, item: T) -> None:
        """Waits until there is room; nothing is dropped."""
        while len(self._items) == self.capacity and not self.closed:
            self._room.clear()
            await self._room.wait()
        if not self.closed:
            self._put(item)

    def close(self) -> None:
        """What is inside can still be received."""
        self.closed = True
        self._changed.set()
        self._room.set()

    def clear(self) -> None:
        """Throws away what is inside."""
        self._items.clear()
        self._room.set()

    def __aiter__(self) -> Channel[T]:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self.closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        item = self._items.popleft()
        self._room.set()
        return item

    def _put(self, item: T) -> None:
        self._items.append(item)
        self._changed.set()
