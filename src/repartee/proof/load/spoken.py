"""What people say: recordings with what should become of them, and where their last voiced sample is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.proof.recordings import Recordings

FRAME = SAMPLE_RATE // 100
OVER_NOISE = 8.0
"""dB over the quiet of a recording from which on a frame counts as voiced."""
CHANGING = ("Timer", "List")
"""Intents (by a part of their name) that leave more behind each time they are carried out."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence as sound."""

    name: str
    samples: NDArray[np.int16]
    """16 kHz, from its first to its last sample; the silence after it is the room's."""
    voiced_until: float
    """Seconds."""
    text: str = ""
    """What is said; empty: nobody wrote it down."""
    area: str = ""
    plans: Sequence[Mapping[str, Any]] = ()
    """Any of which is right; empty: nobody said."""


def sentences(recordings: Recordings) -> list[Spoken]:
    """Those that can be said again and again in one home without meaning something else the next time."""
    folder = recordings.files[0].parent
    texts = {row["file"]: row.get("text", "") for row in _rows(folder / "manifest.jsonl")}
    expected = {row["file"]: row for row in _rows(folder / "expected.jsonl")}
    found = []
    for path in recordings.files:
        row = expected.get(path.name, {})
        if expected and (not row or _leaves_something(row)):
            continue
        samples = recordings.samples(path)
        until = voiced_until(samples)
        cut = samples[: int((until + 0.1) * SAMPLE_RATE)]
        found.append(Spoken(path.name, cut, until, texts.get(path.name, ""), row.get("area", ""), row.get("plans", ())))
    return found


def voiced_until(samples: NDArray[np.int16], rate: int = SAMPLE_RATE) -> float:
    """Seconds: the end of the last stretch of 30 ms that is clearly louder than the quiet of this sound."""
    frame = rate // 100
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels = 20 * np.log10(np.sqrt(np.mean(whole**2, axis=1)) + 1.0)
    floor = max(float(np.quantile(levels, 0.1)) + OVER_NOISE, float(levels.max()) - 35.0)
    loud = levels > floor
    steady = loud[:-2] & loud[1:-1] & loud[2:]
    last = np.flatnonzero(steady)
    return float((last[-1] + 3) * frame / rate) if len(last) else len(samples) / rate


def _leaves_something(row: Mapping[str, Any]) -> bool:
    names = [plan["intent"] for plan in row["plans"]]
    return bool(row["states"] or row["timers"] or any(part in name for name in names for part in CHANGING))


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
