"""BERT's encoder (Devlin et al. 2018) as all-MiniLM-L6-v2 has it, in numpy: 6 layers, 12 heads, 384 numbers a piece.

The weights stay int8, as they are in the file; a matrix becomes float32 when it is multiplied with, in a buffer that
all share. onnxruntime unpacks all of them when it loads, and the vocabulary's too: 190 MB instead of 18.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import EngineMissing

Floats = NDArray[np.float32]
LAYERS, HEADS, WIDTH = 6, 12, 384
NEARLY_ZERO = 1e-12
"""Added to variances, as the model was trained."""
MASKED = np.float32(-1e9)
PRE = "inner."


class Dense(NamedTuple):
    """One matrix: `x @ (int8 * scale) + bias`."""

    numbers: NDArray[np.int8]
    """Shape (in, out)."""
    scale: Floats
    """One a column."""
    bias: Floats


class Layer(NamedTuple):
    query: Dense
    key: Dense
    value: Dense
    attended: Dense
    wider: Dense
    narrower: Dense
    norms: tuple[tuple[Floats, Floats], tuple[Floats, Floats]]
    """Weight and bias after attention, and after the two last."""


class Network:
    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Raises `EngineMissing` where these are not the weights of that model."""
        try:
            self._words = weights[f"{PRE}embeddings.word_embeddings.weight_q"]
            self._word_scales = weights[f"{PRE}embeddings.word_embeddings.weight_scale"]
            places = weights[f"{PRE}embeddings.position_embeddings.weight_q"].astype(np.float32)
            self._places = places * weights[f"{PRE}embeddings.position_embeddings.weight_scale"]
            self._places += weights[f"{PRE}embeddings.token_type_embeddings.weight"][0]
            self._norm = _norm(weights, f"{PRE}embeddings.LayerNorm")
            self._layers = list(_layers(weights))
        except (KeyError, IndexError, ValueError) as error:
            raise EngineMissing("minilm", f"this is another model than all-MiniLM-L6-v2 in int8: {error}") from error
        self._buffer = np.empty(max(layer.wider.numbers.size for layer in self._layers), np.float32)

    def states(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
        """The last layer's numbers of each piece. `ids`, `mask`: shape (texts, pieces)."""
        texts, pieces = ids.shape
        x = self._words[ids].astype(np.float32) * self._word_scales[ids] + self._places[:pieces]
        x = _normalised(x.reshape(-1, WIDTH), *self._norm)
        hidden = np.where(mask[:, None, None, :] > 0, np.float32(0), MASKED)
        for layer in self._layers:
            x = _normalised(x + self._attention(x, layer, hidden, texts), *layer.norms[0])
            wide = _gelu(self._times(x, layer.wider))
            x = _normalised(x + self._times(wide, layer.narrower), *layer.norms[1])
        return x.reshape(texts, pieces, WIDTH)

    def _attention(self, x: Floats, layer: Layer, hidden: Floats, texts: int) -> Floats:
        def heads(dense: Dense) -> Floats:
            return self._times(x, dense).reshape(texts, -1, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        query, key, value = heads(layer.query), heads(layer.key), heads(layer.value)
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(WIDTH // HEADS)) + hidden
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        return self._times(mixed.transpose(0, 2, 1, 3).reshape(-1, WIDTH), layer.attended)

    def _times(self, x: Floats, dense: Dense) -> Floats:
        matrix = self._buffer[: dense.numbers.size].reshape(dense.numbers.shape)
        np.copyto(matrix, dense.numbers)
        product: Floats = (
            matrix.T @ x.T
        ).T * dense.scale + dense.bias  # for few rows nearly twice as fast as x @ matrix
        return product


def _layers(weights: Mapping[str, NDArray[Any]]) -> Sequence[Layer]:
    """The matrices have numbers for names; they stand in the file in the order in which they are used."""
    names = [name for name in weights if name.startswith("val_") and name.endswith("_q")]
    places = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
              "intermediate.dense", "output.dense")  # fmt: skip
    if len(names) != LAYERS * len(places):
        raise ValueError(f"it has {len(names)} matrices")
    layers = []
    for number in range(LAYERS):
        here = f"{PRE}encoder.layer.{number}"
        mine = names[number * len(places) : (number + 1) * len(places)]
        dense = [
            Dense(weights[name], weights[name.removesuffix("_q") + "_scale"], weights[f"{here}.{place}.bias"])
            for name, place in zip(mine, places, strict=True)
        ]
        norms = (_norm(weights, f"{here}.attention.output.LayerNorm"), _norm(weights, f"{here}.output.LayerNorm"))
        query, key, value, attended, wider, narrower = dense
        layers.append(Layer(query, key, value, attended, wider, narrower, norms))
    return layers


def _norm(weights: Mapping[str, NDArray[Any]], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _normalised(x: Floats, weight: Floats, bias: Floats) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(NEARLY_ZERO))
    normal: Floats = centred / spread * weight + bias
    return normal


def _gelu(x: Floats) -> Floats:
    """`x/2 (1 + erf(x/√2))`; erf as of Abramowitz and Stegun 7.1.26, right to 1.5e-7."""
    z = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    erf = np.sign(x) * (1 - series * np.exp(-z * z))
    gelu: Floats = x * (1 + erf) / 2
    return gelu.astype(np.float32, copy=False)
