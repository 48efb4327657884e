"""The arithmetic of accuracy: word errors, outcomes, shares as occurrences, even samples, sounds varied."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import Figure, Outcome, Provenance, judge, load_profile
from repartee.core.errors import BadInput
from repartee.core.intent import Doubt, Intent, Part, Reading
from repartee.core.turn import TurnRecord
from repartee.proof import outcomes, word_errors
from repartee.proof.outcomes import Row, outcome
from repartee.proof.quality import evenly
from repartee.proof.results import Taken, figure_of
from repartee.proof.sounds import faster, insert, loudness, mixed, spots
from tests import sound
from tests.unit.observe.test_turns import spoken

HARD = load_profile().budget("home_commands_wrong")


def test_word_errors_are_of_all_words_together() -> None:
    pairs = [("turn on the lamp", "turn on a lamp"), ("yes", "yes")]
    assert sum(word_errors.percent(pairs)) / 2 == pytest.approx(100 * 1 / 5)
    assert word_errors.words("90210, please!") == ["9", "0", "2", "1", "0", "please"]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_word_errors_are_a_distance(one: list[str], other: list[str]) -> None:
    distance = word_errors.errors(one, other)
    assert distance == word_errors.errors(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))
    assert (distance == 0) == (one == other)


def share(wrong: int, of: int) -> Taken:
    return Taken("quality", "", Provenance(), {"what": "home_commands_wrong"}, [100.0] * wrong + [0.0] * (of - wrong))


def test_one_wrong_action_in_a_hundred_breaks_the_build() -> None:
    verdicts = [judge(HARD, figure_of([share(wrong, of)], HARD)) for wrong, of in ((0, 31), (1, 100), (1, 10))]
    assert [v.outcome for v in verdicts] == [Outcome.KEPT, Outcome.BROKEN, Outcome.TOO_FEW]
    assert verdicts[1].figure == Figure(1.0, 100, Provenance())


def meant(intent: str, **slots: str) -> Reading:
    return Reading((Part(Intent(intent, slots)),))


def read(reading: Reading) -> TurnRecord:
    return replace(spoken(), reading=reading)


def test_outcomes() -> None:
    row = Row("a.wav", "Kitchen", plans=[{"intent": "HassTurnOn", "slots": {"name": "Lamp"}}])
    assert outcome(read(meant("HassTurnOn", name="lamp", area="Kitchen")), row) == "right"
    assert outcome(read(meant("HassTurnOn", name="lamp", area="Hall")), row) == "wrong"
    assert outcome(read(meant("HassTurnOff", name="lamp")), row) == "wrong"
    assert outcome(read(replace(meant("HassTurnOn", name="lamp"), doubt=Doubt("confirm"))), row) == "asked"
    assert outcome(None, row) == "rejected"


def test_what_must_come_of_recordings_is_read_or_refused(tmp_path: Path) -> None:
    assert outcomes.expected(tmp_path) == []
    (tmp_path / "expected.jsonl").write_text(json.dumps({"file": "a.wav", "plans": []}) + "\n")
    assert outcomes.expected(tmp_path) == [Row("a.wav", plans=[])]
    (tmp_path / "expected.jsonl").write_text('{"odd": 1}\n')
    with pytest.raises(BadInput):
        outcomes.expected(tmp_path)


@given(st.integers(0, 200))
def test_any_beginning_is_an_even_sample(count: int) -> None:
    files = [Path(str(n)) for n in range(count)]
    order = [int(str(path)) for path in evenly(files)]
    assert sorted(order) == list(range(count))
    if count >= 64:
        assert max(order[:8]) - min(order[:8]) > count / 2, "not only the first of them"


def test_sounds_are_varied_as_they_say(tmp_path: Path) -> None:
    said, _ = sound.utterance("turn on the kitchen lights")
    assert len(faster(said, 1.1)) == pytest.approx(len(said) / 1.1, rel=0.01)
    assert len(insert(said, spots(said)[0], 0.5)) == len(said) + 8_000
    sound.write(tmp_path / "noise.wav", np.random.default_rng(0).normal(0, 3000, 16_000).astype(np.int16))
    added = mixed(said, [tmp_path / "noise.wav"], 10.0, 0).astype(float) - said
    assert 20 * np.log10(loudness(said) / loudness(added)) == pytest.approx(10, abs=1)
