"""openWakeWord, with the five models of the package `pyopen-wakeword`: another kind of network, so a second opinion.

Its models are licensed CC BY-NC-SA 4.0, not for commercial use: never a dependency of ours, an engine for a person who
installs the package knowing that. 80 ms at a time, about 5 ms of CPU each: too much to listen with always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from repartee.core.errors import BadSettings, EngineMissing

try:
    from pyopen_wakeword import Model, OpenWakeWord, OpenWakeWordFeatures
except ImportError as error:
    raise EngineMissing(
        "openwakeword", "pip install pyopen-wakeword; its models are not for commercial use (CC BY-NC-SA 4.0)"
    ) from error

WORDS = tuple(model.value.replace("_", " ") for model in Model)
STEP = 1280
"""Samples."""


class Engine:
    def __init__(self, words: Sequence[str] = WORDS) -> None:
        """`words`: of WORDS. Raises `BadSettings` for another."""
        for word in words:
            if word not in WORDS:
                raise BadSettings(f"no model for the wake word {word!r}; there are {', '.join(WORDS)}")
        self._models = {word: OpenWakeWord.from_builtin(Model(word.replace(" ", "_"))) for word in words}
        self._features = OpenWakeWordFeatures.from_builtin()
        self._last = dict.fromkeys(self._models, 0.0)
        self._silence: list[NDArray[np.float32]] = []
        self._silent = self._settle()
        self._rest = np.empty(0, np.int16)

    @property
    def words(self) -> Sequence[str]:
        return tuple(self._models)

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        best: dict[str, float] = {}
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // STEP * STEP
        self._rest = sound[whole:]
        for at in range(0, whole, STEP):
            for embeddings in self._features.process_streaming(sound[at : at + STEP].tobytes()):
                for word, model in self._models.items():
                    for self._last[word] in model.process_streaming(embeddings):
                        best[word] = max(best.get(word, 0.0), self._last[word])
        return self._last | best

    def reset(self) -> None:
        """Back to a silent room. The package would compute eight seconds of silence each time; we remember them."""
        features = self._features
        features.audio[:], features.mels[:] = self._silent[:2]
        features.new_audio_samples, features.new_mels = self._silent[2:]
        for model in self._models.values():
            self._fill(model)
        self._rest = np.empty(0, np.int16)
        self._last = dict.fromkeys(self._models, 0.0)

    def _settle(self) -> tuple[NDArray[np.float32], NDArray[np.float32], int, int]:
        features = self._features
        self._silence = list(features.process_streaming(np.zeros(STEP, np.int16).tobytes()))
        for model in self._models.values():
            self._fill(model)
        return features.audio.copy(), features.mels.copy(), features.new_audio_samples, features.new_mels

    def _fill(self, model: OpenWakeWord) -> None:
        model.embeddings[:] = 0.0
        model.new_embeddings = 0
        for embeddings in self._silence:
            list(model.process_streaming(embeddings))
