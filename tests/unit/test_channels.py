"""Several channels to one: the mean, but never a silence that nobody recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE
from repartee.engines.audio.format import chunks
from tests import sound

BLOCK = 320


def heard(*channels: NDArray[np.float32]) -> NDArray[np.int16]:
    whole = np.stack(channels, axis=1).astype(np.float32)
    blocks: Sequence[NDArray[np.float32]] = [whole[at : at + BLOCK] for at in range(0, len(whole), BLOCK)]
    return np.concatenate([chunk.samples for chunk in chunks(blocks, SAMPLE_RATE)])


@pytest.fixture
def voice() -> NDArray[np.float32]:
    return (sound.utterance("turn on the lights in the kitchen")[0] / 32768).astype(np.float32)


def noise(voice: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.001, len(voice)).astype(np.float32)


def level(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt((samples.astype(float) ** 2).mean()))


def test_one_channel_the_other_way_round_is_speech_all_the_same(voice: NDArray[np.float32]) -> None:
    alone = heard(voice)
    assert level(heard(voice, -voice)) == pytest.approx(level(alone), rel=0.02)
    assert level(heard(voice + noise(voice, 1), -0.9 * voice + noise(voice, 2))) > 0.9 * level(alone)


def test_channels_that_agree_are_their_mean(voice: NDArray[np.float32]) -> None:
    assert np.abs(heard(voice, voice).astype(int) - heard(voice)).max() <= 1
    assert level(heard(voice, 0 * voice)) == pytest.approx(level(heard(voice)) / 2, rel=0.02)


def test_noise_of_its_own_in_each_channel_is_averaged(voice: NDArray[np.float32]) -> None:
    quiet = 0 * voice
    assert level(heard(quiet + noise(voice, 1), quiet + noise(voice, 2))) < 0.8 * level(heard(quiet + noise(voice, 1)))


def test_what_is_no_number_is_silence(voice: NDArray[np.float32]) -> None:
    broken = voice.copy()
    broken[::7] = np.nan
    assert level(heard(broken, broken)) > 0
    assert level(heard(np.full(len(voice), np.nan, np.float32), voice)) > 0
