"""The two networks of a Moonshine model (Jeffries et al. 2024, "Moonshine: Speech Recognition for Live Transcription").

The encoder takes raw 16 kHz sound, the decoder gives the next piece of text. Both are the merged ONNX export: with
`use_cache_branch` false the decoder reads the encoder's output and begins, with true it goes on from its cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE

from .vocabulary import Vocabulary

FILES = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
FRAME = 384
"""Samples a frame of the encoder's: the decoder's mask is over samples, and it takes every 384th of them."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the encoder made of a stretch of sound; kept, so that several searches cost one encoding."""

    states: Floats
    """Shape (1, frames, width); a frame is `FRAME` samples, 24 ms."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far `n` hypotheses of one utterance have got in the decoder."""

    encoded: Encoded
    past: dict[str, Floats]
    """Attention caches over the pieces by input name, shape (n, heads, pieces, width)."""
    crossed: dict[str, Floats]
    """Those over the encoder's frames, shape (1, heads, frames, width): alike for all hypotheses."""
    started: bool

    def keep(self, rows: NDArray[np.intp]) -> Progress:
        """The hypotheses at `rows`, in that order, perhaps several times."""
        past = {name: cache[rows] for name, cache in self.past.items()}
        return Progress(self.encoded, past, self.crossed, self.started)


class Model:
    """A loaded model. One thread at a time."""

    SHORTEST = 1600
    """Samples; less is not speech, and the encoder's convolutions need 895."""

    def __init__(self, folder: Path) -> None:
        self.vocabulary = Vocabulary.read(folder / FILES[2])
        self._encoder = _session(folder / FILES[0], keep=False)
        self._decoder = _session(folder / FILES[1])
        self._empty = {
            i.name: np.zeros((1, i.shape[1], 0, i.shape[3]), np.float32)
            for i in self._decoder.get_inputs()
            if i.name.startswith("past_key_values")
        }
        self._outputs = [output.name for output in self._decoder.get_outputs()]

    def encode(self, samples: NDArray[np.int16], silence: float = 0.0) -> Encoded:
        """`samples`: 16 kHz, shape (n,), n >= SHORTEST; `silence`: seconds of nothing that are put after them."""
        sound = np.zeros((1, len(samples) + int(silence * SAMPLE_RATE)), np.float32)
        sound[0, : len(samples)] = samples / np.float32(32768.0)
        mask = np.ones(sound.shape, np.int64)
        (states,) = self._encoder.run(None, {"input_values": sound, "attention_mask": mask})
        return Encoded(states, len(samples) / SAMPLE_RATE)

    def begin(self, encoded: Encoded) -> Progress:
        return Progress(encoded, self._empty, {}, started=False)

    def step(self, progress: Progress, pieces: NDArray[np.int64]) -> tuple[Floats, Progress]:
        """Appends a piece to each hypothesis.

        `pieces` has shape (n,), n being 1 at first; returns the natural-log probabilities of what comes next, shape
        (n, vocabulary), and the new progress.
        """
        states = progress.encoded.states
        inputs = {
            "input_ids": pieces[:, None],
            "encoder_hidden_states": states,
            "encoder_attention_mask": np.ones((1, states.shape[1] * FRAME), np.int64),
            "use_cache_branch": np.array([progress.started]),
            **progress.past,
            **progress.crossed,
        }
        outputs = dict(zip(self._outputs, self._decoder.run(None, inputs), strict=True))
        return _log_softmax(outputs.pop("logits")[:, -1]), self._advance(progress, outputs)

    @staticmethod
    def _advance(progress: Progress, present: dict[str, Floats]) -> Progress:
        """The caches over the frames are computed with the first piece, for one row; the network broadcasts them."""
        made = {name.replace("present", "past_key_values"): cache for name, cache in present.items()}
        past = {name: cache for name, cache in made.items() if ".encoder." not in name}
        crossed = {name: cache for name, cache in made.items() if ".encoder." in name}
        return Progress(progress.encoded, past, progress.crossed or crossed, started=True)


def _session(path: Path, keep: bool = True) -> ort.InferenceSession:
    """One thread: on two busy cores a second OpenMP thread costs ten times what it gains.

    `keep`: memory that was needed once is kept for the next time. An encoder that was given half a minute of sound
    needs two hundred megabytes, which it then gives back.
    """
    options = ort.SessionOptions()
    options.enable_cpu_mem_arena = keep
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    scores: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return scores
