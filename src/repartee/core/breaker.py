"""Circuit breaker: what fails again and again is not called for a while, instead of being waited for every time.

    closed ──(threshold failures in a row)──> open ──(rest)──> half open ──(PROBES successes)──> closed
                                               ^                   │
                                               └──(a failure, longer rest)

The threshold learns: of every WINDOW calls more than 95 % right, one more failure is forgiven (at most 10); fewer than
80 %, one less (at least 3). Nothing here waits or talks to anybody, so the same `with breaker:` stands around a
blocking call on a worker thread and around an `await`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from .clock import Time
from .errors import BadInput, ReparteeError

LEAST, MOST, FIRST = 3, 10, 5
"""Failures in a row that open the circuit: bounds and where it starts."""
WINDOW = 20
"""Calls after which the threshold is looked at."""
FORGIVING, STRICT = 0.95, 0.80
"""Share of successes above which the threshold goes up, below which it goes down."""
PROBES = 2
"""Successes in a row that close a half-open circuit; one call at a time until then."""


class CircuitOpen(ReparteeError):
    """Not even tried: it failed too often just now."""

    key = "circuit_open"

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{name} failed too often and is left alone for another {seconds:.1f} s")
        self.seconds = seconds


class Circuit(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(frozen=True, slots=True)
class BreakerHealth:
    """For health pages and metrics."""

    name: str
    circuit: Circuit
    threshold: int
    failures: int
    """In a row, just now."""
    calls: int
    """Since the start."""
    refused: int
    """Calls that were not even tried."""
    opened: int
    """How often the circuit opened."""
    retry_in: float
    """Seconds until the next probe may go; 0 unless open."""


class Breaker:
    """`with breaker:` around each call; raises `CircuitOpen` instead of letting it through.

    Any `Exception` but bad input counts as a failure. A cancelled call says nothing about the other side, so a
    deadline that should count belongs inside the `with`. Safe to share between threads.
    """

    def __init__(self, name: str, *, rest: float = 2.0, longest: float = 60.0, time: Time = time.monotonic) -> None:
        """`rest`: seconds of peace after opening; doubles with each probe that fails, up to `longest`."""
        self.name = name
        self.circuit = Circuit.CLOSED
        self.threshold = FIRST
        self._first_rest, self._longest, self._time = rest, longest, time
        self._rest, self._until = rest, 0.0
        self._row, self._probing, self._proved = 0, False, 0
        self._calls, self._refused, self._opened = 0, 0, 0
        self._seen, self._good = 0, 0
        self._lock = threading.Lock()

    def __enter__(self) -> Breaker:
        if self.circuit is not Circuit.CLOSED:
            self._probe()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if kind is None or issubclass(kind, BadInput):
                self._count(good=True)
            elif issubclass(kind, Exception):
                self._count(good=False)
            else:
                self._probing = False

    @property
    def health(self) -> BreakerHealth:
        wait = max(0.0, self._until - self._time()) if self.circuit is Circuit.OPEN else 0.0
        return BreakerHealth(
            self.name, self.circuit, self.threshold, self._row, self._calls, self._refused, self._opened, wait
        )

    def _probe(self) -> None:
        with self._lock:
            left = self._until - self._time()
            if self.circuit is Circuit.OPEN and left <= 0:
                self.circuit, self._probing, self._proved = Circuit.HALF_OPEN, False, 0
            if self.circuit is Circuit.OPEN or self._probing:
                self._refused += 1
                raise CircuitOpen(self.name, max(0.0, left))
            self._probing = self.circuit is Circuit.HALF_OPEN

    def _count(self, *, good: bool) -> None:
        self._calls += 1
        self._learn(good)
        self._row = 0 if good else self._row + 1
        if self.circuit is Circuit.HALF_OPEN:
            self._probing = False
            self._judge_probe(good)
        elif self.circuit is Circuit.CLOSED and self._row >= self.threshold:
            self._open(self._first_rest)

    def _judge_probe(self, good: bool) -> None:
        if not good:
            self._open(min(self._longest, self._rest * 2))
        elif self._proved + 1 >= PROBES:
            self.circuit = Circuit.CLOSED
        else:
            self._proved += 1

    def _open(self, rest: float) -> None:
        self.circuit, self._rest, self._until = Circuit.OPEN, rest, self._time() + rest
        self._opened += 1

    def _learn(self, good: bool) -> None:
        self._seen += 1
        self._good += good
        if self._seen == WINDOW:
            share = self._good / WINDOW
            step = (share > FORGIVING) - (share < STRICT)
            self.threshold = min(MOST, max(LEAST, self.threshold + step))
            self._seen = self._good = 0
