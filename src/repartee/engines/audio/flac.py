"""Sound kept without loss: FLAC files of 16 kHz, as the house hears it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import BadAudio


def write(path: Path, samples: NDArray[np.int16]) -> None:
    """Raises `OSError`."""
    try:
        sf.write(str(path), samples, SAMPLE_RATE, subtype="PCM_16", format="FLAC")
    except sf.LibsndfileError as error:
        raise OSError(str(error)) from error


def read(path: Path) -> NDArray[np.int16]:
    """Raises `BadAudio`."""
    try:
        samples, _ = sf.read(str(path), dtype="int16")
    except (OSError, sf.LibsndfileError) as error:
        raise BadAudio(f"{path}: can't be read ({error})") from error
    sound: NDArray[np.int16] = samples
    return sound
