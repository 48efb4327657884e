"""Another's recording of a session: what the microphone and the loudspeaker gave, of any assistant, closed ones too.

From the last voiced sample of a sentence to the first audible sample of the reply. One file with both as two channels,
or two files that were begun at the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import BadAudio

FRAME = SAMPLE_RATE // 100
PAUSE = 0.7
"""Seconds of quiet that end a sentence; shorter ones are inside it."""
SHORTEST = 0.2
"""Seconds of a sentence: less is a click."""
LONGEST = 15.0
"""Seconds within which a reply belongs to the sentence before."""
RINGS = 0.4
"""Seconds for which a room goes on sounding after the loudspeaker, and its sound is late at the microphone."""
OVER = 10.0
"""dB over the quiet of a recording."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound; seconds."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Answered:
    """One sentence, and the reply to it."""

    said: Stretch
    reply: Stretch | None

    @property
    def ms(self) -> float | None:
        """From the last voiced sample to the first audible one."""
        return (self.reply.begin - self.said.end) * 1000 if self.reply else None


def read(microphone: Path, loudspeaker: Path | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both at 16 kHz. Raises `BadAudio`."""
    first = _read(microphone)
    if loudspeaker is None:
        if first.shape[1] < 2:
            raise BadAudio(f"{microphone}: one channel; give the loudspeaker's recording as a second file or channel")
        return first[:, 0], first[:, 1]
    return first.mean(axis=1), _read(loudspeaker).mean(axis=1)


def answers(microphone: NDArray[np.float32], loudspeaker: NDArray[np.float32]) -> list[Answered]:
    """Sentences in order. What the microphone hears while the loudspeaker sounds (and a moment longer) is taken for the
    loudspeaker, so a person who speaks over a reply is not seen."""
    replies, alone = stretches(loudspeaker), microphone.copy()
    for heard in replies:
        alone[int(heard.begin * SAMPLE_RATE) : int((heard.end + RINGS) * SAMPLE_RATE)] = 0
    said = stretches(alone)
    found = []
    for number, one in enumerate(said):
        until = min(said[number + 1].begin if number + 1 < len(said) else np.inf, one.end + LONGEST)
        reply = next((r for r in replies if one.end - 0.05 <= r.begin < until), None)
        found.append(Answered(one, reply))
    return found


def stretches(sound: NDArray[np.float32]) -> list[Stretch]:
    """Where there is sound, with short pauses bridged."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)) + 1e-5)
    floor = max(float(np.quantile(levels, 0.1)) + OVER, float(levels.max(initial=-100.0)) - 40.0, -70.0)
    loud = np.flatnonzero(levels > floor)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > PAUSE * 100)
    begins, ends = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, len(loud) - 1]] + 1
    rows = [Stretch(float(b) / 100, float(e) / 100) for b, e in zip(begins, ends, strict=True)]
    return [row for row in rows if row.end - row.begin >= SHORTEST]


def _read(path: Path) -> NDArray[np.float32]:
    try:
        wave, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadAudio(f"{path}: {error}") from error
    resampled: NDArray[np.float32] = soxr.resample(wave, rate, SAMPLE_RATE)
    return resampled
