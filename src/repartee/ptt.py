"""The push-to-talk monitor's API as people know it, over `observe` and the budgets of the profile `ptt`.

from repartee.ptt import PTTPerformanceMonitor

monitor = PTTPerformanceMonitor()
monitor.measure_latency(key_press_latency=0.012, recording_start_latency=0.03, recording_stop_latency=0.02)
with monitor.measure("tone"): ...
monitor.check_performance()        # ["Performance within targets"]
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from .contract.advice import ANY, advice_on
from .contract.files import load_profile
from .contract.verdict import Figure
from .observe.monitor import Monitor
from .observe.own_path import OwnPath
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


class Block:
    """One measurement under way, sync or async. An exception inside is measured too, and goes on."""

    __slots__ = ("_began", "_monitor", "name")

    def __init__(self, monitor: PTTPerformanceMonitor, name: str) -> None:
        self._monitor, self.name, self._began = monitor, name, 0.0

    def __enter__(self) -> Block:
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._monitor.count(self.name, (time.perf_counter() - self._began) * 1000)

    async def __aenter__(self) -> Block:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


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

    def measure(self, name: str) -> Block:
        """`with monitor.measure("key_press"):`, also async. Counts as a measurement; one of the three steps is held
        against that step's target."""
        return Block(self, name)

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

    def count(self, name: str, milliseconds: float) -> None:
        """One more measurement, of a step or of something else."""
        self._total += 1
        self.monitor.record(f"ptt_{name}" if name in STEPS else name, milliseconds)

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
            "average_latency_ms": rows["ptt_total"]["mean"] if "ptt_total" in rows else 0.0,
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
        """What to change first, with the figures that say so; nothing where all is within its targets."""
        rows, targets = self.monitor.summary(), self.targets
        limits = (targets.target_key_press_latency, targets.target_recording_start, targets.target_recording_stop)
        total = rows.get("ptt_total", {"mean": 0.0, "p95": 0.0})
        steps = [(step, rows[f"ptt_{step}"], limit) for step, limit in _each(limits) if f"ptt_{step}" in rows]
        over = sorted((s for s in steps if s[1]["p95"] > s[2]), key=lambda s: s[2] - s[1]["p95"])
        found = [_step_text(step, row, limit, total) for step, row, limit in over]
        if not over and total["mean"] > targets.target_total_latency:
            found.append(_total_text(steps, total, targets.target_total_latency))
        summary = self.get_summary()
        if summary["memory_usage_mb"] > targets.max_memory_mb:
            found.append(
                f"memory: {summary['memory_usage_mb']:.1f}MB (target {targets.max_memory_mb:g}MB);"
                f" {advice_on('ptt_client_memory').for_part(ANY)[0]}"
            )
        if summary["cpu_percent"] > targets.max_cpu_percent:
            found.append(
                f"CPU: {summary['cpu_percent']:.1f}% (target {targets.max_cpu_percent:g}%);"
                f" {advice_on('ptt_client_cpu').for_part(ANY)[0]}"
            )
        return found

    def clear(self) -> None:
        """As `reset`."""
        self.reset()

    def export_statistics(self, path: str | Path) -> Path:
        """Everything measured, as JSON: summary, steps with their percentiles, findings and recommendations."""
        file = Path(path)
        steps = {n.removeprefix("ptt_"): row for n, row in self.monitor.summary().items() if n.startswith("ptt_")}
        told = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "targets": asdict(self.targets),
            "summary": self.get_summary(),
            "steps": steps,
            "performance_check": self.check_performance(),
            "recommendations": self.get_optimization_recommendations(),
        }
        file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        return file

    def report(self) -> str:
        """Measurements, Targets, Performance Check, Recommendations, for people."""
        summary = self.get_summary()
        targets = {
            name.removeprefix("target_").replace("_", " "): value for name, value in asdict(self.targets).items()
        }
        lines = ["Measurements", *(f"  {name.replace('_', ' ')}: {value:.2f}" for name, value in summary.items())]
        lines += ["Targets", *(f"  {name}: {value:g}" for name, value in targets.items())]
        lines += ["Performance Check", *(f"  {finding}" for finding in self.check_performance())]
        advice = self.get_optimization_recommendations() or ["nothing: all is within its targets"]
        return "\n".join([*lines, "Recommendations", *(f"  {line}" for line in advice)])

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
    press: Callable[[], object] | None = None,
    start: Callable[[], object] | None = None,
    stop: Callable[[], object] | None = None,
    runs: int = 100,
) -> dict[str, dict[str, float]]:
    """The three steps of a push-to-talk path, one use after the other, into the monitor of this process.

    Steps that are not given are the program's own part of them, without keyboard, sound card or network: a key handed
    over by another thread, the ring buffer's pre-roll taken into a channel, the channel drained and closed. That is
    what our code adds; `repartee bench --profile ptt` measures the whole client.
    """
    monitor = get_performance_monitor()
    if runs < 1:
        raise ValueError(f"a benchmark runs at least once, not {runs} times")
    with OwnPath() as own:
        steps = (press or own.press, start or own.start, stop or own.stop)
        for _ in range(runs):
            monitor.measure_latency(*(_seconds(step) for step in steps))
    rows = monitor.monitor.summary()
    return {name: rows[f"ptt_{name}"] for name in (*STEPS, "total")}


def get_performance_report(form: str = "text") -> str:
    """Of the monitor of this process: `text` (Measurements, Targets, Performance Check, Recommendations), `html` or
    `json`."""
    monitor = get_performance_monitor()
    return monitor.report() if form == "text" else monitor.monitor.report(form)


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _each(limits: Sequence[float]) -> Iterable[tuple[str, float]]:
    return zip(STEPS, limits, strict=True)


def _step_text(step: str, row: Mapping[str, float], limit: float, total: Mapping[str, float]) -> str:
    then = total["mean"] - max(0.0, row["mean"] - limit)
    return (
        f"{step.replace('_', ' ')}: p95 {row['p95']:.1f}ms over {row['n']:.0f} uses (target {limit:g}ms);"
        f" it is {row['mean'] / max(total['mean'], 1e-9):.0%} of the mean total, and at its target the mean total"
        f" would be {then:.1f}ms instead of {total['mean']:.1f}ms; {advice_on('ptt_total').for_part(f'ptt_{step}')[0]}"
    )


def _total_text(
    steps: Sequence[tuple[str, Mapping[str, float], float]], total: Mapping[str, float], limit: float
) -> str:
    """Each step keeps its own target and all together do not: the largest is where there is most to gain."""
    step, row, _ = max(steps, key=lambda s: s[1]["mean"])
    then = total["mean"] - row["mean"] / 2
    return (
        f"total: mean {total['mean']:.1f}ms over {total['n']:.0f} uses (target {limit:g}ms), though each step keeps its"
        f" own; {step.replace('_', ' ')} takes {row['mean'] / total['mean']:.0%} of it, and in half its time the total"
        f" would be {then:.1f}ms; {advice_on('ptt_total').for_part(f'ptt_{step}')[0]}"
    )
