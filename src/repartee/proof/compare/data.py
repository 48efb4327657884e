"""What is compared on: recordings with their words, sentences with their meaning, texts to speak, questions."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repartee.core.errors import BadInput
from repartee.proof.load.spoken import voiced_until
from repartee.proof.recordings import recorded, shared

from .work import Item, Task

SPOKEN = (
    "Okay.", "Done.", "It is 21 degrees.", "The front door is locked.", "Turned on the lights in the living room.",
    "Your timer for ten minutes is over.", "I can't do that at sunset yet; shall I do it now?",
    "The kitchen lights are on and the blinds are closing.", "Tomorrow will be sunny with a light wind from the west.",
    "The washing machine will be finished in twenty minutes.",
)  # fmt: skip
WORDS = ("okay nabu", "hey jarvis", "hey mycroft", "alexa")
"""Wake words that are compared: those that models are commonly there for."""
QUESTIONS = (
    "How high is the Eiffel tower?", "Why is the sky blue?", "What can I cook with eggs and rice?",
    "Say in one sentence what a heat pump is.", "What is the capital of Canada?",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the items come from."""

    recordings: str = ""
    """Folder with a manifest.jsonl (`file`, `text`, `wake_word`); empty: the shared ones."""
    sentences: str = ""
    """JSON lines with `sentence`, `intent`, `slots`, `context`; or plain text, a sentence a line."""
    most: int = 0
    """Items; 0: all."""


def items_of(task: Task, wanted: Wanted) -> list[Item]:
    """Raises `BadInput` where there are none."""
    if task in (Task.HEAR, Task.TURN, Task.WAKE):
        items = _recorded(wanted, task)
    elif task is Task.UNDERSTAND:
        items = _sentences(wanted)
    else:
        texts = _lines(Path(wanted.sentences)) if wanted.sentences else SPOKEN if task is Task.SPEAK else QUESTIONS
        items = [Item(text[:40], text) for text in texts]
    if not items:
        raise BadInput(f"nothing to compare on for {task}")
    return _spread(items, wanted.most)


def _recorded(wanted: Wanted, task: Task) -> list[Item]:
    """Of one folder; of wake words also its neighbours (`*/manifest.jsonl`)."""
    root = Path(wanted.recordings) if wanted.recordings else None
    if root is None:
        found = shared()
        if found is None:
            raise BadInput("no recordings: give --recordings FOLDER (sound files and a manifest.jsonl)")
        root = found.files[0].parent.parent if task is Task.WAKE else found.files[0].parent
    manifests = sorted(root.glob("*/manifest.jsonl")) if task is Task.WAKE else [root / "manifest.jsonl"]
    if (root / "manifest.jsonl").is_file():
        manifests = [root / "manifest.jsonl"]
    return [item for path in manifests for item in _folder(path, task)]


def _folder(manifest: Path, task: Task) -> list[Item]:
    if not manifest.is_file():
        raise BadInput(f"{manifest}: it is not there; a line a recording: file, text")
    recordings = recorded(manifest.parent)
    expected = {row["file"]: row for row in _rows(manifest.parent / "expected.jsonl")}
    found = []
    for row in _rows(manifest):
        path = manifest.parent / row["file"]
        word = str(row.get("wake_word") or "").replace("_", " ").lower()
        if not path.is_file() or (word and task is Task.WAKE and word not in WORDS):
            continue
        if row.get("text") or task is Task.WAKE:
            samples, right = recordings.samples(path), expected.get(row["file"], {})
            until, plans = voiced_until(samples), right.get("plans", ())
            found.append(
                Item(row["file"], row.get("text", ""), samples, until, right.get("area"), plans=plans, word=bool(word))
            )
    return found


def _sentences(wanted: Wanted) -> list[Item]:
    path = Path(wanted.sentences) if wanted.sentences else _shared_sentences()
    if path.suffix != ".jsonl":
        return [Item(text[:60], text) for text in _lines(path)]
    rows = [row for row in _rows(path) if not row.get("expected_fail")]
    return [
        Item(row.get("id", row["sentence"]), row["sentence"], area=(row.get("context") or {}).get("area"),
             intent=row["intent"], slots=row["slots"])
        for row in rows
    ]  # fmt: skip


def _shared_sentences() -> Path:
    place = os.environ.get("REPARTEE_SHARED")
    path = Path(place) / "nlu" / "en.jsonl" if place else None
    if path is None or not path.is_file():
        raise BadInput("no sentences: give --sentences FILE (JSON lines: sentence, intent, slots)")
    return path


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """Evenly over all of them, so that a few stand for the whole."""
    if not most or most >= len(items):
        return list(items)
    return [items[int(at)] for at in np.linspace(0, len(items) - 1, most)]


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from error


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        return [json.loads(line) for line in _lines(path)]
    except ValueError as error:
        raise BadInput(f"{path}: not JSON lines: {error}") from error
