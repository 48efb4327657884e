"""Where a figure comes from. Every number carries it; a figure from a mock can never mark a budget as kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from .metrics import Metric

ACOUSTIC = {"speech_end", "first_silent_frame", "wake_word_end", "voice_over_playback", "key_down", "key_up"}
"""Events of the world outside: what is counted from them is only true when sound came at the pace of life."""


REASONS = {"text": "typed, not spoken", "stalled": "the clock was set anew within the turn"}


class Origin(StrEnum):
    REAL = "real"
    """A person's voice, a recording of one, a real device, a real clock."""
    SYNTHETIC = "synthetic"
    """Made by a program: synthesised speech, generated load."""
    MOCK = "mock"
    """Something pretends to be an engine or a device."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a figure rests on."""

    origin: Origin = Origin.REAL
    pace: str = "realtime"
    """`realtime`, `fast` (computed on audio time) or `text` (typed)."""
    warm: bool = True
    engines: Mapping[str, str] = field(default_factory=dict)
    """Kind to name."""
    machine: str = ""

    def doubts(self, metric: Metric) -> str:
        """Why a figure of this metric can't keep a budget; empty where it can."""
        if self.origin is not Origin.REAL:
            return f"{self.origin} input"
        if metric.begins in ACOUSTIC and self.pace != "realtime":
            return REASONS.get(self.pace, f"{self.pace} pace, computed and not lived")
        return ""

    def merged(self, other: Provenance) -> Provenance:
        """Of figures put together: the worse of each."""
        worst = max(self.origin, other.origin, key=list(Origin).index)
        paces = ("realtime", "fast", "text", "stalled")
        pace = max(self.pace, other.pace, key=lambda p: paces.index(p) if p in paces else len(paces))
        engines = {**other.engines, **self.engines}
        return Provenance(worst, pace, self.warm and other.warm, engines, self.machine or other.machine)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "origin": self.origin.value, "engines": dict(self.engines)}
