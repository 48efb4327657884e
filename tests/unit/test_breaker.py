"""The circuit breaker, retries and rate limits, on a clock of their own."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.backoff import pauses, retried
from repartee.core.breaker import FIRST, LEAST, MOST, WINDOW, Breaker, Circuit, CircuitOpen
from repartee.core.errors import BadInput, Unreachable
from repartee.core.rate import RateLimit, TooMany


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def circuit(breaker: Breaker) -> Circuit:
    return breaker.health.circuit


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Unreachable), breaker:
            raise Unreachable("away")


def succeed(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with breaker:
            pass


def test_failures_in_a_row_open_it_and_then_nothing_is_tried() -> None:
    clock = Hand()
    breaker = Breaker("kitchen", rest=2, time=clock)
    fail(breaker, FIRST - 1)
    succeed(breaker)
    fail(breaker, FIRST - 1)
    assert circuit(breaker) is Circuit.CLOSED
    fail(breaker)
    assert circuit(breaker) is Circuit.OPEN
    tried = False
    with pytest.raises(CircuitOpen, match=r"kitchen .* another 2\.0 s") as refused, breaker:
        tried = True
    assert not tried
    assert refused.value.seconds == 2
    assert breaker.health.refused == 1
    assert breaker.health.retry_in == 2


def test_after_the_rest_one_probe_at_a_time_and_two_successes_close_it() -> None:
    clock = Hand()
    breaker = Breaker("kitchen", rest=2, time=clock)
    fail(breaker, FIRST)
    clock.now = 2
    with breaker:
        assert circuit(breaker) is Circuit.HALF_OPEN
        with pytest.raises(CircuitOpen), breaker:
            pytest.fail("a second probe beside the first")
    assert circuit(breaker) is Circuit.HALF_OPEN
    succeed(breaker)
    assert circuit(breaker) is Circuit.CLOSED
    assert breaker.health.failures == 0


def test_a_failed_probe_doubles_the_rest_up_to_a_bound_and_a_new_trouble_starts_short_again() -> None:
    clock = Hand()
    breaker = Breaker("kitchen", rest=2, longest=5, time=clock)
    fail(breaker, FIRST)
    for expected in (4, 5, 5):
        clock.now += breaker.health.retry_in
        fail(breaker)
        assert breaker.health.retry_in == expected
    clock.now += 5
    succeed(breaker, 2)
    fail(breaker, breaker.threshold)
    assert breaker.health.retry_in == 2


def test_a_cancelled_probe_lets_the_next_one_go() -> None:
    clock = Hand()
    breaker = Breaker("kitchen", rest=1, time=clock)
    fail(breaker, FIRST)
    clock.now = 1
    with pytest.raises(asyncio.CancelledError), breaker:
        raise asyncio.CancelledError
    succeed(breaker, 2)
    assert circuit(breaker) is Circuit.CLOSED


def test_bad_input_is_nobodys_failure() -> None:
    breaker = Breaker("kitchen")
    for _ in range(MOST):
        with pytest.raises(BadInput), breaker:
            raise BadInput("what?")
    assert circuit(breaker) is Circuit.CLOSED


def test_the_threshold_learns_between_its_bounds() -> None:
    breaker = Breaker("kitchen", time=Hand())
    for _ in range(MOST):
        succeed(breaker, WINDOW)
    assert breaker.threshold == MOST
    for _ in range(MOST):
        for _ in range(WINDOW // 4):  # a quarter wrong, never two in a row
            fail(breaker)
            succeed(breaker, 3)
    assert breaker.threshold == LEAST
    assert circuit(breaker) is Circuit.CLOSED
    fail(breaker)
    succeed(breaker, WINDOW - 1)  # exactly 95 % is not more than 95 %
    assert breaker.threshold == LEAST


async def test_the_same_with_stands_around_an_await() -> None:
    breaker = Breaker("kitchen")

    async def away() -> None:
        with breaker:
            await asyncio.sleep(1)
            raise Unreachable("away")

    results = await asyncio.gather(*(away() for _ in range(FIRST)), return_exceptions=True)
    assert {type(result) for result in results} == {Unreachable}
    with pytest.raises(CircuitOpen):
        await away()


def test_threads_share_one_breaker_without_losing_count() -> None:
    breaker = Breaker("kitchen")
    threads = [threading.Thread(target=succeed, args=(breaker, 2000)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert breaker.health.calls == 8000


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=200))
def test_whatever_happens_the_threshold_stays_in_bounds_and_a_closed_circuit_never_refuses(
    story: list[tuple[bool, float]],
) -> None:
    clock = Hand()
    breaker = Breaker("kitchen", rest=2, longest=8, time=clock)
    for good, wait in story:
        clock.now += wait
        before = circuit(breaker)
        try:
            with breaker:
                if not good:
                    raise Unreachable("away")
        except CircuitOpen:
            assert before is Circuit.OPEN
        except Unreachable:
            assert not good
        assert LEAST <= breaker.threshold <= MOST
        assert breaker.health.retry_in <= 8 + 1e-9
        if circuit(breaker) is Circuit.CLOSED:
            assert breaker.health.failures < breaker.threshold + 1


@given(st.floats(0, 0.999))
def test_pauses_double_to_a_bound_and_jitter_only_shortens_them(random: float) -> None:
    waits = pauses(0.5, 3, lambda: random)
    for whole in (0.5, 1, 2, 3, 3):
        assert whole / 2 <= next(waits) <= whole


async def test_a_call_is_made_again_only_after_the_error_it_was_meant_for() -> None:
    calls: list[str] = []

    async def away() -> None:
        calls.append("away")
        raise Unreachable("away")

    async def wrong() -> None:
        calls.append("wrong")
        raise BadInput("what?")

    async def once() -> str:
        calls.append("once")
        if calls.count("once") == 1:
            raise Unreachable("away")
        return "done"

    with pytest.raises(Unreachable):
        await retried(away, Unreachable, tries=3)
    with pytest.raises(BadInput):
        await retried(wrong, Unreachable)
    assert await retried(once, Unreachable) == "done"
    assert calls == ["away"] * 3 + ["wrong"] + ["once"] * 2


def test_a_client_that_asks_too_often_is_told_when_to_come_back_and_hurts_nobody_else() -> None:
    clock = Hand()
    limit = RateLimit(2, burst=3, time=clock)
    for _ in range(3):
        limit.take("kitchen")
    with pytest.raises(TooMany) as refused:
        limit.take("kitchen")
    assert refused.value.seconds == pytest.approx(0.5)
    limit.take("bedroom")
    clock.now = 0.5
    limit.take("kitchen")
    assert limit.refused == 1


def test_only_so_many_clients_are_remembered() -> None:
    limit = RateLimit(1, burst=1, clients=2, time=Hand())
    for client in ("a", "b", "c"):
        limit.take(client)
    limit.take("a")  # forgotten, so new
    with pytest.raises(TooMany):
        limit.take("c")


@given(st.lists(st.floats(0, 3), max_size=100), st.floats(0.1, 5), st.integers(1, 5))
def test_over_any_stretch_no_more_than_the_burst_and_the_rate_get_through(
    gaps: list[float], per_second: float, burst: int
) -> None:
    clock = Hand()
    limit = RateLimit(per_second, burst, time=clock)
    taken, waits = 0, []
    for gap in gaps:
        clock.now += gap
        try:
            limit.take("kitchen")
            taken += 1
        except TooMany as refused:
            waits.append(refused.seconds)
    assert all(0 < wait <= 1 / per_second + 1e-9 for wait in waits)
    assert taken <= burst + clock.now * per_second + 1e-6


def test_a_limit_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="positive rate"):
        RateLimit(0, 1)
