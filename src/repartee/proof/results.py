"""What a bench has measured, as a document that people keep, compare and derive budgets from.

{"schema": 1, "at": ISO time, "machine": text, "versions": {package: version}, "engines": {kind: name},
 "profile": name, "seconds": how long it took, "command": as it was given,
 "others_cpu_percent": what other programs took of the machine meanwhile,
 "reference": CPU ms of a fixed piece of work, many times,
 "figures": [{"metric", "labels", "unit", "n", "p50", "p95", "p99", "mean", "max", "value", "origin", "pace", "warm",
              "what", "samples": in the unit, "cpu": CPU ms of each, where it was measured alone}],
 "paths": [{"turn", "file", "wait_class", "total_ms", "blame", "parts": {stage: ms}}],
 "verdicts": as `Verdict.as_json`}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from repartee.contract import Budget, Figure, Kind, Metric, Origin, Provenance
from repartee.contract.advice import advice_on
from repartee.contract.budgets import QUANTILES
from repartee.core.errors import BadInput

SCHEMA = 1
LARGEST = 50_000_000
Key = tuple[str, str, tuple[tuple[str, str], ...]]
"""Metric, what was done, labels."""


@dataclass(slots=True)
class Taken:
    """Samples of one metric under one condition."""

    metric: str
    what: str
    """What was done, for people."""
    provenance: Provenance
    labels: Mapping[str, str] = field(default_factory=dict)
    samples: list[float] = field(default_factory=list)
    """In the metric's unit."""
    cpu: list[float] = field(default_factory=list)
    """CPU ms of the whole process for each, where nothing else ran."""

    def statistic(self, name: str) -> float:
        """Exact, of the samples; NaN of none."""
        if not self.samples:
            return float("nan")
        if name in QUANTILES:
            return float(np.quantile(self.samples, QUANTILES[name]))
        return {"mean": float(np.mean(self.samples)), "max": max(self.samples), "value": self.samples[-1]}[name]

    def as_json(self, unit: str) -> dict[str, Any]:
        statistics = {name: round(self.statistic(name), 6) for name in (*QUANTILES, "mean", "max", "value")}
        return {
            "metric": self.metric,
            "what": self.what,
            "labels": dict(self.labels),
            "unit": unit,
            "n": len(self.samples),
            **(statistics if self.samples else {}),
            "origin": self.provenance.origin.value,
            "pace": self.provenance.pace,
            "warm": self.provenance.warm,
            "samples": [round(sample, 6) for sample in self.samples],
            "cpu": [round(sample, 6) for sample in self.cpu],
        }


def figure_of(taken: Sequence[Taken], budget: Budget) -> Figure | None:
    """Of all warm samples that the budget covers. A bench has one person: it tells no tier of more."""
    if not budget.counts(1):
        return None
    return figure(
        [t for t in taken if budget.covers({**budget.metric.labels, **t.labels})], budget.metric, budget.statistic
    )


def figure(taken: Sequence[Taken], metric: Metric, statistic: str) -> Figure | None:
    """Of all warm samples of the metric; those that prove something before those that do not."""
    fitting = [t for t in taken if t.metric == metric.name and t.provenance.warm and t.samples]
    sound = [t for t in fitting if not t.provenance.doubts(metric)] or fitting
    if not sound:
        return None
    provenance = sound[0].provenance
    for more in sound[1:]:
        provenance = provenance.merged(more.provenance)
    together = Taken(metric.name, "", provenance, samples=[s for t in sound for s in t.samples])
    if metric.kind is Kind.SHARE and statistic == "value":
        statistic = "mean"  # each sample is one occurrence: 100 where it was so, 0 where not
    return Figure(together.statistic(statistic), len(together.samples), provenance)


def parts_of(taken: Sequence[Taken], budget: Budget) -> dict[str, float]:
    """What a budget's figure is made up of, as far as it was measured: name of a part to its mean."""
    metrics = advice_on(budget.metric.name).parts
    warm = [t for t in taken if t.metric in metrics and t.provenance.warm and t.samples]
    return {next(iter(t.labels.values()), t.metric): t.statistic("mean") for t in warm}


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of an earlier run, to compare with."""

    metric: str
    what: str
    labels: Mapping[str, str]
    cpu: Sequence[float]
    samples: Sequence[float]

    @property
    def key(self) -> Key:
        return self.metric, self.what, tuple(sorted(self.labels.items()))


@dataclass(frozen=True, slots=True)
class Earlier:
    """A results file."""

    path: Path
    machine: str
    reference: Sequence[float]
    rows: Sequence[Row]


def read(path: Path) -> Earlier:
    """Raises `BadInput` for what is no results file."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path}: too large for a file that `repartee bench` wrote")
        return parsed(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not a file that `repartee bench` wrote ({error})") from error


def taken(path: Path) -> list[Taken]:
    """Every figure of an earlier run with its samples. Raises `BadInput`."""
    read(path)  # says what is wrong with it
    return [
        Taken(
            row["metric"],
            row["what"],
            Provenance(Origin(row["origin"]), row["pace"], row["warm"]),
            row["labels"],
            [float(value) for value in row["samples"]],
            [float(value) for value in row["cpu"]],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))["figures"]
    ]


def parsed(text: str, path: Path) -> Earlier:
    """What `repartee bench --json` has printed; `path` is for errors. Raises `BadInput`."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise BadInput(f"{path}: its schema is {data['schema']}, ours {SCHEMA}; measure it again")
        rows = [
            Row(r["metric"], r["what"], r["labels"], [float(v) for v in r["cpu"]], [float(v) for v in r["samples"]])
            for r in data["figures"]
            if r["warm"]
        ]
        return Earlier(path, str(data["machine"]), [float(v) for v in data["reference"]], rows)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: not a file that `repartee bench` wrote ({type(error).__name__}: {error})") from error


def document(
    taken: Sequence[Taken],
    metrics: Mapping[str, Metric],
    facts: Mapping[str, Any],
    verdicts: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """As documented above; `facts` are the machine and what else is not a figure."""
    return {
        "schema": SCHEMA,
        **facts,
        "figures": [t.as_json(metrics[t.metric].unit_text) for t in taken],
        "verdicts": list(verdicts),
    }
