"""A Grafana dashboard with the seven widgets, its lines from the metrics and its thresholds from the budgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..budgets import Budget, Direction, Level, Profile
from ..files import load_profile, shipped_metrics
from ..metrics import Kind, Metric, Source
from .promql import WINDOW, base

Document = dict[str, Any]
SOURCE = {"type": "prometheus", "uid": "${source}"}
UNITS = {"seconds": "s", "bytes": "bytes", "ratio": "percentunit", "": "short"}
TIMEOUTS, EVICTIONS = "repartee_turn_timeouts_total", "repartee_cache_evictions_total"
COLOURS = {Level.TARGET: "yellow", Level.WARNING: "orange", Level.CRITICAL: "red"}


@dataclass(frozen=True, slots=True)
class Widget:
    title: str
    unit: str
    lines: tuple[tuple[str, str], ...]
    """Expression and legend."""
    budget: Budget | None = None
    """Whose thresholds are drawn."""


def dashboard(profile: Profile) -> Document:
    """To import into Grafana; asks for its Prometheus there. Thresholds are those of the profile, else of alice."""
    return {
        "title": f"Repartee: {profile.name}",
        "uid": f"repartee-{profile.name}",
        "tags": ["repartee", "voice"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, widget) for number, widget in enumerate(widgets(profile))],
    }


def widgets(profile: Profile) -> Sequence[Widget]:
    """CPU, memory and growth, latency percentiles, concurrent users, error rates, resource use, caches."""
    metrics = shipped_metrics()
    cpu, memory = metrics["process_cpu"], metrics["process_memory"]
    component = metrics["component_cpu"]
    return (
        Widget(
            "CPU",
            UNITS[cpu.unit.base],
            ((cpu.family, "process"), (f"sum by (component) ({component.family})", "{{component}}")),
            _budget(profile, "process_cpu", "mean"),
        ),
        Widget(
            "Memory and growth",
            UNITS[memory.unit.base],
            ((memory.family, "resident"), (f"delta({memory.family}[1h])", "growth in an hour")),
            _budget(profile, "process_memory", "max"),
        ),
        Widget("Latency percentiles", "s", tuple(_latencies()), _latency_budget(profile)),
        _people(),
        _errors(profile),
        Widget(
            "Resource use", "short", tuple(_resources(metrics.values())), _budget(profile, "file_descriptors", "value")
        ),
        _caches(profile),
    )


def _people() -> Widget:
    metrics = shipped_metrics()
    return Widget(
        "Concurrent users",
        "short",
        (
            (metrics["sessions"].family, "people"),
            (metrics["concurrent_requests"].family, "turns under way"),
            (metrics["session_limit"].family, "capacity"),
        ),
    )


def _errors(profile: Profile) -> Widget:
    metrics = shipped_metrics()
    return Widget(
        "Error rate",
        "percentunit",
        (
            (_share(metrics["turn_errors"]), "turns that failed"),
            (_share(replace(metrics["turn_errors"], family=TIMEOUTS)), "turns that timed out"),
        ),
        _budget(profile, "turn_errors", "value"),
    )


def _caches(profile: Profile) -> Widget:
    metrics = shipped_metrics()
    return Widget(
        "Cache performance",
        "percentunit",
        (
            (
                f"sum by (cache) (rate({metrics['cache_hits'].family}[{WINDOW}]))"
                f" / sum by (cache) (rate({metrics['cache_hits'].of}[{WINDOW}]))",
                "{{cache}} hits",
            ),
            (f"sum by (cache) (rate({EVICTIONS}[{WINDOW}]))", "{{cache}} evictions a second"),
            (metrics["cache_lookup"].family, "{{cache}} seconds a look"),
        ),
        _budget(profile, "cache_hits", "value"),
    )


def _latencies() -> Iterable[tuple[str, str]]:
    for name, metric in shipped_metrics().items():
        if metric.kind is Kind.DURATION and metric.source is Source.TURN and name.startswith("turn_"):
            for label, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
                rate = f"sum by (le) (rate({metric.family}_bucket[{WINDOW}]))"
                yield f"histogram_quantile({q:g}, {rate})", f"{name.removeprefix('turn_').replace('_', ' ')} {label}"
    family = shipped_metrics()["hearing"].family
    yield f"histogram_quantile(0.95, sum by (le, stage) (rate({family}_bucket[{WINDOW}])))", "{{stage}} p95"


def _resources(metrics: Iterable[Metric]) -> Iterable[tuple[str, str]]:
    for metric in metrics:
        if metric.name in ("file_descriptors", "threads", "database_connections"):
            yield metric.family, metric.name.replace("_", " ")
        if metric.name in ("disk_io", "network_io"):
            yield f"rate({metric.family}[{WINDOW}]) / 1e6", f"{metric.name.replace('_', ' ')}, MB a second"


def _share(metric: Metric) -> str:
    return f"sum(rate({metric.family}[{WINDOW}])) / sum(rate({metric.of}[{WINDOW}]))"


def _budget(profile: Profile, metric: str, statistic: str) -> Budget | None:
    for candidates in (profile, load_profile("alice")):
        for budget in candidates.of_metric(metric):
            if budget.statistic == statistic and budget.users is None:
                return budget
    return None


def _latency_budget(profile: Profile) -> Budget | None:
    for metric in ("turn_answered", "turn_action", "turn_first_audio"):
        for budget in profile.of_metric(metric):
            if budget.statistic == "p95" and not budget.where and budget.users is None:
                return budget
    return None


def _panel(number: int, widget: Widget) -> Document:
    steps: list[Document] = [{"color": "green", "value": None}]
    if widget.budget and widget.budget.direction is Direction.AT_MOST:
        steps += [{"color": colour, "value": base(widget.budget, level)} for level, colour in COLOURS.items()]
    elif widget.budget:
        steps = [{"color": "red", "value": None}]
        for level, colour in ((Level.CRITICAL, "orange"), (Level.WARNING, "yellow"), (Level.TARGET, "green")):
            steps.append({"color": colour, "value": base(widget.budget, level)})
    return {
        "id": number + 1,
        "title": widget.title,
        "description": f"Thresholds: {widget.budget.text()}" if widget.budget else "",
        "type": "timeseries",
        "datasource": SOURCE,
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "fieldConfig": {
            "defaults": {
                "unit": widget.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "line" if widget.budget else "off"}},
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(65 + i), "expr": expression, "legendFormat": legend, "datasource": SOURCE}
            for i, (expression, legend) in enumerate(widget.lines)
        ],
    }
