"""What a bench found, told to people."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from repartee.contract import Origin, Outcome, Provenance, load_profile
from repartee.proof import report
from repartee.proof.bench import Bench, Crowd
from repartee.proof.comparison import against
from repartee.proof.gate import Answer
from repartee.proof.results import Earlier, Row, Taken

FACTS = {"at": "2026-01-01", "seconds": 60.0, "machine": "a box", "engines": {"stt": "moonshine"}, "versions": {}}


def bench(others: float = 0.0, origin: Origin = Origin.REAL) -> Bench:
    turns = Taken(
        "turn_answered", "a whole turn", Provenance(origin), {"wait_class": "closed"}, [800.0] * 15 + [1800.0] * 15
    )
    cold = Taken("turn_answered", "a whole turn", Provenance(warm=False), {"wait_class": "closed"}, [9000.0])
    way = {"turn": "t", "file": "a.wav", "wait_class": "closed", "total_ms": 100.0, "blame": "hear"}
    ways = [{**way, "parts": {"hear": 60.0, "listen": 40.0}}] * 3
    return Bench([turns, cold], ways, {**FACTS, "others_cpu_percent": others, "reference": [1.0, 1.1]})


def told(found: Bench, profile: str = "luna") -> str:
    out = io.StringIO()
    report.table(found.against(load_profile(profile)), Console(file=out, width=200))
    return out.getvalue()


def test_the_table_hides_nothing() -> None:
    text = told(bench())
    assert "1,800 ms" in text
    assert "P1 1h" in text
    assert f"- {report.LIVING}: wake_word_detection.p95" in text
    assert "- repartee bench --gains: gain_cached_repeat.value, gain_parallel_plan.value" in text
    assert "1 broken, 12 not measured" in text
    assert "9,000" not in text, "cold stands apart"


def test_a_busy_machine_is_told() -> None:
    assert "Other programs took 62 % of this machine" in told(bench(others=62.0))
    assert "Other programs" not in told(bench(others=3.0))
    assert 0 <= Crowd().percent() <= 100


def test_the_bottleneck_is_named() -> None:
    text = report.markdown(bench().against(load_profile("luna")))
    assert "Over 3 turns, **hear** is the bottleneck: 60% of the time that people wait." in text
    assert "| hear | 3 | 60.0% |" in text
    assert "No whole turn was played" in report.markdown(Bench([], [], bench().facts).against(load_profile("ptt")))


def test_a_derived_profile_is_derived_from_the_run_itself() -> None:
    held = bench().against(load_profile("orac"))
    assert [budget.name for budget in held.profile] == ["api_p95"]
    assert held.profile.budget("api_p95").thresholds.warning == pytest.approx(1800)
    assert [v.outcome for v in held.verdicts] == [Outcome.UNPROVEN], "it can't break a target that it sets itself"
    assert "- needs a language model: `fast` in [llm]: llm_generation, llm_p95" in told(bench(), "orac")
    assert list(bench(origin=Origin.MOCK).against(load_profile("orac")).profile) == []


def test_a_slower_machine_is_no_slower_program() -> None:
    old = Row("parse", "parsing", {}, [1.0 + i / 100 for i in range(30)], [])
    new = Taken("parse", "parsing", Provenance(), cpu=[2.0 + i / 50 for i in range(30)], samples=[1.0] * 30)
    same = against(Earlier(old_path(), "a box", [5.0] * 9, [old]), [new], [10.0] * 9)
    assert same.answer is Answer.SAME
    assert same.drift == 2.0
    assert "the machine takes 2.00 times" in same.warning
    slower = against(Earlier(old_path(), "a box", [10.0] * 9, [old]), [new], [10.0] * 9)
    assert slower.answer is Answer.SLOWER
    nothing = against(Earlier(old_path(), "a box", [10.0], [old]), [], [10.0])
    assert nothing.answer is Answer.TOO_FEW
    assert "more --seconds" in nothing.warning


def old_path() -> Path:
    return Path("old.json")
