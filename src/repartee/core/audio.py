"""Sound as the house passes it on: mono 16-bit PCM in chunks that know when they were said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz. What recognisers and gates are fed; sources convert to it."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of mono sound."""

    samples: NDArray[np.int16]
    """Shape (n,), full scale ±32767."""
    rate: int
    """Hz."""
    start: float
    """Seconds since the source began, on the source's own clock."""
    voiced: bool = True
    """Whether the gate found speech in it; True where no gate has looked yet."""
    unclear: bool = False
    """Whoever listens does not know yet what was said up to here: another look is worth its time."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def end(self) -> float:
        """Seconds since the source began."""
        return self.start + self.seconds
