"""The exporter for Prometheus: families, buckets, bounded labels, nothing that proves nothing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from repartee.contract import SHIPPED, Kind, Level, Measurement, Origin, Provenance, load_profile
from repartee.contract.export.promql import running
from repartee.engines.telemetry.prometheus import Exporter


def samples(exporter: Exporter) -> dict[str, float]:
    return {
        s.name + str(sorted(s.labels.items())): s.value
        for family in text_string_to_metric_families(exporter.exposition().decode())
        for s in family.samples
    }


def test_every_threshold_is_a_bucket_s_edge(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[budget]\nmine = { metric = "turn_action", p95 = { target = 123, warning = 234, critical = 345 } }')
    profiles = [load_profile(own), *map(load_profile, SHIPPED)]
    exporter = Exporter(profiles[0])
    edges: dict[str, set[float]] = {}
    for family in text_string_to_metric_families(exporter.exposition().decode()):
        edges[family.name] = {float(s.labels["le"]) for s in family.samples if "le" in s.labels}
    for profile in profiles:
        for budget in profile:
            if running(budget) and budget.metric.kind is Kind.DURATION:
                for level in Level:
                    assert budget.metric.unit.to_base(budget.limit(level)) in edges[budget.metric.family]


def test_every_family_that_a_rule_may_name_is_there_from_the_start() -> None:
    exporter = Exporter(load_profile())
    names = {s.name for f in text_string_to_metric_families(exporter.exposition().decode()) for s in f.samples}
    for profile in map(load_profile, SHIPPED):
        for budget in filter(running, profile):
            suffix = "_bucket" if budget.metric.kind is Kind.DURATION else ""
            assert budget.metric.family + suffix in names, budget.key


def test_figures_arrive_in_base_units_with_bounded_labels() -> None:
    exporter = Exporter(load_profile())
    exporter.measured(
        [
            Measurement("turn_action", 204.0, {"wait_class": "closed"}),
            Measurement("turn_action", 204.0, {"wait_class": "x" * 10_000}),
            Measurement("process_memory", 300.0),
            Measurement("component_cpu", 50.0, {"component": "voice"}),
            Measurement("home_commands", 1.0),
        ],
        Provenance(),
    )
    rows = samples(exporter)
    assert rows["repartee_turn_action_seconds_sum[('wait_class', 'closed')]"] == pytest.approx(0.204)
    assert rows["repartee_turn_action_seconds_count[('wait_class', 'other')]"] == 1
    assert rows["repartee_process_resident_bytes[]"] == 300e6
    assert rows["repartee_component_cpu_ratio[('component', 'voice')]"] == 0.5


@pytest.mark.parametrize(
    ("provenance", "reason"), [(Provenance(Origin.MOCK), "mock input"), (Provenance(pace="text"), "typed, not spoken")]
)
def test_what_proves_nothing_is_counted_but_not_measured(provenance: Provenance, reason: str) -> None:
    exporter = Exporter(load_profile())
    exporter.measured([Measurement("turn_action", 1.0, {"wait_class": "closed"})], provenance)
    rows = samples(exporter)
    assert rows["repartee_turn_action_seconds_count[('wait_class', 'closed')]"] == 0
    assert rows[f"repartee_unproven_total[('reason', '{reason}')]"] == 1


def test_counters_and_totals() -> None:
    exporter = Exporter(load_profile())
    exporter.turn([], failed=True)
    exporter.turn([], failed=False)
    for hits, asked in ((1, 2), (3, 6), (1, 1)):  # the cache was emptied in the end
        exporter.cache("intent", hits, asked)
    exporter.cache("never heard of", 1, 1)
    for so_far in (5.0, 8.0, 1.0):  # megabytes; somebody else began again
        exporter.total("disk_io", so_far)
    rows = samples(exporter)
    assert rows["repartee_turns_total[]"] == 2
    assert rows["repartee_turn_errors_total[]"] == 1
    assert rows["repartee_cache_hits_total[('cache', 'intent')]"] == 4
    assert rows["repartee_cache_requests_total[('cache', 'intent')]"] == 7
    assert rows["repartee_cache_hits_total[('cache', 'other')]"] == 1
    assert rows["repartee_disk_bytes_total[]"] == 9e6


async def test_a_scrape_in_pieces_is_the_same() -> None:
    exporter = Exporter(load_profile())
    exporter.measured([Measurement("hearing", 12.0)], Provenance())
    assert await exporter.scrape() == exporter.exposition()
    assert not any(math.isnan(value) for value in samples(exporter).values())
