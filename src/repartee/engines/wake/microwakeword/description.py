"""A microWakeWord model on disk, looked at before TensorFlow Lite is: a bad file would end the process.

Source: github.com/kahrendt/microWakeWord, model packages, version 2: a JSON file beside a `.tflite`.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from repartee.core.errors import BadSettings, BadText, EngineMissing
from repartee.core.model_file import check_model
from repartee.core.untrusted import number, read_json, read_text

LONGEST: Final = 64 * 1024
"""Bytes of the JSON file."""
LOADS_WITHIN: Final = 20.0
"""Seconds in which a process of its own has to load the model."""
_TRIAL: Final = """
import sys, numpy
from pymicro_wakeword import MicroWakeWord
model = MicroWakeWord.from_config(sys.argv[1])
for _ in range(2 * model.stride):
    model.process_streaming_prob(numpy.zeros((1, 1, 40), numpy.float32))
"""


@dataclass(frozen=True, slots=True)
class Description:
    word: str
    model: Path


def described(path: Path) -> Description:
    """Raises `BadSettings` for what is no model. The model is loaded in a process of its own first, once a file."""
    try:
        told = _read(path)
        size = check_model(told.model, "wake word", "name a model's .json file", magic=b"TFL3", at=4).stat()
    except EngineMissing as error:
        raise BadSettings(f"{path}: not a microWakeWord model: {error.remedy}") from error
    except (BadText, KeyError, TypeError) as error:
        raise BadSettings(f"{path}: not the description of a microWakeWord model: {error}") from error
    _try(path, size.st_size, size.st_mtime_ns)
    return told


def _read(path: Path) -> Description:
    told = _object(read_json(read_text(path, LONGEST)))
    word, model, settings = told["wake_word"], told["model"], _object(told["micro"])
    if not isinstance(word, str) or not 0 < len(word.strip()) <= 100 or not isinstance(model, str):
        raise BadText("it needs a `wake_word` and the name of a `model`")
    if not 0 < number(settings["probability_cutoff"]) < 1:
        raise BadText("its probability_cutoff is no probability")
    if not 1 <= number(settings["sliding_window_size"]) <= 1000:
        raise BadText("its sliding_window_size is no number of frames")
    return Description(word.strip(), path.parent / model)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadText("it is no object")
    return value


@lru_cache(maxsize=64)
def _try(path: Path, _size: int, _changed: int) -> None:
    """Nothing short of loading it shows whether the library survives a file."""
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", _TRIAL, str(path)], capture_output=True, timeout=LOADS_WITHIN, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadSettings(f"{path}: not a microWakeWord model: it does not load within {LOADS_WITHIN:g} s") from error
    if done.returncode:
        why = (
            f"signal {-done.returncode}" if done.returncode < 0 else done.stderr.decode(errors="replace")[-200:].strip()
        )
        raise BadSettings(f"{path}: not a microWakeWord model: it can't be loaded ({why.splitlines()[-1]})")
