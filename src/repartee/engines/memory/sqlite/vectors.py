"""One float32 matrix, a fact a row: as fast as the memory can be read, 0.5 ms for a thousand facts and more."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FIRST = 256
"""Rows to begin with; doubled when they are full."""


class VectorTable:
    """Rows of length 1 by the id of their fact."""

    def __init__(self, width: int) -> None:
        self._rows = np.zeros((FIRST, width), np.float32)
        self._ids: list[int] = []
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def put(self, id: int, vector: NDArray[np.float32]) -> None:
        place = self._places.get(id)
        if place is None:
            place = self._places[id] = len(self._ids)
            self._ids.append(id)
            if place == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[place] = vector

    def remove(self, ids: Iterable[int]) -> None:
        """The last row takes the place of each that goes."""
        for id in ids:
            place = self._places.pop(id, None)
            if place is None:
                continue
            last = self._ids.pop()
            if last != id:
                self._ids[place] = last
                self._places[last] = place
                self._rows[place] = self._rows[len(self._ids)]
            self._rows[len(self._ids)] = 0

    def nearest(self, vector: NDArray[np.float32], most: int) -> dict[int, float]:
        """The ids of the closest rows and their cosines."""
        count = len(self._ids)
        if not count:
            return {}
        cosines = self._rows[:count] @ vector
        best = np.argpartition(cosines, -most)[-most:] if count > most else np.arange(count)
        return {self._ids[place]: float(cosines[place]) for place in best}

    def cosines(self, ids: Iterable[int], vector: NDArray[np.float32]) -> dict[int, float]:
        """Of these rows, as far as they are here."""
        known = [id for id in ids if id in self._places]
        if not known:
            return {}
        places = [self._places[id] for id in known]
        return dict(zip(known, (self._rows[places] @ vector).tolist(), strict=True))
