"""The circuit breakers and the limiters, as Prometheus reads them: asked at each scrape, nothing is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from repartee.core.breaker import BreakerHealth, Circuit
from repartee.core.limiter import LimiterHealth

_LEVEL = {Circuit.CLOSED: 0, Circuit.HALF_OPEN: 1, Circuit.OPEN: 2}


class BreakerCollector(Collector):
    """Register it in an exporter's registry."""

    def __init__(self, healths: Callable[[], Sequence[BreakerHealth]]) -> None:
        self._healths = healths

    def collect(self) -> Iterable[Metric]:
        names = ["component"]
        circuit = GaugeMetricFamily("repartee_breaker_state", "0 closed, 1 half open, 2 open", labels=names)
        threshold = GaugeMetricFamily("repartee_breaker_threshold", "Failures in a row that open it", labels=names)
        calls = CounterMetricFamily("repartee_breaker_calls", "Calls let through", labels=names)
        refused = CounterMetricFamily("repartee_breaker_refused", "Calls not even tried", labels=names)
        opened = CounterMetricFamily("repartee_breaker_opened", "Times it opened", labels=names)
        for health in self._healths():
            circuit.add_metric([health.name], _LEVEL[health.circuit])
            threshold.add_metric([health.name], health.threshold)
            calls.add_metric([health.name], health.calls)
            refused.add_metric([health.name], health.refused)
            opened.add_metric([health.name], health.opened)
        return (circuit, threshold, calls, refused, opened)


class LimiterCollector(Collector):
    """Register it in an exporter's registry."""

    def __init__(self, healths: Callable[[], Sequence[LimiterHealth]]) -> None:
        self._healths = healths

    def collect(self) -> Iterable[Metric]:
        names = ["component"]
        under_way = GaugeMetricFamily("repartee_limiter_under_way", "Calls under way", labels=names)
        waiting = GaugeMetricFamily("repartee_limiter_waiting", "Calls that wait for their turn", labels=names)
        refused = CounterMetricFamily("repartee_limiter_refused", "Calls refused, for too many waited", labels=names)
        overtaken = CounterMetricFamily(
            "repartee_limiter_overtaken", "Background work that let people go first", labels=names
        )
        for health in self._healths():
            under_way.add_metric([health.name], health.under_way)
            waiting.add_metric([health.name], health.waiting)
            refused.add_metric([health.name], health.refused)
            overtaken.add_metric([health.name], health.overtaken)
        return (under_way, waiting, refused, overtaken)
