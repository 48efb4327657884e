"""What is generated for other programs: rules, dashboard, OpenSLO. `promtool` judges them where it is installed."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from repartee.contract import SHIPPED, Direction, Level, load_profile
from repartee.contract.export import budgets_in, dashboard, documents, rules_document
from repartee.contract.export.grafana import widgets
from repartee.contract.export.promql import bad_share, exceeded, figure, running
from repartee.contract.export.rules import PATIENCE, named_alerts, watches
from repartee.core.errors import BadBudget

PROFILES = [load_profile(name) for name in SHIPPED]


@pytest.fixture(scope="session")
def promtool() -> str:
    """Debian's `prometheus`; its absence is a skip, in CI a failure."""
    found = shutil.which("promtool")
    if found is None:
        reason = "no promtool: sudo apt-get install prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize(
    ("budget", "expression"),
    [
        (
            "moonshot/action_closed.p95",
            "histogram_quantile(0.95, sum by (le) (rate(repartee_turn_action_seconds_bucket"
            '{wait_class=~"closed|released"}[5m]))) > 0.3',
        ),
        ("alice/cpu_average", "avg_over_time(repartee_process_cpu_ratio[5m]) > 0.2"),
        ("alice/cpu_peak", "max_over_time(repartee_process_cpu_ratio[5m]) > 0.6"),
        ("alice/cpu_voice", 'avg_over_time(repartee_component_cpu_ratio{component="voice"}[5m]) > 0.4'),
        ("alice/memory_growth", "delta(repartee_process_resident_bytes[1h]) > 5000000"),
        ("alice/disk_io", "sum(rate(repartee_disk_bytes_total[1h])) * 3600 > 50000000"),
        ("alice/network", "sum(rate(repartee_network_bytes_total[5m])) * 1 > 1250000"),
        (
            "alice/cache_intent",
            'sum(rate(repartee_cache_hits_total{cache="parse"}[5m]))'
            ' / sum(rate(repartee_cache_requests_total{cache="parse"}[5m])) < 0.7',
        ),
        (
            "alice/tier_1_5_memory",
            "(repartee_process_resident_bytes > 768000000)"
            " and on () (max(repartee_sessions) >= 1 and max(repartee_sessions) <= 5)",
        ),
    ],
)
def test_expressions_suit_the_type_of_the_metric(budget: str, expression: str) -> None:
    profile, _, name = budget.partition("/")
    assert exceeded(load_profile(profile).budget(name), Level.TARGET) == expression


def test_objectives_count_at_a_bucket_s_edge() -> None:
    share = bad_share(load_profile("luna").budget("end_to_end"), "1h")
    assert 'le="1.0"' in share
    assert share.startswith("1 - sum(rate(repartee_turn_answered_seconds_bucket{")


def test_every_running_budget_has_its_alerts() -> None:
    groups = rules_document(PROFILES)["groups"]
    alerted = {(r["labels"]["profile"], r["labels"]["budget"]) for g in groups for r in g["rules"] if "alert" in r}
    for profile in PROFILES:
        for budget in profile:
            assert ((profile.name, budget.key) in alerted) == running(budget), budget.key
    named = set(re.findall(r"\brepartee_[a-z_]+", json.dumps([r["expr"] for g in groups for r in g["rules"]])))
    families = {name for p in PROFILES for b in p if running(b) for name in (b.metric.family, b.metric.of)}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in named} <= families | {"repartee_sessions"}


def test_severities_in_the_rules_come_from_the_contract() -> None:
    rules = {
        (r["alert"], r["labels"]["severity"]): r
        for g in rules_document(PROFILES)["groups"]
        for r in g["rules"]
        if "alert" in r
    }
    leak = rules["AliceMemoryLeaksValue", "critical"]
    assert "P1: respond within 1h" in leak["annotations"]["description"]
    assert rules["AliceCacheIntentValue", "warning"]["for"] == PATIENCE


def test_the_dashboard_has_seven_widgets_with_thresholds() -> None:
    for profile in PROFILES:
        board = dashboard(profile)
        assert [panel["title"] for panel in board["panels"]] == [
            "CPU", "Memory and growth", "Latency percentiles", "Concurrent users", "Error rate", "Resource use",
            "Cache performance",
        ]  # fmt: skip
        assert len(widgets(profile)) == 7
        for panel in board["panels"]:
            assert panel["targets"]
            values = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]][1:]
            assert values == sorted(values)
        json.dumps(board)


def test_openslo_goes_out_and_comes_back() -> None:
    written = yaml.safe_dump_all(documents(PROFILES), sort_keys=False)
    read = budgets_in(yaml.safe_load_all(written), "ours.yaml")
    promised = [(b.name, b.metric.name, b.thresholds, b.where) for b in read]
    moonshot = load_profile("moonshot")
    for budget in moonshot:
        if running(budget) and budget.statistic == "p95" and budget.users is None:
            assert (budget.name, budget.metric.name, budget.thresholds, budget.where) in promised
    kinds = [document["kind"] for document in yaml.safe_load_all(written)]
    assert kinds.count("AlertPolicy") == 2
    assert kinds[0] == "Service"


