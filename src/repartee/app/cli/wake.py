"""`repartee wake`: where wake words are in recordings, and how often they are missed or seen where there are none."""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from repartee.assembly.settings import Audio
from repartee.assembly.wake import known_words, waking
from repartee.core.errors import BadAudio
from repartee.core.wake import Detection
from repartee.proof.wakes import Tally, heard, manifest, view

from .options import Config, Json, chosen


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


def _show(path: Path, detections: Sequence[Detection], json: bool) -> None:
    if json:
        rows = [view(detection) for detection in detections]
        print(jsonlib.dumps({"file": str(path), "detections": rows}, ensure_ascii=False), flush=True)
        return
    for found in detections:
        doubt = "" if found.confirmed else "  (not confirmed)"
        print(f"{path}: {found.word} at {found.fired:.2f} s, score {found.score:.2f}{doubt}")
    if not detections:
        print(f"{path}: no wake word")
