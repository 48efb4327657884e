"""The push-to-talk monitor's API as people know it, over `observe` and the budgets of the profile `ptt`.

from repartee.ptt import PTTPerformanceMonitor

monitor = PTTPerformanceMonitor()
monitor.measure_latency(key_press_latency=0.012, recording_start_latency=0.03, recording_stop_latency=0.02)
with monitor.measure("tone"): ...
monitor.check_performance()        # ["Performance within targets"]
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .contract.files import load_profile
from .contract.verdict import Figure
from .observe.monitor import Measure, Monitor
from .observe.resources import Resources

STEPS = ("key_press", "recording_start", "recording_stop")
WITHIN = "Performance within targets"


def _target(name: str) -> float:
    return load_profile("ptt").budget(name).thresholds.target


@dataclass
class PerformanceTarget:
    """What must be kept; the defaults are the targets of the profile `ptt`."""

    target_key_press_latency: float = field(default_factory=lambda: _target("key_press"))
    """Milliseconds, as the next three."""
    target_recording_start: float = field(default_factory=lambda: _target("recording_start"))
    target_recording_stop: float = field(default_factory=lambda: _target("recording_stop"))
    target_total_latency: float = field(default_factory=lambda: _target("total"))
    max_memory_mb: float = field(default_factory=lambda: _target("memory"))
    max_cpu_percent: float = field(default_factory=lambda: _target("cpu_idle"))

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not math.isfinite(value) or value < 0:
                raise ValueError(f"{name} must be a number that is not negative, not {value!r}")


@dataclass
class PerformanceMetrics:
    """One use of the button."""

    key_press_latency: float = 0.0
    """Seconds, as the next two."""
    recording_start_latency: float = 0.0
    recording_stop_latency: float = 0.0
    memory_usage_mb: float = 0.0
    cpu_percent: float = 0.0
    timestamp: float = field(default_factory=time.time)

    @property
    def total_latency(self) -> float:
        """Seconds."""
        return self.key_press_latency + self.recording_start_latency + self.recording_stop_latency


class PTTPerformanceMonitor:
    """Measures push-to-talk in this process and holds it against its targets."""

    def __init__(self, targets: PerformanceTarget | None = None, monitor: Monitor | None = None) -> None:
        """`monitor`: where figures go; the default one is its own."""
        self.targets = targets or PerformanceTarget()
        self.monitor = monitor or Monitor("ptt")
        self._resources = Resources()
        self._total = 0

    def measure(self, name: str) -> Measure:
        """`with monitor.measure("key_press"):`, also async."""
        return self.monitor.measure(name)

    def measure_latency(
        self,
        key_press_latency: float = 0.0,
        recording_start_latency: float = 0.0,
        recording_stop_latency: float = 0.0,
    ) -> PerformanceMetrics:
        """One use of the button, in seconds. Raises ValueError for what can't be a time."""
        given = (key_press_latency, recording_start_latency, recording_stop_latency)
        for step, seconds in zip(STEPS, given, strict=True):
            if not 0 <= seconds < math.inf:
                raise ValueError(f"{step}_latency must be seconds, not negative, not {seconds!r}")
        usage = self._resources.sample()
        metrics = PerformanceMetrics(*given, memory_usage_mb=usage.rss / 1e6, cpu_percent=usage.cpu_percent)
        for step, seconds in zip(STEPS, given, strict=True):
            self.monitor.record(f"ptt_{step}", seconds * 1000)
        self.monitor.record("ptt_total", metrics.total_latency * 1000)
        self.monitor.record("ptt_client_memory", metrics.memory_usage_mb)
        self.monitor.record("ptt_client_cpu", metrics.cpu_percent)
        self._total += 1
        return metrics

    def get_summary(self) -> dict[str, float]:
        """Also each step's mean and p95, where it was measured."""
        usage = self._resources.sample()
        rows = self.monitor.summary()
        steps = {
            f"{step}_{name}_ms": rows[f"ptt_{step}"][statistic]
            for step in STEPS
            if f"ptt_{step}" in rows
            for name, statistic in (("average", "mean"), ("p95", "p95"))
        }
        return {
            "total_measurements": self._total,
            "average_latency_ms": rows["ptt_total"]["mean"] if self._total else 0.0,
            "memory_usage_mb": usage.rss / 1e6,
            "cpu_percent": usage.cpu_percent,
            **steps,
        }

    def check_performance(self) -> list[str]:
        """What is beyond its target, or that all is within."""
        summary, targets = self.get_summary(), self.targets
        checks = (
            ("latency", "average_latency_ms", "ms", targets.target_total_latency),
            ("key press latency", "key_press_average_ms", "ms", targets.target_key_press_latency),
            ("recording start latency", "recording_start_average_ms", "ms", targets.target_recording_start),
            ("recording stop latency", "recording_stop_average_ms", "ms", targets.target_recording_stop),
            ("memory usage", "memory_usage_mb", "MB", targets.max_memory_mb),
            ("CPU usage", "cpu_percent", "%", targets.max_cpu_percent),
        )
        findings = [
            f"High {what}: {summary[key]:.1f}{unit} (target: {target:g}{unit})"
            for what, key, unit, target in checks
            if summary.get(key, 0.0) > target
        ]
        return findings or [WITHIN]

    def get_optimization_recommendations(self) -> list[str]:
        """The step that takes most beyond its target, with the figures that say so; nothing where all is within."""
        rows, targets = self.monitor.summary(), self.targets
        limits = (targets.target_key_press_latency, targets.target_recording_start, targets.target_recording_stop)
        over = [
            (row["p95"] - limit, step, row, limit)
            for step, limit in zip(STEPS, limits, strict=True)
            if (row := rows.get(f"ptt_{step}")) and row["p95"] > limit
        ]
        total = rows.get("ptt_total", {"mean": 0.0, "p95": 0.0})
        found = [
            f"{step.replace('_', ' ')}: p95 {row['p95']:.1f}ms over {row['n']:.0f} uses (target {limit:g}ms);"
            f" it is {row['mean'] / max(total['mean'], 1e-9):.0%} of the mean total, and at its target the mean total"
            f" would be {total['mean'] - max(0.0, row['mean'] - limit):.1f}ms instead of {total['mean']:.1f}ms"
            for _, step, row, limit in sorted(over, key=lambda item: -item[0])
        ]
        memory = self.get_summary()["memory_usage_mb"]
        if memory > targets.max_memory_mb:
            found.append(
                f"memory: {memory:.1f}MB (target {targets.max_memory_mb:g}MB); the client `repartee ptt --connect`"
                " loads no model: measure it by itself, in its own process"
            )
        return found

    def figure(self, name: str) -> Figure | None:
        """What the budget of the profile `ptt` is held against."""
        return self.monitor.ledger.figure(load_profile("ptt").budget(name))

    def reset(self) -> None:
        """Forgets what was measured."""
        self.monitor.reset()
        self._total = 0


