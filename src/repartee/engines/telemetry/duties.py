"""What must live, and what could not be kept, as Prometheus reads it: asked at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from repartee.core.duty import Duty
from repartee.core.kept import Keeping


class DutyCollector(Collector):
    """Register it in an exporter's registry."""

    def __init__(self, duties: Callable[[], Sequence[Duty]]) -> None:
        self._duties = duties

    def collect(self) -> Iterable[Metric]:
        names = ["component"]
        alive = GaugeMetricFamily("repartee_duty_up", "1 while the task or thread is at work", labels=names)
        restarts = CounterMetricFamily("repartee_duty_restarts", "Times it ended and began again", labels=names)
        failures = CounterMetricFamily("repartee_duty_failures", "Items that went wrong", labels=names)
        for health in (duty.health for duty in self._duties()):
            alive.add_metric([health.name], health.alive)
            restarts.add_metric([health.name], health.restarts)
            failures.add_metric([health.name], health.failures)
        return (alive, restarts, failures)


class KeptCollector(Collector):
    """Register it in an exporter's registry."""

    def __init__(self, keeping: Callable[[], Sequence[Keeping]]) -> None:
        self._keeping = keeping

    def collect(self) -> Iterable[Metric]:
        names = ["component"]
        waiting = GaugeMetricFamily("repartee_kept_waiting", "Things that are not on disk yet", labels=names)
        lost = CounterMetricFamily("repartee_kept_lost", "Things that could not be kept", labels=names)
        unreadable = CounterMetricFamily(
            "repartee_kept_unreadable", "Things that were kept and make no sense", labels=names
        )
        for keeping in self._keeping():
            waiting.add_metric([keeping.name], keeping.waiting)
            lost.add_metric([keeping.name], keeping.lost)
            unreadable.add_metric([keeping.name], keeping.unreadable)
        return (waiting, lost, unreadable)
