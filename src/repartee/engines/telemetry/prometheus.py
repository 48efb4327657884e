"""Figures for Prometheus: families, labels and buckets all from the contract. Every threshold is a bucket's edge.

Latencies that prove nothing (a mock, a typed sentence, sound faster than life) are not in the histograms: an alert or
an objective must not rest on them. They are counted in `repartee_unproven_total`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric as Metric_
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from repartee.contract.budgets import Level, Profile
from repartee.contract.files import SHIPPED, load_profile, read_data
from repartee.contract.metrics import Kind, Metric, Source
from repartee.contract.provenance import Provenance
from repartee.contract.verdict import Measurement, Outcome, Verdict
from repartee.observe.dissatisfaction import KINDS

LADDER = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0, 2.5, 10.0)
"""Seconds: edges between the thresholds, so that a percentile may be interpolated. Few: a scrape writes them all."""
OTHER = "other"
REMEMBERED = 1000
"""Series that are found without the library's look-up."""
FEW = 20
"""Lines of a family that are written anew each time; those of other programs' objects may come and go."""
Labels = tuple[tuple[str, str], ...]
_go: Callable[[float], str] = floatToGoString
"""A value as Prometheus writes it."""
Instrument = Histogram | Gauge | Counter


class Exporter:
    """One registry. What it is told may come from one thread only (the event loop's)."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, profile: Profile) -> None:
        """`profile`: its own thresholds become bucket edges too, beside those of all that ship."""
        self._metrics = {n: m for n, m in profile.metrics.items() if m.source is not Source.BENCH and m.family}
        self._allowed = _label_values(profile, bounded=True)
        self._named = _label_values(profile, bounded=False)
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=True)
        self._edges = _edges((profile, *map(load_profile, SHIPPED)))
        self._names: dict[str, tuple[str, ...]] = {}
        self._families: dict[str, Instrument] = {}
        for metric in self._metrics.values():
            self._open(metric)
        self._turns = Counter("repartee_turns", "Turns begun", registry=self.registry)
        self._errors = Counter("repartee_turn_errors", "Turns that ended in an error", registry=self.registry)
        self._late = Counter("repartee_turn_timeouts", "Turns that gave up for lack of time", registry=self.registry)
        self._dissatisfied = _dissatisfied(self.registry)
        self._requests = Counter("repartee_cache_requests", "Look-ups in a cache", ["cache"], registry=self.registry)
        self._evicted = Counter(
            "repartee_cache_evictions",
            "Gone from a cache for lack of room or for age",
            ["cache"],
            registry=self.registry,
        )
        self._saved = Counter(
            "repartee_cache_saved_seconds",
            "What the hits of a cache would have cost",
            ["cache"],
            registry=self.registry,
        )
        for cache in self._named["cache"]:
            for counter in (self._requests, self._evicted, self._saved):
                counter.labels(cache)
        self._unproven = Counter(
            "repartee_unproven", "Latencies left out of the histograms, for they prove nothing", ["reason"],
            registry=self.registry,
        )  # fmt: skip
        self._acting = Gauge(
            "repartee_action_under_way", "1 while an exceeded budget has this action under way", ["action"],
            registry=self.registry,
        )  # fmt: skip
        self._verdicts = Counter(
            "repartee_verdicts", "Verdicts on single turns", ["budget", "outcome"], registry=self.registry
        )
        self._last: dict[str, float] = {}
        self._counted: dict[tuple[str, str], float] = {}
        self._outcomes: dict[tuple[str, Outcome], Counter] = {}
        self._children: dict[tuple[str, Labels], Histogram | Gauge] = {}
        self._lines: dict[str, tuple[str, list[str]]] = {}

    def measured(self, measurements: Iterable[Measurement], provenance: Provenance) -> None:
        """Durations and levels, in the units of the contract."""
        for measurement in measurements:
            metric = self._metrics.get(measurement.metric)
            if metric is None or metric.kind not in (Kind.DURATION, Kind.LEVEL):
                continue
            doubts = provenance.doubts(metric)
            if metric.kind is Kind.DURATION and doubts:
                self._unproven.labels(doubts).inc()
                continue
            self._one(metric, measurement)

    def turn(self, verdicts: Iterable[Verdict], *, failed: bool, late: bool = False) -> None:
        """A turn is over. `late`: it gave up for lack of time."""
        self._turns.inc()
        self._errors.inc(failed)
        self._late.inc(late)
        for verdict in verdicts:
            key = (verdict.budget.key, verdict.outcome)
            child = self._outcomes.get(key)
            if child is None:
                child = self._outcomes[key] = self._verdicts.labels(key[0], key[1].value)
            child.inc()

    def dissatisfied(self, kind: str) -> None:
        """A person showed that the turn was not what they wanted."""
        self._dissatisfied.labels(kind).inc()

    def acting(self, actions: Mapping[str, bool]) -> None:
        """Which actions of the contract are under way; an autoscaler asks for `tier`."""
        for action, under_way in actions.items():
            self._acting.labels(action).set(under_way)

    def leaked(self) -> None:
        """Memory was found to leak."""
        self._counter("repartee_memory_leaks_total", ()).inc()

    def cache(self, name: str, hits: int, asked: int, evicted: int = 0, saved_s: float = 0.0) -> None:
        """Totals that a cache keeps; they may start again from nought."""
        label = self._bounded("cache", name)
        for what, counter, so_far in (
            ("asked", self._requests.labels(label), asked),
            ("hits", self._counter("repartee_cache_hits_total", (label,)), hits),
            ("evicted", self._evicted.labels(label), evicted),
            ("saved", self._saved.labels(label), saved_s),
        ):
            before = self._counted.get((name, what), 0)
            counter.inc(so_far - before if so_far >= before else so_far)
            self._counted[name, what] = so_far

    def total(self, metric: str, so_far: float) -> None:
        """A total that somebody else keeps, in the metric's unit; it may start again from nought."""
        described = self._metrics[metric]
        base = described.unit.to_base(so_far)
        before = self._last.get(metric, 0.0)
        self._counter(described.family, ()).inc(base - before if base >= before else base)
        self._last[metric] = base

    def exposition(self) -> bytes:
        """As scraped."""
        return generate_latest(self.registry)

    async def scrape(self) -> bytes:
        """The same, a family at a time, so that a turn waits for one family at most."""
        text = []
        for family in self.registry.collect():
            text.append(self._told(family))
            await asyncio.sleep(0)
        return "".join(text).encode()

    def _told(self, family: Metric_) -> str:
        """What stays the same in a family's lines is nearly all of what it costs to write them: it is kept."""
        if len(family.samples) < FEW:
            return "".join(chain.from_iterable(_written(family)))
        kept = self._lines.get(family.name)
        if kept is None or len(kept[1]) != len(family.samples):
            kept = self._lines[family.name] = _lines(family)
        values = [f"{line}{_go(s.value)}\n" for line, s in zip(kept[1], family.samples, strict=True)]
        return kept[0] + "".join(values)

    def _one(self, metric: Metric, measurement: Measurement) -> None:
        key = (metric.name, tuple(measurement.labels.items()))
        child = self._children.get(key)
        if child is None:
            child = self._child(metric, measurement.labels)
            if len(self._children) < REMEMBERED:
                self._children[key] = child
        value = round(measurement.value * metric.unit.scale, 9)  # as exact as a bucket's edge: 300 ms is within 0.3 s
        if isinstance(child, Histogram):
            child.observe(value)
        else:
            child.set(value)

    def _child(self, metric: Metric, labels: Mapping[str, str]) -> Histogram | Gauge:
        """The library's look-up costs more than the observation: what was found is remembered."""
        instrument = self._families[metric.family]
        assert not isinstance(instrument, Counter)
        given, names = {**metric.labels, **labels}, self._names[metric.family]
        values = [self._bounded(name, given.get(name, OTHER)) for name in names]
        return instrument.labels(*values) if names else instrument

    def _bounded(self, label: str, value: str) -> str:
        return value if value in self._allowed.get(label, ()) else OTHER

    def _counter(self, family: str, labels: tuple[str, ...]) -> Counter:
        instrument = self._families[family]
        assert isinstance(instrument, Counter)
        return instrument.labels(*labels) if labels else instrument

    def _open(self, metric: Metric) -> None:
        """Every series that a budget names exists from the start: a rule is never about nothing."""
        if metric.family in self._families or metric.name in ("turn_errors", "requests"):
            return
        same = [m for m in self._metrics.values() if m.family == metric.family]
        names = tuple(dict.fromkeys(name for m in same for name in (*m.labels, *m.by)))
        self._names[metric.family] = names
        if metric.kind is Kind.DURATION:
            buckets = sorted({*LADDER, *self._edges.get(metric.family, ())})
            made: Instrument = Histogram(metric.family, metric.help, names, registry=self.registry, buckets=buckets)
        elif metric.kind in (Kind.TOTAL, Kind.SHARE):
            made = Counter(metric.family.removesuffix("_total"), metric.help, names, registry=self.registry)
        else:
            made = Gauge(metric.family, metric.help, names, registry=self.registry)
        self._families[metric.family] = made
        for values in product(*(self._values(name, same) for name in names)) if names else ():
            made.labels(*values)

    def _values(self, label: str, metrics: Sequence[Metric]) -> Iterable[str]:
        """That a family of these metrics may have: their own, or what budgets name."""
        return dict.fromkeys(m.labels[label] for m in metrics if label in m.labels) or self._named.get(label, ())