@dataclass(frozen=True)
class PerformanceBenchmark:
    """Runs a step many times; says what it costs."""

    monitor: PTTPerformanceMonitor
    runs: int = 100

    def run(self, name: str, step: Callable[[], object]) -> dict[str, float]:
        """n, mean, p50, p95, p99 and max in milliseconds. Raises ValueError for no runs at all."""
        if self.runs < 1:
            raise ValueError(f"a benchmark runs at least once, not {self.runs} times")
        for _ in range(self.runs):
            with self.monitor.measure(name):
                step()
        return self.monitor.monitor.summary()[name]


_monitor: PTTPerformanceMonitor | None = None


def get_performance_monitor() -> PTTPerformanceMonitor:
    """The one of this process."""
    global _monitor
    _monitor = _monitor or PTTPerformanceMonitor()
    return _monitor


def reset_performance_monitor() -> None:
    """The next one starts afresh."""
    global _monitor
    _monitor = None


def benchmark_ptt_performance(
    press: Callable[[], object], start: Callable[[], object], stop: Callable[[], object], runs: int = 100
) -> dict[str, dict[str, float]]:
    """The three steps of a real push-to-talk path, one use after the other, into the monitor of this process."""
    monitor = get_performance_monitor()
    if runs < 1:
        raise ValueError(f"a benchmark runs at least once, not {runs} times")
    for _ in range(runs):
        times = []
        for step in (press, start, stop):
            began = time.perf_counter()
            step()
            times.append(time.perf_counter() - began)
        monitor.measure_latency(*times)
    rows = monitor.monitor.summary()
    return {name: rows[f"ptt_{name}"] for name in (*STEPS, "total")}


def get_performance_report(form: str = "text") -> str:
    """Of the monitor of this process: `text`, `html` or `json`."""
    return get_performance_monitor().monitor.report(form)
