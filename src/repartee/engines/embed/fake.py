"""Vectors for tests: a text's letters, three at a time, hashed. Shared spelling lies close; no meaning is known."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray


class Engine:
    name = "letters"
    width = 256

    async def warm(self) -> None:
        """Nothing to load."""

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.casefold()} "
            for at in range(len(padded) - 2):
                vectors[row, crc32(padded[at : at + 3].encode("utf-8", "replace")) % self.width] += 1
        lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors / lengths

    def close(self) -> None:
        """Nothing to give back."""
