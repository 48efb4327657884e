"""How much one client may ask for: a token bucket each, and a bound on how many clients are remembered."""

from __future__ import annotations

import time
from collections import OrderedDict

from .clock import Time
from .errors import ReparteeError


class TooMany(ReparteeError):
    """A client asks faster than it may."""

    key = "too_many"

    def __init__(self, client: str, seconds: float) -> None:
        super().__init__(f"{client} asks too often; the next request is taken in {seconds:.2f} s")
        self.seconds = seconds
        """Until the next request is taken: what `Retry-After` says."""


class RateLimit:
    """`per_second` requests on average, `burst` at once, for each client by itself."""

    def __init__(self, per_second: float, burst: int, *, clients: int = 10_000, time: Time = time.monotonic) -> None:
        if per_second <= 0 or burst < 1 or clients < 1:
            raise ValueError(
                f"a rate limit needs a positive rate and room for one: {per_second=}, {burst=}, {clients=}"
            )
        self.per_second, self.burst = per_second, burst
        self._clients, self._time = clients, time
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.refused = 0

    def take(self, client: str) -> None:
        """Takes one request; raises `TooMany` and takes nothing where the client has had enough."""
        now = self._time()
        tokens, since = self._buckets.pop(client, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - since) * self.per_second)
        if fits := tokens >= 1:
            tokens -= 1
        self._buckets[client] = (tokens, now)
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if not fits:
            self.refused += 1
            raise TooMany(client, (1 - tokens) / self.per_second)
