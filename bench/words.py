"""Word errors, ours and the model's own library's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from bench.sounds import Samples
from repartee.core.audio import SAMPLE_RATE
from repartee.engines.stt.moonshine import AFTER, bundled_model
from repartee.engines.stt.moonshine.model import Model
from repartee.engines.stt.moonshine.search import greedy

LONGEST = 30
"""Seconds: what is longer is no utterance for either."""


def reference(folder: Path) -> dict[str, str]:
    """File to the words said in it; what is longer than an utterance is left out."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    return {row["file"]: words(row["text"]) for row in rows if row.get("text") and row["seconds"] <= LONGEST}


DIGITS = {"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
          "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip


def words(text: str) -> str:
    """Without capitals and punctuation, digits one by one: "90210" and "nine oh two one oh" are the same words."""
    found = re.findall(r"[a-z']+|[0-9]", text.lower())
    return " ".join(DIGITS.get(word, word) for word in found)


def errors(reference: str, heard: str) -> int:
    """Substitutions, insertions and deletions (Levenshtein distance over words)."""
    wanted, found = reference.split(), words(heard).split()
    row = list(range(len(found) + 1))
    for n, word in enumerate(wanted, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(found, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (word != other))
    return row[-1]


_models: list[Model] = []


def free(samples: Samples) -> str:
    """Our free hypothesis of the whole recording, as the engine looks at it when somebody has fallen silent."""
    if not _models:
        _models.append(Model(bundled_model()))
    return greedy(_models[0], _models[0].encode(samples, AFTER)).text


class Library:
    """The package's own transcriber with the same model."""

    def __init__(self) -> None:
        from moonshine_voice import ModelArch, Transcriber  # type: ignore[import-untyped]

        self._transcriber = Transcriber(model_path=str(bundled_model()), model_arch=ModelArch.TINY)

    def text(self, samples: Samples) -> str:
        sound = (samples.astype(np.float32) / 32768).tolist()
        lines = self._transcriber.transcribe_without_streaming(sound, SAMPLE_RATE).lines
        return " ".join(line.text for line in lines)
