"""What the bench plays: recordings of people, or, without any, speech that the product makes itself (and says so)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from repartee.contract import Origin
from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import BadInput
from repartee.core.ports import Synthesizer

SENTENCES = (
    "turn on the kitchen lights",
    "what time is it",
    "set a timer for five minutes",
    "is the front door locked",
)
QUIET = 1.5
"""Seconds of silence after a sentence, so that it can be over."""


@dataclass(frozen=True, slots=True)
class Recordings:
    files: Sequence[Path]
    origin: Origin
    home: Path | None
    """The home in which they are said; None: the demo home."""
    beside: Path | None = None
    """Folder of further recordings, by kind: talk, wake words, noise, rooms (docs/performance-testing.md)."""

    def samples(self, path: Path) -> NDArray[np.int16]:
        """16 kHz."""
        sound, rate = sf.read(str(path), dtype="float32", always_2d=True)
        mono = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE)
        pcm: NDArray[np.int16] = (np.clip(mono, -1, 1) * 32767).astype(np.int16)
        return pcm


def recorded(folder: Path, home: Path | None = None) -> Recordings:
    """Sound files in a folder. Its manifest.jsonl says what they are (`kind`); without one they are taken for real.
    Raises `BadInput` for a folder without any."""
    files = sorted(p for p in folder.glob("*") if p.suffix in (".wav", ".flac", ".ogg", ".mp3"))
    if not files:
        raise BadInput(f"{folder}: no recordings (.wav, .flac, .ogg, .mp3) there")
    kinds = _kinds(folder / "manifest.jsonl")
    made = any(kinds.get(path.name, "real") != "real" for path in files)
    return Recordings(files, Origin.SYNTHETIC if made else Origin.REAL, home, folder.absolute().parent)


def shared() -> Recordings | None:
    """The recordings that the project's test data holds, where it is at hand (`REPARTEE_SHARED`)."""
    place = os.environ.get("REPARTEE_SHARED")
    folder = Path(place) / "audio" / "home_commands" if place else None
    if folder is None or not folder.is_dir():
        return None
    home = folder.parents[1] / "homes" / "recorded_40.json"
    return recorded(folder, home if home.is_file() else None)


async def synthesised(voice: Synthesizer, folder: Path) -> Recordings:
    """Spoken by our own voice into `folder`."""
    files = []
    for number, sentence in enumerate(SENTENCES):
        chunks = [chunk async for chunk in voice.synthesize(sentence, "en")]
        sound = np.concatenate([chunk.samples for chunk in chunks])
        quiet = np.zeros(int(QUIET * chunks[0].rate), np.int16)
        files.append(folder / f"{number}.wav")
        sf.write(str(files[-1]), np.concatenate([quiet[: len(quiet) // 3], sound, quiet]), chunks[0].rate)
    return Recordings(files, Origin.SYNTHETIC, None)


def _kinds(manifest: Path) -> dict[str, str]:
    if not manifest.is_file():
        return {}
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {row["file"]: row.get("kind", "real") for row in rows}
