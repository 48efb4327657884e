"""Waking: when a word counts, with ears that say what the test wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from repartee.core.audio import SAMPLE_RATE, AudioChunk
from repartee.core.poisson import upper_bound
from repartee.core.wake import Detection
from repartee.engines.wake import fake
from repartee.stages.audio_in.wake import WITHIN, WakeDetector, WakeRules

BLOCK = 320
SECOND = SAMPLE_RATE // BLOCK


class Says:
    """An ear that says the same for any sound but silence."""

    def __init__(self, **scores: float) -> None:
        self.scores = {word.replace("_", " "): score for word, score in scores.items()}
        self.samples = 0
        self.resets = 0

    @property
    def words(self) -> Sequence[str]:
        return tuple(self.scores)

    def spot(self, samples: NDArray[np.int16]) -> Mapping[str, float]:
        self.samples += len(samples)
        return self.scores if samples.any() else dict.fromkeys(self.scores, 0.0)

    def reset(self) -> None:
        self.resets += 1


async def heard(waking: WakeDetector, *pattern: tuple[float, int], begin: float = 0.0) -> list[Detection]:
    """`pattern`: (seconds, level) one after the other."""
    found, position = [], round(begin * SAMPLE_RATE)
    for seconds, level in pattern:
        for _ in range(round(seconds * SECOND)):
            chunk = AudioChunk(np.full(BLOCK, level, np.int16), SAMPLE_RATE, position / SAMPLE_RATE)
            position += BLOCK
            found.append(await waking.hear(chunk))
    return [detection for detection in found if detection]


async def test_a_sure_word_is_confirmed_without_a_second_opinion() -> None:
    second = Says(alexa=0.0)
    (found,) = await heard(WakeDetector(Says(alexa=0.999), second, WakeRules()), (1, 0), (0.3, 1), (1, 0))
    assert found.confirmed
    assert found.word == "alexa"
    assert found.fired == pytest.approx(1.02)
    assert found.settled == found.fired
    assert second.samples == 0


@pytest.mark.parametrize(("first", "second", "confirmed"), [(0.6, 0.9, True), (0.2, 0.95, True), (0.8, 0.02, False)])
async def test_an_unsure_word_is_decided_by_both(first: float, second: float, confirmed: bool) -> None:
    found = await heard(WakeDetector(Says(alexa=first), Says(alexa=second), WakeRules()), (1, 0), (0.6, 1), (1, 0))
    assert [detection.confirmed for detection in found] == [confirmed]


async def test_what_neither_believes_is_not_told() -> None:
    assert not await heard(WakeDetector(Says(alexa=0.3), Says(alexa=0.1), WakeRules()), (1, 0), (0.6, 1), (1, 0))


async def test_the_second_stage_hears_what_was_before() -> None:
    second = Says(alexa=0.9)
    await heard(WakeDetector(Says(alexa=0.6), second, WakeRules()), (2, 0), (0.2, 1))
    assert second.resets == 1
    assert second.samples >= 1.5 * SAMPLE_RATE


async def test_a_veto_is_given_within_a_moment() -> None:
    (found,) = await heard(WakeDetector(Says(alexa=0.8), Says(alexa=0.0), WakeRules()), (1, 0), (2, 1))
    assert not found.confirmed
    assert found.settled - found.fired == pytest.approx(WITHIN, abs=0.03)


async def test_one_word_that_rings_on_is_one_word() -> None:
    assert (
        len(await heard(WakeDetector(Says(alexa=0.99), None, WakeRules(refractory=0.5)), (1, 0), (3, 1), (1, 0))) == 1
    )


async def test_after_a_word_none_is_noticed_for_a_while() -> None:
    waking = WakeDetector(Says(alexa=0.99), None, WakeRules(refractory=1.0))
    found = await heard(waking, (0.5, 0), (0.1, 1), (0.3, 0), (0.1, 1), (1, 0), (0.1, 1))
    assert [detection.fired for detection in found] == pytest.approx([0.52, 2.02])


async def test_an_unlikely_word_does_not_hide_a_likely_one() -> None:
    first, second = Says(hey_mycroft=0.2, alexa=0.0), Says(hey_mycroft=0.0, alexa=0.0)
    waking = WakeDetector(first, second, WakeRules())
    await heard(waking, (0.2, 1))
    first.scores["alexa"] = 0.999
    (found,) = await heard(waking, (0.1, 1), begin=0.2)
    assert (found.word, found.confirmed) == ("alexa", True)


@pytest.mark.parametrize(("sensitivity", "woken"), [(0.0, False), (0.5, False), (1.0, True)])
async def test_sensitivity_is_by_word(sensitivity: float, woken: bool) -> None:
    rules = WakeRules({"alexa": sensitivity})
    found = await heard(WakeDetector(Says(alexa=0.3), None, rules), (1, 0), (0.5, 1))
    assert bool(found) is woken


async def test_a_new_start_forgets() -> None:
    ear = fake.Engine(["alexa"])
    waking = WakeDetector(ear, None, WakeRules(refractory=5))
    assert len(await heard(waking, (0.1, 5000))) == 1
    waking.start()
    assert len(await heard(waking, (0.1, 5000))) == 1
    assert ear.resets == 2


def test_the_bound_of_a_count() -> None:
    """The table of Garwood (1936), one-sided 95 %."""
    assert [round(upper_bound(k), 2) for k in (0, 1, 2, 10)] == [3.0, 4.74, 6.3, 16.96]
