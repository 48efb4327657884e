"""How many people are carried: the formula against a queue that is played, and the promises by tier."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest

from repartee.contract import load_profile
from repartee.core.errors import BadInput
from repartee.proof.capacity import Service, breaks, carried, erlang_c, load, p95_wait

ALICE = load_profile("alice")


def played(arrivals: float, services: np.ndarray, servers: int) -> float:
    """p95 wait of a queue, served in the order of coming."""
    rng, free, now, waits = np.random.default_rng(1), [0.0] * servers, 0.0, []
    for gap, service in zip(rng.exponential(1 / arrivals, len(services)), services, strict=True):
        now += gap
        begin = max(now, heapq.heappop(free))
        waits.append(begin - now)
        heapq.heappush(free, begin + service)
    return float(np.quantile(waits, 0.95))


@pytest.mark.parametrize("servers", [1, 4])
@pytest.mark.parametrize("busy", [0.3, 0.6, 0.85])
def test_the_wait_is_as_in_a_queue_that_is_played(servers: int, busy: float) -> None:
    services = np.random.default_rng(2).gamma(4.0, 0.1, 200_000)  # mean 0.4 s, spread 0.25
    service = Service(0.4, 0.25, 300, 300, servers)
    arrivals = busy * servers / 0.4
    assert p95_wait(service, arrivals) == pytest.approx(played(arrivals, services, servers), rel=0.2, abs=0.06)


def test_erlang_s_c() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_more_than_can_be_done_has_no_end() -> None:
    service = Service.measured([0.5, 0.6, 0.4, 0.5, 0.5], [300.0] * 5, 320)
    assert math.isinf(load(service, 1000, 60).answer_ms)
    assert load(service, 10, 30).busy == pytest.approx(10 * 30 / 3600 * 0.5)
    with pytest.raises(BadInput, match="too few"):
        Service.measured([0.5], [300.0], 320)


def test_the_most_that_is_carried_keeps_every_promise_and_one_more_does_not() -> None:
    service = Service(0.5, 0.1, 400, 320)
    most = carried(service, ALICE, 120)
    assert 1 <= most < 100
    assert breaks(service, ALICE, most, 120) == []
    assert breaks(service, ALICE, most + 1, 120) or load(service, most + 1, 120).busy >= 1
    assert carried(Service(0.5, 0.1, 5000, 320), ALICE, 1) == 0, "too slow for one"