def _dissatisfied(registry: CollectorRegistry) -> Counter:
    """With a series for each way in which people show it."""
    what = "Turns after which a person showed that they wanted something else"
    counter = Counter("repartee_turn_dissatisfied", what, ["kind"], registry=registry)
    for kind in KINDS:
        counter.labels(kind)
    return counter


class _Collected(Collector):
    """A family that was collected already."""

    def __init__(self, family: Metric_) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric_]:
        yield self._family


def _lines(family: Metric_) -> tuple[str, list[str]]:
    """A family's head, and each of its lines up to the value. Series are only ever added."""
    head, lines = _written(family)
    return "".join(head), [line[: line.rindex(" ") + 1] for line in lines]


def _written(family: Metric_) -> tuple[list[str], list[str]]:
    """By the library: head and lines."""
    one = CollectorRegistry(auto_describe=False)
    one.register(_Collected(family))
    lines = generate_latest(one).decode().splitlines(keepends=True)
    return [line for line in lines if line.startswith("#")], [line for line in lines if not line.startswith("#")]


def _edges(profiles: Iterable[Profile]) -> Mapping[str, set[float]]:
    """Family to all thresholds of its durations, in seconds."""
    edges: dict[str, set[float]] = {}
    for profile in profiles:
        for budget in profile:
            if budget.metric.kind is Kind.DURATION and budget.metric.family:
                limits = (budget.metric.unit.to_base(budget.limit(level)) for level in Level)
                edges.setdefault(budget.metric.family, set()).update(limits)
    return edges


def _label_values(profile: Profile, *, bounded: bool) -> dict[str, tuple[str, ...]]:
    """The values that metrics and budgets name for each label; `bounded`: and all others that it may have."""
    known = read_data("metrics.toml")["label"].items() if bounded else ()
    allowed = {label: dict.fromkeys(values) for label, values in known}
    for metric in profile.metrics.values():
        for label, value in metric.labels.items():
            allowed.setdefault(label, {})[value] = None
    for budget in (b for p in (profile, *map(load_profile, SHIPPED)) for b in p if bounded or not b.absent):
        for label, values in budget.where.items():
            allowed.setdefault(label, {}).update(dict.fromkeys(values))
    return {label: tuple(values) for label, values in allowed.items()}
