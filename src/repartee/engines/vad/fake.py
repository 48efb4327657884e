"""A gate for tests and for silence machines: loud is speech."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Engine:
    frame = 512

    def __init__(self, loud: int = 500) -> None:
        """`loud`: full scale is 32767."""
        self._loud = loud

    def speech(self, frame: NDArray[np.int16]) -> float:
        return float(np.abs(frame.astype(np.int32)).mean() >= self._loud)

    def reset(self) -> None:
        """It remembers nothing."""
