"""Which budgets the page's waterfall is drawn against: those of the contract, none of its own."""

from __future__ import annotations

import pytest

from repartee.app.doors.http.turn_budgets import MOMENTS, STAGES, turn_budgets
from repartee.contract import SHIPPED, load_profile


def test_ours_has_a_budget_for_every_bar_that_somebody_promised() -> None:
    ours = load_profile("moonshot")
    told = turn_budgets(ours)
    keys = {stage: budget["budget"] for stage, budget in told["stages"].items()}
    assert keys == {
        "hear": "decode_final.p95",
        "understand": "parse.p95",
        "act": "dispatch_one.p95",
        "speak": "tts_first_audio.p95",
    }
    assert told["stages"]["act"]["target"] == ours.budget("dispatch_one.p95").thresholds.target


def test_a_moment_is_held_against_its_own_class_before_the_general_one() -> None:
    classes = [budget["wait_class"] for budget in turn_budgets(load_profile("moonshot"))["moments"]["done"]]
    assert classes == [["closed", "released"], ["complete"], []]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_profile_can_be_shown(name: str) -> None:
    told = turn_budgets(load_profile(name))
    assert told["profile"] == name
    assert set(told["stages"]) <= set(STAGES)
    assert set(told["moments"]) == set(MOMENTS)
    every = [*told["stages"].values(), *(budget for moment in told["moments"].values() for budget in moment)]
    assert all(0 < budget["target"] <= budget["warning"] <= budget["critical"] for budget in every)


def test_what_every_turn_measures_goes_before_what_only_a_bench_can() -> None:
    assert turn_budgets(load_profile("alice"))["stages"]["hear"]["budget"] == "stt.p95"
