"""Pipecat: `PipelineTask(..., observers=[observer(monitor)])`. Its package is loaded only here."""

from __future__ import annotations

from typing import Any

from repartee.core.errors import EngineMissing
from repartee.observe.monitor import Monitor

from .stages import HEAR, SPEAK, THINK

WHOLE = "turn_first_audio"
"""End of speech to the first sound of the reply."""


class Turns:
    """Frames by name and time, to stages. `seen` may be told of one frame as often as it is passed on."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._at: dict[str, float] = {}
        self._known: set[int] = set()

    def seen(self, frame: int, kind: str, seconds: float) -> None:
        """`frame`: its id; `kind`: the name of its class; `seconds`: when."""
        if frame in self._known:
            return
        self._known.add(frame)
        if kind in ("UserStoppedSpeakingFrame", "VADUserStoppedSpeakingFrame"):
            self._at, self._known = {"end": self._at.get("end", seconds)}, {frame}
        elif "end" not in self._at:
            return
        elif kind == "TranscriptionFrame" and HEAR not in self._at:
            self._stage(HEAR, "end", seconds)
        elif kind == "LLMTextFrame" and THINK not in self._at:
            self._stage(THINK, HEAR, seconds)
        elif kind in ("TTSAudioRawFrame", "BotStartedSpeakingFrame") and SPEAK not in self._at:
            self._stage(SPEAK, THINK, seconds)
            self._monitor.record_latency(WHOLE, seconds - self._at["end"])
            self._at = {}

    def _stage(self, stage: str, since: str, seconds: float) -> None:
        """From the stage before, or from the end of speech where that was not seen."""
        self._monitor.record_latency(stage, seconds - self._at.get(since, self._at["end"]))
        self._at[stage] = seconds


def observer(monitor: Monitor) -> Any:
    """For `PipelineTask`. Raises `EngineMissing` without the package."""
    try:
        from pipecat.observers.base_observer import BaseObserver, FramePushed
    except ImportError as error:
        raise EngineMissing("pipecat", "install pipecat-ai (pip install pipecat-ai)") from error

    turns = Turns(monitor)

    class Observer(BaseObserver):  # type: ignore[misc]
        """Each frame as it is passed on; its clock counts nanoseconds."""

        async def on_push_frame(self, data: FramePushed) -> None:
            turns.seen(data.frame.id, type(data.frame).__name__, data.timestamp / 1e9)

    return Observer()
