"""Resources of the process, the collector's pauses, the slope and the leak verdict."""

from __future__ import annotations

import gc
import socket
import threading

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.observe import Collector, Leak, Resources, Usage, leak_verdict, theil_sen
from repartee.observe.network import Traffic
from repartee.observe.resources import Account, component_of


class Ticker:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(-100, 100), st.floats(-1000, 1000), st.integers(3, 40))
def test_a_straight_line_has_its_slope(slope: float, start: float, n: int) -> None:
    times = np.arange(n, dtype=float)
    found = theil_sen(times, start + slope * times)
    assert found.value == pytest.approx(slope, abs=1e-6)
    assert found.low <= found.value <= found.high


def test_outliers_do_not_turn_the_slope() -> None:
    times = np.arange(100.0)
    values = 2 * times
    values[::10] += 500
    assert theil_sen(times, values).value == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("times", [[], [1.0, 2.0], [1.0, 1.0, 1.0], [1.0, 2.0, float("nan")]])
def test_no_slope_of_too_little(times: list[float]) -> None:
    with pytest.raises(ValueError, match="slope needs"):
        theil_sen(times, times)


def planted(mb_per_hour: float, seed: int, python: float = 0.0) -> tuple[list[float], list[float], list[float]]:
    """An hour, sampled every 10 s: growth, a warm-up, steps of 2 MB that come and go, noise of pages."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(0, 3600, 10.0)
    wobble = np.cumsum(rng.choice([-1, 0, 0, 0, 1], len(seconds)))
    wobble = 2e6 * np.clip(wobble, -1, 1) * (rng.random(len(seconds)) < 0.3)
    rss = 2e8 + 3e7 * (1 - np.exp(-seconds / 120)) + mb_per_hour * 1e6 * seconds / 3600 + wobble
    rss += rng.normal(0, 50_000, len(seconds))
    return list(seconds), list(rss), list(5e7 + python * 1e6 * seconds / 3600 + rng.normal(0, 1e5, len(seconds)))


def test_leaks_are_told_from_none() -> None:
    right = sum(leak_verdict(*planted(10, seed, python=9)).leak is Leak.PYTHON for seed in range(40))
    right += sum(leak_verdict(*planted(0, seed)).leak is Leak.NONE for seed in range(40))
    assert right >= 76


def test_native_leaks_and_too_few_samples() -> None:
    verdict = leak_verdict(*planted(30, 1, python=0))
    assert verdict.leak is Leak.NATIVE
    assert verdict.leaks
    assert "MB/h" in verdict.reason
    assert leak_verdict([0, 10], [1e8, 1e8]).leak is Leak.UNCERTAIN
    assert not leak_verdict([], []).leaks


def test_a_sample_of_this_process() -> None:
    clock = Ticker()
    resources = Resources(clock=clock)
    resources.sized("cache", lambda: 3_000_000)
    clock.now = 10.0
    usage = resources.sample()
    assert usage.rss > 10_000_000
    assert usage.files > 2
    assert usage.threads >= 1
    assert set(usage.components) == {"voice", "background", "loop"}
    clock.now = 20.0
    resources.sample()
    rows = {m.metric: m for m in resources.measurements()}
    assert rows["component_memory"].value == 3.0
    assert {"process_cpu", "process_memory", "disk_io", "network_io", "threads", "file_descriptors"} <= set(rows)
    assert resources.leak().leak is Leak.UNCERTAIN


def test_threads_are_components_by_their_names() -> None:
    assert component_of(threading.Thread(name="stt_0")) == "voice"
    assert component_of(threading.Thread(name="store_0")) == "background"
    assert component_of(threading.main_thread()) == "loop"


async def test_it_samples_until_cancelled() -> None:
    import asyncio

    resources, told = Resources(), list[Usage]()
    task = asyncio.ensure_future(resources.run(10, told.append))
    await asyncio.sleep(35)
    task.cancel()
    assert len(told) == 3


def test_pauses_and_allocations_of_a_turn() -> None:
    gc.collect()
    collector = Collector()
    collector.start()
    account = Account(collector).open()
    kept = [object() for _ in range(20_000)]
    gc.collect()
    spent = account.close()
    collector.stop()
    assert spent.blocks is not None
    assert spent.blocks > 19_000
    assert spent.collections >= 1
    assert spent.pause_ms > 0
    assert collector.total == pytest.approx(sum(collector.pauses))
    gc.collect()
    assert Account(collector).open().close().collections == 0, "stopped"
    assert kept


def test_growth_is_told_after_a_quarter_of_an_hour() -> None:
    clock = Ticker()
    resources = Resources(clock=clock)
    told = []
    for _ in range(120):
        clock.now += 10
        resources.sample()
        told.append("memory_growth" in {m.metric for m in resources.measurements()})
    assert told.index(True) * 10 >= 880
    assert told[-1]


def own_address() -> str:
    """Of this machine on some network; skips where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("no network here")
        return str(probe.getsockname()[0])


def test_only_our_own_connections_count() -> None:
    traffic = Traffic(psutil.Process())
    for address, counted in (("127.0.0.1", 0), (own_address(), 2 * 100_000)):
        with socket.create_server((address, 0)) as server, socket.create_connection(server.getsockname()) as there:
            here, _ = server.accept()
            with here:
                before = traffic.look()
                there.sendall(b"x" * 100_000)
                left = 100_000
                while left:
                    left -= len(here.recv(left))
                assert traffic.look() - before == pytest.approx(counted, rel=0.01)


def test_allocations_are_looked_at_now_and_then() -> None:
    account, kept = Account(Collector(), counted=4).open(), []
    found = []
    for _ in range(8):
        kept.append([object() for _ in range(4_000)])
        found.append(account.close().blocks)
    assert [blocks is None for blocks in found] == [True, True, True, False] * 2
    assert found[3] == pytest.approx(4_000, rel=0.1)
