"""The gate that counts instructions: exact, and blind to a busy machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.gate import judged

from repartee.core.errors import BadInput
from repartee.proof.comparison import paired
from repartee.proof.counting import instructions
from repartee.proof.gate import Answer
from repartee.proof.interleaved import command_of
from repartee.proof.results import Earlier, Row

HERE = str(Path(__file__).parent)


def work(times: int) -> int:
    return sum(number * number for number in range(times))


def test_the_count_is_the_work_and_the_same_each_time() -> None:
    once = instructions(lambda: work(1000), HERE)
    assert once == instructions(lambda: work(1000), HERE)
    assert instructions(lambda: work(2000), HERE) == pytest.approx(2 * once, rel=0.02)


def test_other_people_s_code_is_not_counted() -> None:
    assert instructions(lambda: work(1000), "/nowhere") == 0


def test_ten_percent_more_is_told_and_less_is_not() -> None:
    before = {"parse": 1000, "act": 1000, "gone": 5}
    assert judged({"parse": 1100, "act": 900, "new": 7}, before, 10) == []
    assert judged({"parse": 1101, "act": 900}, before, 10) == ["parse: 1,101 instructions, 10% more than 1,000"]


def run(times: float, reference: float) -> Earlier:
    row = Row("understanding", "parse", {}, [times * (1 + i % 7 / 100) * reference for i in range(30)], [])
    return Earlier(Path("x"), "a box", [reference] * 5, [row])


def test_runs_in_turn_are_compared_in_units_of_each_one_s_own_reference() -> None:
    old = [run(1.0, speed) for speed in (1.0, 1.5, 1.2)]  # the machine changes its speed all the time
    assert paired(old, [run(1.0, speed) for speed in (1.4, 1.0, 1.3)]).answer is Answer.SAME
    assert paired(old, [run(1.15, speed) for speed in (1.4, 1.0, 1.3)]).answer is Answer.SLOWER
    assert "more --seconds" in paired(old, [Earlier(Path("x"), "", [1.0], [])]).warning


def test_a_folder_without_a_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no repartee in it"):
        command_of(tmp_path)