def slo_document() -> dict[str, Any]:
    return next(copy.deepcopy(d) for d in documents([load_profile("ptt")]) if d["kind"] == "SLO")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"apiVersion": "openslo/v9"}, "is no openslo/v1 document"),
        ({"metadata": {"name": "x"}}, "says not which figure"),
        ({"spec": {"objectives": []}}, "can't be read"),
        ({"spec": {"objectives": [{"target": 0.97}]}}, "0.97 is none of"),
        ({"kind": "Service"}, "has no SLO"),
    ],
)
def test_openslo_that_cannot_be_read_is_explained(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadBudget) as error:
        budgets_in([slo_document() | change], "theirs.yaml")
    assert said in str(error.value)
    assert "theirs.yaml" in str(error.value)


def check(promtool: str, *arguments: str) -> str:
    done = subprocess.run([promtool, *arguments], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_takes_the_rules(promtool: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(yaml.safe_dump(rules_document(PROFILES), sort_keys=False, allow_unicode=True))
    assert "SUCCESS" in check(promtool, "check", "rules", str(rules))


def test_the_four_alerts_fire_and_resolve(promtool: str, tmp_path: Path) -> None:
    """Good for two hours, bad for an hour, good again; each alert is there at the end of the bad time only."""
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules_document(PROFILES), sort_keys=False))
    slow = 'repartee_turn_answered_seconds_bucket{le="%s"}'
    test = {
        "interval": "1m",
        "input_series": [
            {"series": "repartee_process_cpu_ratio", "values": "0.1x120 0.7x60 0.1x120"},
            {"series": "repartee_process_resident_bytes", "values": "300e6x120 1100e6+2e6x60 300e6x120"},
            {"series": 'up{job="repartee"}', "values": "1x120 0x60 1x120"},
            {"series": slow % "1.5", "values": "0+10x120 1200x60 1200+10x120"},
            {"series": slow % "2.5", "values": "0+10x120 1200x60 1200+10x120"},
            {"series": slow % "4.0", "values": "0+10x120 1200+10x60 1800+10x120"},
            {"series": slow % "+Inf", "values": "0+10x120 1200+10x60 1800+10x120"},
        ],
        "alert_rule_test": [
            {"eval_time": time, "alertname": alert["alert"], "exp_alerts": [expected(alert)] if fires else []}
            for alert in (*named_alerts(), *watches())
            for time, fires in (("1h50m", False), ("2h45m", True), ("4h30m", False))
        ],
    }
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}))
    assert "SUCCESS" in check(promtool, "test", "rules", str(path))


def expected(alert: dict[str, Any]) -> dict[str, Any]:
    return {"exp_labels": alert["labels"], "exp_annotations": alert["annotations"]}


def test_a_burning_error_budget_fires_and_resolves(promtool: str, tmp_path: Path) -> None:
    """14.4 times too fast, over an hour and over five minutes: 80 % of turns beyond the target where 5 % may be."""
    profile = load_profile("luna")
    document = rules_document([profile])
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(document, sort_keys=False))
    rules = [
        rule
        for group in document["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "LunaEndToEndErrorBudgetBurns" and rule["labels"]["severity"] == "critical"
    ]
    name = profile.budget("end_to_end").metric.family
    test = {
        "interval": "1m",
        "input_series": [
            {"series": f'{name}_bucket{{le="1.0"}}', "values": "0+10x120 1200+2x120 1440+10x120"},
            {"series": f"{name}_count", "values": "0+10x360"},
        ],
        "alert_rule_test": [
            {
                "eval_time": time,
                "alertname": "LunaEndToEndErrorBudgetBurns",
                "exp_alerts": [expected(rules[0])] if fires else [],
            }
            for time, fires in (("1h50m", False), ("3h50m", True), ("5h50m", False))
        ],
    }
    # the slower pair of windows goes on burning after the fast one is over: only the fast one is looked at
    slow = next(g for g in document["groups"] if g["name"] == "repartee-luna-alert")["rules"]
    slow[:] = [r for r in slow if r is rules[0]]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(document, sort_keys=False))
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}))
    assert "SUCCESS" in check(promtool, "test", "rules", str(path))


def test_thresholds_are_written_once() -> None:
    """The same budget in rules, dashboard and objective has one figure, from one file."""
    budget = load_profile("alice").budget("end_to_end")
    assert budget.direction is Direction.AT_MOST
    assert exceeded(budget, Level.WARNING) == f"{figure(budget)} > 2.5"
    panel = next(p for p in dashboard(load_profile("alice"))["panels"] if p["title"] == "Latency percentiles")
    assert [s["value"] for s in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]][1:] == [1.5, 2.5, 4.0]
