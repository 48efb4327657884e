"""LiveKit Agents: `session.on("metrics_collected", Listener(monitor))`. Nothing of LiveKit is imported here."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from repartee.observe.monitor import Monitor

from .stages import HEAR, LISTEN, SPEAK, THINK

SPEECHES = 100
"""Replies that are put together at once."""
WHOLE = "turn_first_audio"
"""End of speech to the first sound of the reply."""


class Listener:
    """Records what its metrics tell: `hear`, `listen`, `understand` (to the first token), `speak` (to the first sound),
    and their sum, where they belong to one reply, as `turn_first_audio`."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._parts: OrderedDict[str, dict[str, float]] = OrderedDict()

    def __call__(self, event: Any) -> None:
        """`event`: what `metrics_collected` gives, or the metrics themselves."""
        metrics = getattr(event, "metrics", event)
        match getattr(metrics, "type", ""):
            case "stt_metrics":
                self._record(HEAR, metrics.duration)
            case "eou_metrics":
                self._part(metrics, LISTEN, metrics.end_of_utterance_delay)
            case "llm_metrics" if metrics.ttft >= 0:
                self._part(metrics, THINK, metrics.ttft)
            case "tts_metrics" if metrics.ttfb >= 0:
                self._part(metrics, SPEAK, metrics.ttfb)

    def _part(self, metrics: Any, stage: str, seconds: float) -> None:
        self._record(stage, seconds)
        speech = getattr(metrics, "speech_id", None)
        if not speech:
            return
        parts = self._parts.setdefault(speech, {})
        parts.setdefault(stage, seconds)
        if parts.keys() >= {LISTEN, THINK, SPEAK}:
            self._monitor.record_latency(WHOLE, sum(self._parts.pop(speech).values()))
        while len(self._parts) > SPEECHES:
            self._parts.popitem(last=False)

    def _record(self, stage: str, seconds: float) -> None:
        if seconds > 0:  # zero is how it says that it does not know
            self._monitor.record_latency(stage, seconds)
