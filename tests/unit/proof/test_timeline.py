"""The performance log as lines over time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import Origin, Provenance
from repartee.proof.history import Past, Use
from repartee.proof.timeline import Window, read_timeline, timeline

HOUR = Window(1_000.0, 4_600.0, 6)


def turn(at: float, total: float | None = 100.0, failed: bool = False) -> Past:
    return Past(f"t{at}", at, (), Provenance(Origin.REAL, "realtime"), "closed", {}, total, failed)


def test_each_part_tells_its_own_turns() -> None:
    told = timeline([turn(1_001, 100), turn(1_100, 300), turn(4_599, 50, failed=True)], [], HOUR)
    assert told["at"] == [1_300, 1_900, 2_500, 3_100, 3_700, 4_300]
    assert told["turns"]["n"] == [2, None, None, None, None, 1]
    assert told["turns"]["failed"] == [0, None, None, None, None, 1]
    assert told["turns"]["p50"] == [200, None, None, None, None, 50]
    assert told["turns"]["p99"] == [298, None, None, None, None, 50]


def test_a_turn_without_an_answer_counts_and_has_no_wait() -> None:
    told = timeline([turn(1_001, None, failed=True)], [], HOUR)
    assert told["turns"]["n"][0] == 1
    assert told["turns"]["p50"][0] is None


def test_use_is_the_highest_of_each_part() -> None:
    used = [Use(1_001, {"process_cpu": 10.0}), Use(1_002, {"process_cpu": 30.0, "threads": 9})]
    told = timeline([], used, HOUR)["used"]
    assert told == {"process_cpu": [30, None, None, None, None, None], "threads": [9, None, None, None, None, None]}


@given(st.lists(st.floats(0, 10_000), max_size=50))
def test_whatever_is_within_the_window_is_counted_once(times: list[float]) -> None:
    counted = timeline([turn(at) for at in times], [], HOUR)["turns"]["n"]
    assert sum(n or 0 for n in counted) == sum(HOUR.begin <= at < HOUR.end for at in times)


def test_a_log_is_read_from_where_the_window_begins(tmp_path: Path) -> None:
    log = tmp_path / "performance.jsonl"
    rows = [{"at": at, "usage": {"process_cpu": cpu}} for at, cpu in ((10.0, 99.0), (2_000.0, 5.0))]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"at": 3000, "usa')
    told = read_timeline(log, HOUR, [Use(2_001.0, {"process_cpu": 7.0})])
    assert told["used"]["process_cpu"] == [None, 7.0, None, None, None, None]


@pytest.mark.parametrize("log", [None, Path("there is none.jsonl")])
def test_without_a_log_the_samples_are_told_alone(log: Path | None) -> None:
    told = read_timeline(log, HOUR, [Use(2_001.0, {"process_cpu": 7.0})])
    assert told["used"]["process_cpu"][1] == 7.0
    assert told["turns"]["n"] == [None] * 6
