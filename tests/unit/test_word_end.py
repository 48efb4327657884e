"""Where a wake word ended, told from the sound around it."""

from __future__ import annotations

import numpy as np
import pytest

from repartee.core.audio import SAMPLE_RATE
from repartee.stages.audio_in.word_end import end_of_word
from tests.sound import Samples, noisy


def sound(*pattern: tuple[float, int]) -> Samples:
    """(seconds, amplitude) one after the other, in a quiet room."""
    tone = [np.full(round(s * SAMPLE_RATE), a) * np.resize([1, -1], round(s * SAMPLE_RATE)) for s, a in pattern]
    return noisy(np.concatenate(tone).astype(np.int16), 5.0)


@pytest.mark.parametrize(
    ("pattern", "noticed", "ends"),
    [
        (((0.4, 0), (0.6, 5000), (0.4, 0)), 1.1, 1.0),  # noticed after its end
        (((0.4, 0), (0.6, 5000), (0.4, 0)), 0.9, 1.0),  # noticed before its end
        (((0.4, 0), (0.6, 5000), (0.06, 0), (0.6, 5000)), 1.03, 1.0),  # the sentence follows, but not at once
        (((0.4, 0), (0.6, 5000), (0.6, 4000)), 0.95, None),  # in one breath
        (((1.0, 0),), 0.5, None),
    ],
)
def test_the_end_is_where_it_falls_quiet(
    pattern: tuple[tuple[float, int], ...], noticed: float, ends: float | None
) -> None:
    found = end_of_word(sound(*pattern), round(noticed * SAMPLE_RATE))
    assert (found is None) == (ends is None)
    if found is not None and ends is not None:
        assert found / SAMPLE_RATE == pytest.approx(ends, abs=0.011)


def test_no_sound_has_no_end() -> None:
    assert end_of_word(np.zeros(0, np.int16), 0) is None
    assert end_of_word(np.zeros(100, np.int16), 50) is None
