"""What every gate must do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from repartee.assembly.engines import module, names
from tests import sound


@pytest.fixture(params=names("vad"))
def gate(request: pytest.FixtureRequest) -> Any:
    return module("vad", request.param).Engine()


def judged(gate: Any, samples: sound.Samples) -> list[float]:
    return [gate.speech(samples[at : at + gate.frame]) for at in range(0, len(samples) - gate.frame + 1, gate.frame)]


def test_speech_is_speech_and_silence_is_not(gate: Any) -> None:
    words, quiet = judged(gate, sound.spoken("turn on the lights in the kitchen")), judged(gate, sound.silence(1))
    assert np.mean([p >= 0.5 for p in words]) > 0.6
    assert max(quiet[10:]) < 0.5
    assert all(0 <= p <= 1 for p in words + quiet)


def test_after_a_reset_it_judges_as_if_new(gate: Any) -> None:
    words = sound.spoken("what time is it")
    first = judged(gate, words)
    gate.reset()
    assert judged(gate, words) == pytest.approx(first)


def test_noise_of_the_room_is_no_speech_to_silero() -> None:
    gate = module("vad", "silero").Engine()
    room = sound.noisy(sound.silence(3), level=100)
    assert np.mean([p >= 0.5 for p in judged(gate, room)]) < 0.05
