"""A detector of wake words that fails has heard nothing; one that only confirms then believes the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import NothingWorks
from repartee.core.ports import WakeWord

from .chain import Fallback


class FallbackWakeWord:
    """Satisfies `WakeWord`."""

    def __init__(self, engine: WakeWord, fallback: Fallback[WakeWord], otherwise: float = 0.0) -> None:
        """`fallback`: the engine behind its breaker. `otherwise`: the probability of each word while it fails."""
        self._engine, self._spares = engine, fallback
        self._otherwise = dict.fromkeys(engine.words, otherwise)

    @property
    def words(self) -> Sequence[str]:
        return self._engine.words

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        try:
            return self._spares.call(lambda engine: engine.spot(samples))
        except NothingWorks:
            return self._otherwise

    def reset(self) -> None:
        self._engine.reset()
