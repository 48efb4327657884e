"""Wake words in recordings: how often one is missed, how often one is noticed that nobody said, and how soon."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from repartee.assembly.settings import Audio
from repartee.assembly.wake import known_words, waking
from repartee.contract import Provenance
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadInput, EngineMissing
from repartee.core.poisson import upper_bound
from repartee.core.wake import Detection
from repartee.engines.audio import file
from repartee.stages.audio_in.wake import WakeDetector
from repartee.stages.audio_in.word_end import AFTER as AFTER_WORD
from repartee.stages.audio_in.word_end import BEFORE, end_of_word

from .results import Taken
from .sounds import Samples, load

MANIFEST = "manifest.jsonl"
AFTER = 0.5
"""Seconds of silence after the end of a file: a word is sure a moment after it was said."""
BLOCK = 320
LIVED, TOGETHER = 25, 6
"""Recordings that are played at the pace of life, for their latencies; so many at once: it costs next to nothing."""
SAID = ("wake_alexa", "wake_mixed")
NOT_SAID = ("negative_names", "negative_words", "negative_other_wake_words", "negative_smart_mirror", "noise", "digits",
            "home_commands", "read_speech", "wake_computer", "wake_jarvis_alone")  # fmt: skip
"""Folders beside the commands in which one of our words is said, and in which none is."""


async def measure_wakes(base: Path, settings: Audio, provenance: Provenance, until: float) -> list[Taken]:
    """Half of the time each for what is said and for what is not. Nothing where the engine is not installed."""
    try:
        words = known_words(settings)
        ear = waking(settings, words)
    except EngineMissing:
        return []
    fast = replace(provenance, pace="fast")
    missed = Taken("quality", "wake words that were missed", fast, {"what": "wake_missed"})
    first = Taken("wake_first_stage", "from the end of the wake word to its notice", provenance)
    sure = Taken("wake_confirmed", "from the end of the wake word until it is sure", provenance)
    silent = Tally(tuple(words))
    middle = time.monotonic() + max(0.0, until - time.monotonic()) / 2
    said = _evenly(base, SAID, words)
    while (some := list(islice(said, TOGETHER))) and (not missed.samples or time.monotonic() < middle):
        lived = len(first.samples) < LIVED
        ears = [waking(settings, words) for _ in some]
        heard_ = await asyncio.gather(
            *(heard(path, one, realtime=lived) for (path, _), one in zip(some, ears, strict=True))
        )
        for (path, word), (found, _) in zip(some, heard_, strict=True):
            hits = [hit for hit in found if hit.confirmed and hit.word == word]
            missed.samples.append(100.0 * (not hits))
            for hit in hits[:1] if lived else ():
                if (ended := end_of(load(path), hit.fired)) is not None:
                    first.samples.append(max(0.0, hit.fired - ended) * 1000)
                    sure.samples.append(max(0.0, hit.settled - ended) * 1000)
    for path, word in _evenly(base, NOT_SAID, ()):
        silent.add(path, word, *await heard(path, ear))
        if time.monotonic() > until:
            break
    hours = silent.seconds / 3600
    false = Taken("wake_false_accepts", f"wake words that nobody said, in {hours:.2f} h of sound", fast)
    if hours:
        false.samples.append(len(silent.false) / hours)
    return [missed, first, sure, false]


def end_of(samples: Samples, fired: float) -> float | None:
    """Seconds at which the word ended that was noticed then, where the sound around it shows that."""
    begin = max(0, round((fired - BEFORE) * SAMPLE_RATE))
    padded = np.concatenate([samples, np.zeros(SAMPLE_RATE // 2, np.int16)])
    around = padded[begin : round((fired + AFTER_WORD) * SAMPLE_RATE)]
    end = end_of_word(around, round(fired * SAMPLE_RATE) - begin)
    return None if end is None else (begin + end) / SAMPLE_RATE


def _evenly(base: Path, folders: Sequence[str], words: Sequence[str]) -> Iterator[tuple[Path, str | None]]:
    """Of each folder in turn; with `words` only what says one of them."""
    rows = []
    for name in folders:
        if (base / name / MANIFEST).is_file():
            all_ = [(p, w) for p, w in manifest(base / name) if p.is_file() and (not words or w in words)]
            rows.append([all_[n] for n in sorted(range(len(all_)), key=lambda n: f"{n:012b}"[::-1])])
    for number in range(max(map(len, rows), default=0)):
        yield from (row[number] for row in rows if number < len(row))


async def heard(path: Path, ear: WakeDetector, *, realtime: bool = False) -> tuple[list[Detection], float]:
    """All detections in one recording, and its length in seconds. Raises `BadAudio`. `realtime`: at the pace of life,
    so that when a word was settled holds what that took."""
    ear.start()
    found: list[Detection | None] = []
    end, source = 0.0, file.Source(path, realtime=realtime)
    async for chunk in source:
        hit = await ear.hear(chunk)
        found.append(replace(hit, settled=source.clock.now()) if hit and realtime else hit)
        end = chunk.end
    silence = np.zeros(BLOCK, np.int16)
    starts = [end + number * BLOCK / SAMPLE_RATE for number in range(int(AFTER * SAMPLE_RATE / BLOCK))]
    found += [await ear.hear(AudioChunk(silence, SAMPLE_RATE, start)) for start in starts]
    return [detection for detection in found if detection], end


def manifest(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Each recording of a folder and the wake word that is said in it. Raises `BadInput` where there is no manifest."""
    manifests = [folder / MANIFEST] if (folder / MANIFEST).is_file() else sorted(folder.glob(f"*/{MANIFEST}"))
    if not manifests:
        raise BadInput(f"{folder}: no {MANIFEST} here or in a folder below; one line a recording: file, wake_word")
    for path in manifests:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.strip():
                row = _row(line, f"{path}:{number}")
                yield path.parent / row["file"], row.get("wake_word")


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("file"), str):
        raise BadInput(f"{where}: an object with `file` is needed (and `wake_word` where one is said)")
    return row


@dataclass
class Tally:
    """Hits, misses and false accepts over recordings. Only confirmed detections count."""

    words: tuple[str, ...]
    files: int = 0
    said: int = 0
    seconds: float = 0.0
    """Of all sound."""
    missed: list[str] = field(default_factory=list)
    false: list[dict[str, object]] = field(default_factory=list)

    def add(self, path: Path, said: str | None, detections: Sequence[Detection], seconds: float) -> None:
        """`said`: a word that we do not listen for is none of ours."""
        self.files += 1
        self.seconds += seconds
        confirmed = [detection for detection in detections if detection.confirmed]
        if said in self.words:
            self.said += 1
            if all(detection.word != said for detection in confirmed):
                self.missed.append(str(path))
        self.false += [{"file": str(path), **view(hit)} for hit in confirmed if hit.word != said]

    def as_json(self) -> dict[str, object]:
        hours = self.seconds / 3600
        return {
            "words": list(self.words),
            "files": self.files,
            "said": self.said,
            "missed": len(self.missed),
            "miss_rate_percent": round(100 * len(self.missed) / self.said, 2) if self.said else None,
            "false_accepts": len(self.false),
            "hours": round(hours, 4),
            "false_per_hour": round(len(self.false) / hours, 3) if hours else None,
            "false_per_hour_upper_95": round(upper_bound(len(self.false)) / hours, 3) if hours else None,
            "missed_files": self.missed,
            "false_files": self.false,
        }


def view(detection: Detection) -> dict[str, object]:
    return {
        "word": detection.word,
        "time_s": round(detection.fired, 3),
        "score": round(detection.score, 4),
        "confirmed": detection.confirmed,
    }
