"""The ring between a sound card's thread and the loop: one writer, one reader, no lock, no memory made anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Ring:
    """Keeps the newest `capacity` samples. A writer never waits: a slow reader loses the oldest, and they are counted.

    Without a lock because `written` is only ever changed by the writer and `read` by the reader, each after it has
    touched the samples; the reader looks again after copying, for the writer may have come round meanwhile.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring holds at least one sample, not {capacity}")
        self._samples = np.zeros(capacity, np.int16)
        self.written = 0
        """Samples since the beginning."""
        self.position = 0
        """Samples read or lost since the beginning: the number of the next one."""
        self.lost = 0

    def __len__(self) -> int:
        """Samples that can be read."""
        return min(self.written - self.position, len(self._samples))

    def write(self, samples: NDArray[np.int16]) -> None:
        """The writer's. More than fits: the last of it."""
        capacity, kept = len(self._samples), samples[-len(self._samples) :]
        at = (self.written + len(samples) - len(kept)) % capacity
        first = min(len(kept), capacity - at)
        self._samples[at : at + first] = kept[:first]
        self._samples[: len(kept) - first] = kept[first:]
        self.written += len(samples)

    def take(self, most: int) -> NDArray[np.int16]:
        """The reader's: a copy of the next samples, fewer where there are fewer; `position` is then after them."""
        while True:
            self._skip_lost()
            begin = self.position
            taken = self._copy(begin, min(begin + most, self.written))
            if self.written - begin <= len(self._samples):
                self.position = begin + len(taken)
                return taken

    def before(self, position: int, count: int) -> NDArray[np.int16]:
        """The reader's: up to `count` samples that end at `position`, as far as they are still there (pre-roll)."""
        while True:
            begin = max(0, position - count, self.written - len(self._samples))
            kept = self._copy(begin, max(begin, min(position, self.written)))
            if self.written - begin <= len(self._samples):
                return kept

    def _skip_lost(self) -> None:
        behind = self.written - len(self._samples) - self.position
        if behind > 0:
            self.lost += behind
            self.position += behind

    def _copy(self, begin: int, end: int) -> NDArray[np.int16]:
        capacity = len(self._samples)
        at, count = begin % capacity, end - begin
        first = min(count, capacity - at)
        return np.concatenate([self._samples[at : at + first], self._samples[: count - first]])
