"""What every ear for wake words must do, and that people who say the word are heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from repartee.assembly.engines import module, names
from repartee.core.errors import BadSettings, EngineMissing
from tests import sound

REAL = [name for name in names("wake") if name != "fake"]


@pytest.fixture(params=REAL)
def kind(request: pytest.FixtureRequest) -> Any:
    try:
        return module("wake", request.param)
    except EngineMissing as error:
        pytest.skip(str(error))


def scores(ear: Any, samples: sound.Samples, size: int = 1280) -> Iterator[float]:
    for at in range(0, len(samples), size):
        yield ear.spot(samples[at : at + size])["alexa"]


def alexa(shared: Path) -> sound.Samples:
    """A recording of somebody saying it."""
    samples, _ = sf.read(str(shared / "audio" / "wake_mixed" / "alexa_pm_1.wav"), dtype="int16")
    return np.concatenate([samples, sound.silence(0.5)])


def test_the_word_is_heard_and_other_words_are_not(kind: Any, shared: Path) -> None:
    ear = kind.Engine(["alexa"])
    assert max(scores(ear, alexa(shared))) > 0.9
    ear.reset()
    assert max(scores(ear, sound.utterance("turn on the lights in the kitchen")[0])) < 0.5


@pytest.mark.parametrize("size", [100, 320, 512, 4096])
def test_chunks_may_have_any_size(kind: Any, shared: Path, size: int) -> None:
    assert max(scores(kind.Engine(["alexa"]), alexa(shared), size)) > 0.9


def test_after_a_reset_it_hears_as_if_new(kind: Any, shared: Path) -> None:
    ear = kind.Engine(["alexa"])
    first = list(scores(ear, alexa(shared)))
    ear.reset()
    assert list(scores(ear, alexa(shared))) == pytest.approx(first, abs=1e-3)


def test_the_last_score_stands_until_there_is_a_new_one(kind: Any, shared: Path) -> None:
    ear = kind.Engine(["alexa"])
    values = list(scores(ear, alexa(shared), 80))
    assert all(value > 0.5 for value in values[values.index(max(values)) :][:16])


def test_it_knows_its_words(kind: Any) -> None:
    assert kind.Engine().words == kind.WORDS
    with pytest.raises(BadSettings, match="bananas"):
        kind.Engine(["bananas"])


def test_a_model_of_ones_own(shared: Path, tmp_path: Path) -> None:
    """A model's JSON file and its network beside it, as microWakeWord's trainer writes them."""
    import pymicro_wakeword

    models = Path(pymicro_wakeword.__file__).parent / "models"
    for name in ("alexa.json", "alexa.tflite"):
        (tmp_path / name).write_bytes((models / name).read_bytes())
    ear = module("wake", "microwakeword").Engine([str(tmp_path / "alexa.json")])
    assert ear.words == ("alexa",)
    assert max(scores(ear, alexa(shared))) > 0.9
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(BadSettings, match=r"broken\.json"):
        module("wake", "microwakeword").Engine([str(tmp_path / "broken.json")])
