"""The push-to-talk monitor's eight names, as people know them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import repartee.ptt as ptt
from repartee.observe import Resources, Usage
from repartee.ptt import PerformanceBenchmark, PerformanceMetrics, PerformanceTarget, PTTPerformanceMonitor


def usage(rss_mb: float = 50, cpu: float = 1.0) -> Usage:
    return Usage(0, cpu, {}, int(rss_mb * 1e6), 0, 5, 1, 0, 0, 0)


def monitor_with(sample: Usage, targets: PerformanceTarget | None = None) -> PTTPerformanceMonitor:
    monitor = PTTPerformanceMonitor(targets=targets)
    monitor._resources = _Fixed(sample)
    return monitor


class _Fixed(Resources):
    def __init__(self, sample: Usage) -> None:
        super().__init__()
        self._sample = sample

    def sample(self) -> Usage:
        return self._sample


def test_targets_as_specified() -> None:
    t = PerformanceTarget()
    assert (t.target_key_press_latency, t.target_recording_start, t.target_recording_stop) == (30, 50, 50)
    assert (t.target_total_latency, t.max_memory_mb, t.max_cpu_percent) == (100, 100, 5)
    assert PerformanceTarget(target_total_latency=80).target_total_latency == 80
    with pytest.raises(ValueError, match="max_memory_mb must be"):
        PerformanceTarget(max_memory_mb=-1)


def test_within_targets() -> None:
    monitor = monitor_with(usage())
    assert monitor.check_performance() == ["Performance within targets"]
    metrics = monitor.measure_latency(key_press_latency=0.01, recording_start_latency=0.02, recording_stop_latency=0.03)
    assert isinstance(metrics, PerformanceMetrics)
    assert metrics.total_latency == pytest.approx(0.06)
    summary = monitor.get_summary()
    assert summary["total_measurements"] == 1
    assert summary["average_latency_ms"] == pytest.approx(60)
    assert summary["memory_usage_mb"] == 50
    assert summary["cpu_percent"] == 1.0
    assert monitor.check_performance() == ["Performance within targets"]
    assert monitor.get_optimization_recommendations() == []


def test_findings_read_as_people_know_them() -> None:
    monitor = monitor_with(usage(120.3, 7.25))
    monitor.measure_latency(key_press_latency=0.0205, recording_start_latency=0.1, recording_stop_latency=0.03)
    findings = monitor.check_performance()
    assert "High latency: 150.5ms (target: 100ms)" in findings
    assert "High memory usage: 120.3MB (target: 100MB)" in findings
    assert "High CPU usage: 7.2% (target: 5%)" in findings
    assert "High recording start latency: 100.0ms (target: 50ms)" in findings
    first, second, third = monitor.get_optimization_recommendations()
    assert first.startswith("recording start: p95 100.0ms over 1 uses (target 50ms)")
    assert "100.5ms instead of 150.5ms" in first
    assert second.startswith("memory: 120.3MB")
    assert third.startswith("CPU: 7.2%")


def test_a_total_beyond_its_target_is_worth_advice_though_each_step_keeps_its_own() -> None:
    """110 ms over 100, of 30, 40 and 40."""
    monitor = monitor_with(usage())
    monitor.measure_latency(key_press_latency=0.03, recording_start_latency=0.042, recording_stop_latency=0.038)
    (advice,) = monitor.get_optimization_recommendations()
    assert advice.startswith("total: mean 110.0ms over 1 uses (target 100ms), though each step keeps its own")
    assert "recording start takes 38% of it, and in half its time the total would be 89.0ms" in advice


def test_blocks_count_and_statistics_are_exported_and_cleared(tmp_path: Path) -> None:
    monitor = monitor_with(usage())
    with monitor.measure("key_press"):
        pass
    with pytest.raises(KeyError), monitor.measure("sync"):
        raise KeyError
    summary = monitor.get_summary()
    assert summary["total_measurements"] == 2
    assert summary["key_press_average_ms"] >= 0
    for _ in range(3):
        monitor.measure_latency(0.2, 0.01, 0.01)
    told = json.loads(monitor.export_statistics(tmp_path / "ptt.json").read_text())
    assert told["summary"]["total_measurements"] == 5
    assert told["steps"]["total"]["max"] == pytest.approx(220)
    assert told["recommendations"][0].startswith("key press: p95 ")
    assert told["targets"]["target_total_latency"] == 100
    monitor.clear()
    assert monitor.get_summary()["total_measurements"] == 0


def test_it_runs_bare_and_reports_as_people_know_it() -> None:
    ptt.reset_performance_monitor()
    rows = ptt.benchmark_ptt_performance()
    assert {name: row["n"] for name, row in rows.items()} == {
        "key_press": 100, "recording_start": 100, "recording_stop": 100, "total": 100,
    }  # fmt: skip
    assert rows["key_press"]["max"] > 0, "a thread has really handed it over"
    lines = ptt.get_performance_report().splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == ["Measurements", "Targets", "Performance Check", "Recommendations"]
    assert "  total measurements: 100.00" in lines
    assert "  key press latency: 30" in lines
    ptt.reset_performance_monitor()


@pytest.mark.parametrize("seconds", [-0.1, math.nan, math.inf])
def test_what_can_be_no_time_is_refused(seconds: float) -> None:
    monitor = monitor_with(usage())
    with pytest.raises(ValueError, match="key_press_latency must be seconds"):
        monitor.measure_latency(key_press_latency=seconds)
    assert monitor.get_summary()["total_measurements"] == 0


def test_measure_and_benchmark() -> None:
    monitor = monitor_with(usage())
    with monitor.measure("tone"):
        pass
    assert monitor.get_summary()["total_measurements"] == 1
    assert monitor.monitor.summary()["tone"]["n"] == 1
    row = PerformanceBenchmark(monitor, runs=7).run("press", lambda: None)
    assert row["n"] == 7
    with pytest.raises(ValueError, match="at least once"):
        PerformanceBenchmark(monitor, runs=0).run("press", lambda: None)


def test_one_for_the_process() -> None:
    ptt.reset_performance_monitor()
    first = ptt.get_performance_monitor()
    assert ptt.get_performance_monitor() is first
    calls: list[str] = []
    rows = ptt.benchmark_ptt_performance(
        lambda: calls.append("press"), lambda: calls.append("start"), lambda: calls.append("stop"), runs=3
    )
    assert calls == ["press", "start", "stop"] * 3
    assert rows["total"]["n"] == 3
    assert "total measurements: 3.00" in ptt.get_performance_report()
    assert json.loads(ptt.get_performance_report("json"))["profile"] == "ptt"
    figure = first.figure("total")
    assert figure is not None
    assert figure.n == 3
    ptt.reset_performance_monitor()
    assert ptt.get_performance_monitor() is not first


def test_a_real_sample_is_taken() -> None:
    metrics = PTTPerformanceMonitor().measure_latency(0.01, 0.01, 0.01)
    assert metrics.timestamp > 1.7e9
    assert metrics.memory_usage_mb > 10
