"""What is recommended about a broken budget: of every kind, with figures, ranked, and naming what exists."""

from __future__ import annotations

import re

import pytest

from repartee.assembly.settings import Settings
from repartee.contract import SHIPPED, Budget, Direction, Figure, advise, judge, load_profile, ranked
from repartee.contract.files import read_data, shipped_metrics
from repartee.observe import Monitor

BUDGETS = [budget for name in SHIPPED for budget in load_profile(name)]


def broken(budget: Budget, times: float = 3.0) -> Figure:
    target = budget.thresholds.critical or 1.0
    return Figure(target * times if budget.direction is Direction.AT_MOST else target / times, 200)


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda b: b.key)
def test_every_kind_of_budget_has_advice_with_its_figures(budget: Budget) -> None:
    (advice,) = advise(judge(budget, broken(budget)), {})
    assert budget.metric.text(broken(budget).value) in advice.evidence
    assert "n=200" in advice.evidence
    assert advice.priority in ("P0", "P1", "P2", "P3", "P4")
    assert advise(judge(budget, Figure(budget.thresholds.target, 200)), {}) == []


def test_the_largest_part_is_named_and_what_half_of_it_would_give() -> None:
    monitor = Monitor("alice")
    monitor.record("process_memory", 1500.0)
    for component, size in (("stt", 900.0), ("tts", 20.0)):
        monitor.record("component_memory", size, component=component)
    advice = {r.budget: r for r in monitor.recommendations()}
    memory = advice["memory_baseline.value"]
    assert memory.stage == "stt"
    assert "stt takes 900 MB of it" in memory.evidence
    assert memory.then == 1050
    assert "stt_model" in memory.what


def test_the_urgent_and_easy_comes_first() -> None:
    alice = load_profile("alice")
    easy = advise(judge(alice.budget("cpu_average"), Figure(200.0, 10)), {"loop": 1.0, "background": 199.0})
    hard = advise(judge(alice.budget("threads"), Figure(60.0, 10)), {})
    first, second = ranked([*hard, *easy])
    assert first.budget == "cpu_average.mean"
    assert first.priority < second.priority


def test_what_it_names_exists() -> None:
    """Metrics, and the settings in backticks that stand with their section."""
    data, metrics = read_data("advice.toml"), shipped_metrics()
    known = {key for section in Settings.model_fields.values() for key in section.annotation.model_fields}  # type: ignore[union-attr]
    for metric, row in data.items():
        assert metric == "*" or metric in metrics
        assert all(part in metrics for part in row["parts"])
        for one in row["do"].values():
            named = re.findall(r"\(([^()]*) in \[\w+\]\)", one["what"])
            for key in re.findall(r"`(\w+?)(?: = [^`]*)?`", " ".join(named)):
                assert key in known, f"{metric}: no setting {key}"
