"""What the button has done so far: how often, how fast, what came of it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from repartee.core.spans import Span
from repartee.ptt import STEPS, PTTPerformanceMonitor, get_performance_monitor

KEPT = 1000
"""Spans of each step that are remembered."""
PRESS, RELEASE = "press_to_recording", "release_to_final"


@dataclass(slots=True)
class Statistics:
    presses: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    reconnects: int = 0
    spans: dict[str, deque[float]] = field(default_factory=dict)
    """Milliseconds by step."""
    uses: dict[str, deque[float]] = field(default_factory=dict)
    """Milliseconds by step of each complete use of the button; also of its tone and display."""
    monitor: PTTPerformanceMonitor = field(default_factory=get_performance_monitor)
    _began: tuple[float, float] = (0.0, 0.0)

    def began(self, key: float, start: float) -> None:
        """Seconds from the key to our code, and from there to the first sample sent."""
        self._began = (max(0.0, key), max(0.0, start))

    def button(self, stop: float) -> dict[str, float]:
        """The use under way as the server is told it, milliseconds; `stop`: seconds since it was let go."""
        seconds = {"key_press": self._began[0], "recording_start": self._began[1], "recording_stop": max(0.0, stop)}
        return {step: round(value * 1000, 3) for step, value in seconds.items()}

    def stopped(self, stop: float) -> None:
        """Seconds from letting go to the last sample sent: one use of the button is complete."""
        metrics = self.monitor.measure_latency(*self._began, max(0.0, stop))
        for step, seconds in zip(STEPS, (*self._began, max(0.0, stop)), strict=True):
            self._use(step, seconds * 1000)
        self._use("total", metrics.total_latency * 1000)

    def signalled(self, what: str, seconds: float) -> None:
        """How long a `tone` or the `display` took to begin."""
        self._use(what, seconds * 1000)
        self.monitor.monitor.record(f"ptt_{what}", seconds * 1000)

    def _use(self, step: str, milliseconds: float) -> None:
        self.uses.setdefault(step, deque(maxlen=KEPT)).append(milliseconds)

    def note(self, span: Span) -> None:
        if span.end is not None:
            self.spans.setdefault(span.stage, deque(maxlen=KEPT)).append((span.end - span.start) * 1000)

    def lines(self) -> list[str]:
        came = ", ".join(f"{count} {name}" for name, count in self.decisions.most_common()) or "no turn"
        rows = [f"{self.presses} presses: {came}" + (f"; {self.reconnects} reconnects" if self.reconnects else "")]
        for step, values in self.spans.items():
            ranked = sorted(values)
            middle, high = ranked[len(ranked) // 2], ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
            rows.append(f"{step.replace('_', ' ')}: p50 {middle:.1f} ms, p95 {high:.1f} ms, n {len(ranked)}")
        if self.monitor.get_summary()["total_measurements"]:
            rows += self.monitor.check_performance()
        return rows
