"""Sketch, ledger, bus, monitor, reports: what any program sees of measuring."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.contract import Measurement, Origin, Outcome, Provenance, load_profile
from repartee.observe import Ledger, Monitor, Sketch, correlated
from repartee.observe.bus import Bus, Measured, correlation
from repartee.observe.sketch import ERROR

positive = st.floats(1e-3, 1e5)


@given(st.lists(positive, min_size=1, max_size=300), st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_percentiles_are_within_their_error(values: list[float], q: float) -> None:
    sketch = Sketch(values)
    true = sorted(values)[math.floor(q * (len(values) - 1))]
    assert sketch.quantile(q) == pytest.approx(true, rel=ERROR * 1.001)
    assert sketch.count == len(values)
    assert sketch.sum == pytest.approx(sum(values))


@given(st.lists(st.lists(positive, max_size=50), min_size=1, max_size=5))
def test_merged_parts_are_the_whole(parts: list[list[float]]) -> None:
    merged = Sketch()
    for part in parts:
        merged.merge(Sketch.from_json(json.loads(json.dumps(Sketch(part).as_json()))))
    whole = Sketch(value for part in parts for value in part)
    assert merged.count == whole.count
    for q in (0.5, 0.99):
        assert merged.quantile(q) == pytest.approx(whole.quantile(q), nan_ok=True)


def test_an_empty_history_and_zeros() -> None:
    assert math.isnan(Sketch().quantile(0.5))
    assert math.isnan(Sketch().mean)
    assert Sketch([0.0, 0.0, 5.0]).quantile(0.5) == 0.0
    with pytest.raises(ValueError, match="error of"):
        Sketch.from_json({"error": 0.02, "count": 0})


def test_many_threads_lose_nothing() -> None:
    sketch = Sketch()

    def many() -> None:
        for _ in range(5000):
            sketch.add(1.0)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sketch.count == 20_000


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_what_can_be_no_figure_is_refused_and_said_once(value: float, caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger()
    with caplog.at_level(logging.WARNING):
        assert [ledger.record(Measurement("hearing", value), Provenance()) for _ in range(3)] == [False] * 3
    assert ledger.refused == 3
    assert len(caplog.records) == 1
    assert Monitor().record_latency("x", value) is False


def test_a_million_labels_stay_bounded() -> None:
    ledger = Ledger(most=50)
    for i in range(2000):
        ledger.record(Measurement("turn_action", 1.0, {"wait_class": f"w{i}"}), Provenance())
    assert len(list(ledger)) == 51
    assert ledger.crowded == 1950
    assert sum(series.sketch.count for series in ledger) == 2000, "nothing is lost, only put together"


def test_figures_that_prove_nothing_do_not_mix_with_real_ones() -> None:
    ledger, budget = Ledger(), load_profile("moonshot").budget("action_closed.p95")
    row = {"wait_class": "closed"}
    for _ in range(50):
        ledger.record(Measurement("turn_action", 10.0, row), Provenance(Origin.MOCK))
    mocked = ledger.figure(budget)
    assert mocked is not None
    assert mocked.provenance.origin is Origin.MOCK
    for _ in range(30):
        ledger.record(Measurement("turn_action", 250.0, row), Provenance())
    figure = ledger.figure(budget)
    assert figure is not None
    assert (figure.n, figure.provenance.origin) == (30, Origin.REAL)
    assert figure.value == pytest.approx(250, rel=ERROR)


def test_ledgers_of_two_processes_merge() -> None:
    one, two = Ledger(), Ledger()
    for ledger, value in ((one, 100.0), (two, 300.0)):
        for _ in range(20):
            ledger.record(Measurement("hearing", value), Provenance())
    one.merge(two)
    figure = one.figure(load_profile("alice").budget("stt"))
    assert figure is not None
    assert figure.n == 40
    assert figure.value == pytest.approx(300, rel=ERROR)


def test_everything_is_measured_the_same_way() -> None:
    monitor = Monitor()

    @monitor.measure_performance("f")
    def function(x: int) -> int:
        return x + 1

    @monitor.measure_performance("f")
    def generator() -> Iterator[int]:
        yield from (1, 2)

    @monitor.measure_performance("f")
    async def coroutine() -> int:
        async with monitor.measure("inner"):
            return 3

    @monitor.measure_performance("f")
    async def stream() -> AsyncIterator[int]:
        yield 4

    async def all_of_it() -> list[int]:
        return [await coroutine(), *[item async for item in stream()]]

    assert function(1) == 2
    assert list(generator()) == [1, 2]
    assert asyncio.run(all_of_it()) == [3, 4]
    rows = monitor.summary()
    assert rows["f"]["n"] == 4
    assert rows["inner"]["n"] == 1
    assert function.__name__ == "function"


def test_an_error_is_measured_and_goes_on() -> None:
    monitor = Monitor()
    with pytest.raises(KeyError), monitor.measure("x"):
        raise KeyError
    assert monitor.summary()["x"]["n"] == 1
    assert monitor.under_way == {}


def test_a_stage_that_never_ends_is_seen() -> None:
    monitor = Monitor()
    measure = monitor.measure("stuck")
    measure.__enter__()
    assert [m.name for m in monitor.overdue(0.0)] == ["stuck"]
    assert monitor.overdue(3600) == []


async def test_listeners_get_the_turn_s_id_and_slow_ones_lose_and_count() -> None:
    monitor = Monitor()
    channel = monitor.bus.listen(capacity=2)
    with correlated("abc"):
        for seconds in (0.1, 0.2, 0.3):
            monitor.record_latency("stt", seconds)
    assert correlation.get() == ""
    assert channel.dropped == 1
    channel.close()
    assert [(event.turn, round(event.milliseconds)) async for event in channel] == [("abc", 200), ("abc", 300)]
    monitor.record_latency("stt", 0.1)
    assert monitor.bus.listeners == (), "who has left costs nothing"


@pytest.mark.real_time
async def test_listeners_hear_other_threads() -> None:
    bus = Bus()
    channel = bus.listen()
    await asyncio.to_thread(bus.tell, Measured("x", 1.0, ""))
    async for event in channel:
        assert event.name == "x"
        break


def test_check_and_reports() -> None:
    monitor = Monitor("alice")
    for i in range(40):
        monitor.record("hearing", 250.0 if i % 2 else 320.0)
        monitor.record_latency("hear", 0.1)
    monitor.record("database", 20.0, query="</script><b>")
    verdict = next(v for v in monitor.check() if v.budget.name == "stt")
    assert verdict.outcome is Outcome.BROKEN
    assert verdict.figure is not None
    assert verdict.figure.n == 80, "a stage measured by its name counts as the metric of that stage"
    text, page, data = monitor.report(), monitor.report("html"), json.loads(monitor.report("json"))
    assert "✗ stt.p95 at most 300 ms: broken" in text
    assert "Plotly.newPlot" in page
    assert "</script><b>" not in page.split("Plotly.newPlot(")[-1]
    assert "//cdn" not in page.replace(" ", "").split("<script>", 1)[0]
    assert data["verdicts"]
    assert data["percentile_error"] == ERROR
    with pytest.raises(ValueError, match="text, html or json"):
        monitor.report("pdf")
    monitor.reset()
    assert "Nothing has been measured yet" in monitor.report()


def test_it_stands_alone() -> None:
    """`contract` and `observe` load no model, no server, no audio, and none of the floors above."""
    code = (
        "import sys; import repartee.contract, repartee.observe, repartee.ptt;"
        "bad = {'onnxruntime', 'fastapi', 'uvicorn', 'soundfile', 'sounddevice', 'soxr', 'moonshine_voice', 'hassil',"
        " 'starlette', 'pydantic', 'prometheus_client', 'plotly', 'opentelemetry'};"
        "floors = {'stages', 'engines', 'turn', 'session', 'assembly', 'proof', 'app', 'grammar'};"
        "print(sorted((bad & set(sys.modules)) | {f for f in floors if 'repartee.' + f in sys.modules}))"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
