"""The regression gate: what it catches, what it leaves in peace, and when it says that it can't tell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.proof.gate import Answer, compare, mann_whitney


def runs(n: int, seed: int, slower: float = 1.0, noise: float = 0.06) -> list[float]:
    """Times with the long tail that times have."""
    rng = np.random.default_rng(seed)
    return list(slower * (20 * np.exp(rng.normal(0, noise, n)) + rng.exponential(0.6, n)))


def test_mann_whitney_by_hand() -> None:
    """Worked by hand: U = 25 of 25 for five against five without overlap: z = (25 - 12.5 - 0.5) / sqrt(275 / 12)."""
    p = mann_whitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])
    z = 12 / math.sqrt(5 * 5 * 11 / 12)
    assert p == pytest.approx(0.5 * math.erfc(z / math.sqrt(2)))
    assert mann_whitney([1.0] * 9, [1.0] * 9) == 0.5
    assert mann_whitney([1, 1, 2, 2], [2, 2, 3, 3]) < 0.1, "ties are halved"


@given(st.lists(st.floats(0.1, 100), min_size=8, max_size=30), st.floats(0.01, 100))
def test_the_unit_does_not_matter(times: list[float], scale: float) -> None:
    other = [time * 1.05 for time in times]
    one, two = compare(times, other), compare([t * scale for t in times], [t * scale for t in other])
    assert one.ratio == pytest.approx(two.ratio)
    assert one.answer is two.answer


def test_ten_percent_is_caught_and_nothing_is_left_in_peace() -> None:
    caught = sum(compare(runs(40, s), runs(40, s + 999, 1.10)).answer is Answer.SLOWER for s in range(200))
    alarms = sum(compare(runs(40, s), runs(40, s + 999)).answer is Answer.SLOWER for s in range(200))
    assert caught >= 180
    assert alarms <= 4


def test_a_percent_fails_nobody() -> None:
    steady = runs(400, 1, noise=0.002)
    found = compare(steady, [time * 1.01 for time in steady])
    assert found.answer is Answer.SAME
    assert found.low > 1, "though it is surely slower"


def test_faster_is_said() -> None:
    assert compare(runs(60, 1), runs(60, 2, 0.7)).answer is Answer.FASTER


def test_too_few_runs_are_told_with_how_many_it_takes() -> None:
    found = compare(runs(10, 1, noise=0.4), runs(10, 2, noise=0.4))
    assert found.answer is Answer.TOO_FEW
    assert found.needed > 10
    assert f"{found.needed} runs of each are needed" in found.text()
    assert compare([1.0] * 3, [1.0] * 3).answer is Answer.TOO_FEW
    assert compare([], []).as_json()["answer"] == "too few runs to say"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 0.0, -1.0])
def test_what_is_no_time_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="above nought"):
        compare([1.0] * 10, [bad] * 10)
