"""A voice detector that fails: the next one listens to the same frames. With none left, what is loud counts as speech:
a microphone that hears too much is a nuisance, one that hears nothing is no assistant."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import NothingWorks
from repartee.core.ports import VoiceActivity

from .chain import Fallback

log = logging.getLogger(__name__)


class FallbackVad:
    """Satisfies `VoiceActivity`. Of one stream of sound; breakers may be shared with other streams."""

    def __init__(self, fallback: Fallback[VoiceActivity]) -> None:
        """Raises `NothingWorks` where no detector can be made."""
        self._spares = fallback
        self.frame = fallback.call(lambda engine: engine.frame)
        self._left: dict[int, NDArray[np.int16]] = {}
        """By engine: samples that do not fill a frame of its own yet."""
        self._last: dict[int, float] = {}
        self._said = False

    def speech(self, frame: NDArray[np.int16]) -> float:
        try:
            return self._spares.call(lambda engine: self._ask(engine, frame))
        except NothingWorks as error:
            if not self._said:
                log.error("%s; whatever is loud is taken for speech", error)
            self._said = True
            return 1.0

    def reset(self) -> None:
        self._left.clear()
        self._last.clear()
        for engine in self._spares.made:
            engine.reset()

    def _ask(self, engine: VoiceActivity, frame: NDArray[np.int16]) -> float:
        """A fallback may want frames of another size: it is asked when it has one, and meant what it said last."""
        if engine.frame == len(frame):
            return engine.speech(frame)
        samples = np.concatenate((self._left.get(id(engine), frame[:0]), frame))
        while len(samples) >= engine.frame:
            self._last[id(engine)] = engine.speech(samples[: engine.frame])
            samples = samples[engine.frame :]
        self._left[id(engine)] = samples
        return self._last.get(id(engine), 1.0)
