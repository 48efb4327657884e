"""microWakeWord, with the four models of the package `pymicro-wakeword`: streaming, a thousandth of a core a word.

A model looks at 30 ms at a time; its probability is the mean over the last 150 ms, as its authors use it. Each model
has a cutoff of its authors' (0.85 to 0.97); probabilities are moved (in log odds) so that it lies at one half for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pymicro_wakeword
from numpy.typing import NDArray
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

from repartee.core.errors import BadSettings
from repartee.core.model_file import check_installed

from .description import described

WORDS = tuple(model.value.replace("_", " ") for model in Model)


class Engine:
    def __init__(self, words: Sequence[str] = WORDS) -> None:
        """`words`: of WORDS, or paths of a model's own JSON file. Raises `BadSettings` for one it does not know or
        that is no model, `EngineMissing` for one of the package that is damaged."""
        self._models = dict(map(_model, dict.fromkeys(words)))
        self._features = MicroWakeWordFeatures()
        self._heard = 0
        self._last = dict.fromkeys(self._models, 0.0)

    @property
    def words(self) -> Sequence[str]:
        return tuple(self._models)

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        best: dict[str, float] = {}
        for features in self._features.process_streaming(samples.tobytes()):
            self._heard += 1
            for word, model in self._models.items():
                probability = model.process_streaming_prob(features) or 0.0
                if self._heard % model.stride == 0:  # else the model only collects
                    self._last[word] = _moved(probability, model.probability_cutoff)
                    best[word] = max(best.get(word, 0.0), self._last[word])
        return self._last | best

    def reset(self) -> None:
        self._features.reset()
        self._heard = 0
        self._last = dict.fromkeys(self._models, 0.0)
        for model in self._models.values():
            model.reset()


def _model(word: str) -> tuple[str, MicroWakeWord]:
    if word in WORDS:
        name = word.replace(" ", "_")
        folder = Path(pymicro_wakeword.__file__).parent / "models"
        check_installed("pymicro-wakeword", [folder / f"{name}.tflite"], "microwakeword")
        return word, MicroWakeWord.from_builtin(Model(name))
    if not word.endswith(".json"):
        raise BadSettings(f"no model for the wake word {word!r}; there are {', '.join(WORDS)}, or a model's .json file")
    description = described(Path(word))
    try:
        model = MicroWakeWord.from_config(Path(word))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise BadSettings(f"{word}: not a microWakeWord model: {error}") from error
    return description.word.lower(), model


def _moved(probability: float, cutoff: float) -> float:
    """Bayes' rule with a prior that makes `cutoff` one half."""
    for_it, against = probability * (1.0 - cutoff), (1.0 - probability) * cutoff
    return for_it / (for_it + against)
