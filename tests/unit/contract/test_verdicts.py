"""Verdicts, severity, objectives, derived targets, recommendations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import (
    Case,
    Figure,
    Measurement,
    Metric,
    Origin,
    Outcome,
    Provenance,
    Severity,
    WhatIf,
    derive,
    judge,
    judge_all,
    judge_turn,
    load_profile,
    loosest,
    recommend,
    slos,
    worst,
)

MOONSHOT, ALICE = load_profile("moonshot"), load_profile("alice")
CLOSED = MOONSHOT.budget("action_closed.p95")
REAL = Provenance(engines={"stt": "moonshine"})


@pytest.mark.parametrize(
    ("provenance", "reason"),
    [
        (Provenance(Origin.MOCK), "mock input"),
        (Provenance(Origin.SYNTHETIC), "synthetic input"),
        (Provenance(pace="fast"), "fast pace"),
        (Provenance(pace="text"), "typed"),
        (Provenance(pace="odd"), "odd pace"),
    ],
)
def test_what_proves_nothing_never_passes(provenance: Provenance, reason: str) -> None:
    within = judge(CLOSED, Figure(100, 500, provenance))
    assert within.outcome is Outcome.UNPROVEN
    assert reason in within.reason
    beyond = judge(CLOSED, Figure(1000, 500, provenance))
    assert beyond.outcome is Outcome.BROKEN, "but it can fail"
    assert reason in beyond.reason


@given(
    st.floats(allow_nan=True),
    st.integers(0, 1000),
    st.sampled_from(list(Origin)),
    st.sampled_from(["realtime", "fast", "text"]),
)
def test_only_enough_real_lived_figures_keep_a_budget(value: float, n: int, origin: Origin, pace: str) -> None:
    verdict = judge(CLOSED, Figure(value, n, Provenance(origin, pace)))
    honest = origin is Origin.REAL and pace == "realtime" and n >= 20 and math.isfinite(value) and value <= 300
    assert (verdict.outcome is Outcome.KEPT) == honest
    assert (verdict.severity is not None) == (verdict.outcome is Outcome.BROKEN)


def test_pace_matters_only_where_sound_is_involved() -> None:
    assert judge(MOONSHOT.budget("parse.p95"), Figure(0.1, 100, Provenance(pace="text"))).outcome is Outcome.KEPT


def test_too_few_and_not_measured() -> None:
    assert judge(CLOSED, Figure(100, 19, REAL)).outcome is Outcome.TOO_FEW
    assert judge(CLOSED, None).outcome is Outcome.NOT_MEASURED
    assert judge(CLOSED, Figure(math.nan, 50, REAL)).reason == "the figure is nan"


@pytest.mark.parametrize(
    ("budget", "value", "severity"),
    [
        ("alice/end_to_end", 2000, Severity.P3),  # a third too slow, but below the warning
        ("alice/end_to_end", 2501, Severity.P1),
        ("alice/end_to_end", 4001, Severity.P0),
        ("alice/cpu_average", 25, Severity.P3),
        ("alice/file_descriptors", 201, Severity.P1),
        ("alice/memory_peak", 2001, Severity.P0),
        ("alice/memory_leaks", 1, Severity.P1),
        ("alice/cache_intent", 69, Severity.P2),
        ("alice/cache_intent", 5, Severity.P1),
        ("moonshot/action_closed.p95", 310, Severity.P3),
        ("moonshot/action_closed.p95", 380, Severity.P2),
        ("moonshot/action_closed.p95", 451, Severity.P1),
        ("moonshot/home_commands_wrong", 0.2, Severity.P1),
        ("moonshot/home_commands_right", 80, Severity.P3),
    ],
)
def test_severity(budget: str, value: float, severity: Severity) -> None:
    profile, _, name = budget.partition("/")
    verdict = judge(load_profile(profile).budget(name), Figure(value, 1000, REAL))
    assert verdict.severity is severity
    assert verdict.respond_within == {"P0": "15m", "P1": "1h", "P2": "24h", "P3": "1w"}[severity]


def test_a_verdict_tells_all() -> None:
    verdict = judge(CLOSED, Figure(380, 40, REAL))
    assert verdict.text() == ("action_closed.p95 at most 300 ms: broken, 380 ms (n=40), P2, respond within 24h")
    row = verdict.as_json()
    assert (row["from"], row["to"], row["unit"], row["target"]) == ("speech_end", "state_confirmed", "ms", 300)
    assert row["provenance"]["engines"] == {"stt": "moonshine"}


def test_one_turn_is_held_against_the_loosest_percentile_of_its_class() -> None:
    measured = [
        Measurement("turn_action", 250, {"wait_class": "closed"}),
        Measurement("turn_first_audio", 900, {"wait_class": "closed"}),
    ]
    verdicts = {v.budget.name: v for v in judge_turn(loosest(MOONSHOT), measured, REAL)}
    assert set(verdicts) == {"action_closed", "action_all", "first_audio_closed"}
    assert verdicts["action_closed"].outcome is Outcome.KEPT
    first = worst(verdicts.values())
    assert first is not None
    assert first.budget.name == "first_audio_closed"
    assert worst(v for v in verdicts.values() if v.outcome is Outcome.KEPT) is None


def test_tiers_count_with_so_many_people() -> None:
    def answered(users: int) -> set[str]:
        return {v.budget.name for v in judge_all(ALICE, lambda _: None, users) if v.budget.name.startswith("tier")}

    assert answered(3) == {"tier_1_5_cpu", "tier_1_5_memory", "tier_1_5_response"}
    assert answered(50) == {"tier_31_up_response"}


def test_objectives_are_read_from_percentiles() -> None:
    closed = next(slo for slo in slos(MOONSHOT) if slo.budget.name == "action_closed")
    assert closed.objective == 0.95
    assert closed.spent(good=950, total=1000) == pytest.approx(1.0)
    assert closed.burn_rate(good=280, total=1000) == pytest.approx(14.4)
    assert closed.spent(0, 0) == 0
    assert all(slo.budget.statistic in ("p95", "p99") for slo in slos(MOONSHOT))


def test_orac_s_targets_come_from_a_baseline() -> None:
    def baseline(metric: Metric, _statistic: str) -> Figure | None:
        return {
            "hearing": Figure(200, 100, REAL),
            "acting": Figure(10, 5, REAL),
            "turn_answered": Figure(500, 100, Provenance(Origin.SYNTHETIC)),
            "process_memory": Figure(300, 1, REAL),
            "requests": Figure(8, 1, REAL),
        }.get(metric.name)

    derived = derive(load_profile("orac"), baseline)
    limits = derived.profile.budget("stt").thresholds
    assert (limits.target, limits.warning, limits.critical) == (160, 200, 300)
    assert derived.profile.budget("memory_peak").thresholds.warning == 300
    assert derived.profile.budget("requests_per_s").thresholds.target == 10, "more is better"
    assert derived.left_out["device_response"] == "5 of at least 20"
    assert derived.left_out["api_p95"] == "synthetic input"
    assert derived.left_out["llm_generation"] == "needs a language model: `fast` in [llm]"


CASES = [
    Case(f"t{i}", total=100 + hear + 20, parts={"listen": 100, "hear": hear, "act": 20})
    for i, hear in enumerate([60.0] * 12 + [300.0] * 8)
]


def test_recommendations_cite_turns_and_figures() -> None:
    verdict = judge(CLOSED, Figure(420, 20, REAL))
    measured = WhatIf("hear", "set audio.beam = 3", 0.4, "bench/results/hearing.json, 2026-01-05", "2 of 57 commands")
    no_use = WhatIf("remember", "skip memory", 0.0, "nowhere")
    first, second = recommend(verdict, CASES, [measured, no_use], {"hear": 150})
    assert first.what == "set audio.beam = 3"
    assert first.basis == "measured"
    assert first.then == pytest.approx(100 + 300 * 0.4 + 20)
    assert "2 of 57 commands" in first.text()
    assert second.basis == "computed"
    assert second.then == 270
    assert "8 of 8 turns beyond 300 ms" in second.evidence
    assert second.turns[0] in {case.id for case in CASES if case.total > 300}


def test_no_recommendation_without_a_reason() -> None:
    assert recommend(judge(CLOSED, Figure(100, 20, REAL)), CASES) == []
    assert recommend(judge(CLOSED, Figure(420, 20, REAL)), []) == []
    assert recommend(judge(CLOSED, Figure(420, 20, REAL)), CASES[:12]) == [], "these turns were within"
