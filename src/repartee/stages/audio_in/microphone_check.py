"""What is wrong with a microphone: counted, and said in the log once. The sound itself is passed on as it is."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.ports import AudioSource

log = logging.getLogger(__name__)
FULL = 32_700
"""From here on a sample is at the end of the scale."""
CLIPPED = 0.01
"""Share of a second's samples at the end of the scale, from which on it is too loud."""
OFFSET = 1000.0
"""Mean of a second, full scale 32767."""
HUM = 300.0
"""Amplitude of 50 or 60 Hz in a second."""
HOLE = 0.02
"""Seconds missing between two chunks."""
ADVICE = {
    "clipped": "the microphone is too loud: lower its gain",
    "offset": "the microphone has a constant offset: its hardware or driver is at fault; speech is heard all the same",
    "hum": "the microphone hums with the mains: another cable or power supply helps; speech is heard all the same",
    "hole": "sound is missing: the device or the network stalls; what was being said is cut there",
    "mute": "the microphone gives only zeros: is it muted?",
}
_TIME = np.arange(SAMPLE_RATE) / SAMPLE_RATE
_MAINS = np.exp(-2j * np.pi * np.array([[50.0], [60.0]]) * _TIME)


class CheckedSource:
    """The sound of `source`; `faults` counts seconds (and holes) with something wrong, by name."""

    def __init__(self, source: AudioSource) -> None:
        self._source = source
        self.clock = source.clock
        self.faults: Counter[str] = Counter()
        self._second = np.zeros(SAMPLE_RATE, np.int16)
        self._filled = 0

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        end: float | None = None
        async for chunk in self._source:
            if end is not None and abs(chunk.start - end) > HOLE:
                self._fault("hole")
            end = chunk.end
            self._collect(chunk.samples)
            yield chunk

    def _collect(self, samples: NDArray[np.int16]) -> None:
        count = min(len(samples), SAMPLE_RATE - self._filled)
        self._second[self._filled : self._filled + count] = samples[:count]
        self._filled += count
        if self._filled == SAMPLE_RATE:
            self._filled = 0
            for name in faults(self._second):
                self._fault(name)

    def _fault(self, name: str) -> None:
        self.faults[name] += 1
        if self.faults[name] == 1:
            log.warning(ADVICE[name])


def faults(second: NDArray[np.int16]) -> list[str]:
    """What is wrong with one second of sound."""
    if not second.any():
        return ["mute"]
    sound = second.astype(np.float64)
    mean = float(sound.mean())
    mains = 2 * np.abs(_MAINS @ (sound - mean)) / SAMPLE_RATE
    wrong = {
        "clipped": float((np.abs(sound) >= FULL).mean()) >= CLIPPED,
        "offset": abs(mean) >= OFFSET,
        "hum": float(mains.max()) >= HUM,
    }
    return [name for name, is_so in wrong.items() if is_so]
