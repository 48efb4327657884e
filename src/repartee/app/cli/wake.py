"""`repartee wake`: where wake words are in recordings, and how often they are missed or seen where there are none."""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from repartee.assembly.settings import Audio
from repartee.assembly.wake import known_words, waking
from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.errors import BadAudio, BadInput
from repartee.core.poisson import upper_bound
from repartee.core.wake import Detection
from repartee.engines.audio import file
from repartee.stages.audio_in.wake import WakeDetector

from .options import Config, Json, chosen

MANIFEST = "manifest.jsonl"
AFTER = 0.5
"""Seconds of silence after the end of a file: a word is sure a moment after it was said."""
BLOCK = 320


def wake(
    files: Annotated[list[Path] | None, typer.Argument(help="Sound files.")] = None,
    words: Annotated[list[str] | None, typer.Option(help="Wake words to listen for, commas between.")] = None,
    evaluate: Annotated[
        Path | None, typer.Option(help="Folder with manifest.jsonl (or folders that have one): how well it hears.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Find wake words in recordings, or measure how well they are found."""
    audio = chosen(config).audio
    if (evaluate is None) == (not files):
        raise typer.BadParameter("give sound files, or --evaluate FOLDER")
    code = find(files or [], words, audio, json) if evaluate is None else evaluate_folder(evaluate, words, audio, json)
    raise typer.Exit(code)


def find(files: Sequence[Path], words: Sequence[str] | None, settings: Audio, json: bool) -> int:
    """0, or 1 when a file could not be read; the others are heard all the same."""
    ear, failed = waking(settings, listened_for(words, settings)), False
    for path in files:
        try:
            detections, _ = asyncio.run(heard(path, ear))
            _show(path, detections, json)
        except BadAudio as error:
            failed = True
            if json:
                print(jsonlib.dumps({"file": str(path), "detections": [], "error": str(error)}), flush=True)
            print(f"repartee: {error}", file=sys.stderr)
    return int(failed)


def evaluate_folder(folder: Path, words: Sequence[str] | None, settings: Audio, json: bool) -> int:
    names = listened_for(words, settings)
    ear, tally = waking(settings, names), Tally(tuple(names))
    for path, said in manifest(folder):
        tally.add(path, said, *asyncio.run(heard(path, ear)))
    print(jsonlib.dumps(tally.as_json(), indent=None if json else 2, ensure_ascii=False))
    return 0


def listened_for(words: Sequence[str] | None, settings: Audio) -> Sequence[str]:
    """Those given (commas between are fine, underscores too), else those of the settings, else all there are."""
    given = [part.strip() for word in words or [] for part in word.split(",") if part.strip()]
    if not given:
        return settings.wake_words or known_words(settings)
    return [word if word.endswith(".json") else word.replace("_", " ").lower() for word in given]


async def heard(path: Path, ear: WakeDetector) -> tuple[list[Detection], float]:
    """All detections in one recording, and its length in seconds. Raises `BadAudio`."""
    ear.start()
    found, end = [], 0.0
    source = file.Source(path)
    async for chunk in source:
        found.append(await ear.hear(chunk))
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
        row = jsonlib.loads(line)
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
        self.false += [{"file": str(path), **_view(hit)} for hit in confirmed if hit.word != said]

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


def _view(detection: Detection) -> dict[str, object]:
    return {
        "word": detection.word,
        "time_s": round(detection.fired, 3),
        "score": round(detection.score, 4),
        "confirmed": detection.confirmed,
    }


def _show(path: Path, detections: Sequence[Detection], json: bool) -> None:
    if json:
        rows = [_view(detection) for detection in detections]
        print(jsonlib.dumps({"file": str(path), "detections": rows}, ensure_ascii=False), flush=True)
        return
    for found in detections:
        doubt = "" if found.confirmed else "  (not confirmed)"
        print(f"{path}: {found.word} at {found.fired:.2f} s, score {found.score:.2f}{doubt}")
    if not detections:
        print(f"{path}: no wake word")
