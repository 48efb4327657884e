"""The acoustic clock: every time of a turn is a second of the sound that was heard.

A latency is `clock.now()` minus the last voiced sample, whatever the source. Three clocks know what "now" is: sound
that arrives as it is spoken, sound that is read as fast as we can compute, and no sound at all (a typed sentence).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

Time = Callable[[], float]
"""Seconds, monotonic; the event loop's `time` in a running assistant, virtual in tests."""


class Clock(Protocol):
    """Audio seconds, now."""

    @property
    def pace(self) -> str:
        """`realtime` (latencies are real), `fast` (computed: audio time plus measured computation) or `text`."""

    def now(self) -> float:
        """Seconds on the time line of the source's audio."""

    def heard(self, position: float) -> None:
        """The source has just handed over audio up to `position` (seconds)."""


class LiveClock:
    """Audio at the pace of life. Arrivals are only ever late, so the earliest of them anchors audio to loop time.

    The anchor may drift by `DRIFT` (sound cards and computers disagree by up to 100 ppm), and after a stall (the
    audio fell behind by more than `STALL`) it is set anew: the sound that was lost must not count as latency.
    """

    pace = "realtime"
    DRIFT = 200e-6
    STALL = 0.5

    def __init__(self, time: Time = time.perf_counter) -> None:
        self._time = time
        self._zero: float | None = None
        self._last = 0.0
        self.stalls = 0

    def now(self) -> float:
        return 0.0 if self._zero is None else self._time() - self._zero

    def heard(self, position: float) -> None:
        now = self._time()
        late = now - position
        if self._zero is None or late - self._zero > self.STALL:
            self.stalls += self._zero is not None
            self._zero = late
        else:
            self._zero = min(late, self._zero + (now - self._last) * self.DRIFT)
        self._last = now


class FastClock:
    """Audio read as fast as it is asked for: computation takes its real time, audio never comes before it was said."""

    pace = "fast"

    def __init__(self, time: Time = time.perf_counter) -> None:
        self._time = time
        self._position = 0.0
        self._since = time()

    def now(self) -> float:
        return self._position + self._time() - self._since

    def heard(self, position: float) -> None:
        self._position = max(self.now(), position)
        self._since = self._time()


class TextClock:
    """No audio: zero is when the sentence was handed in."""

    pace = "text"

    def __init__(self, time: Time = time.perf_counter) -> None:
        self._time = time
        self._zero = time()

    def now(self) -> float:
        return self._time() - self._zero

    def heard(self, position: float) -> None:
        """Nothing is heard here."""
