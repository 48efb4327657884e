"""Measuring, for this assistant and for any other program: see `monitor`."""

from ..contract.provenance import Origin, Provenance
from .bus import Measured, correlated
from .critical import Path, critical_path
from .ledger import Ledger
from .monitor import Measure, Monitor
from .resources import Collector, Resources, Usage
from .sketch import Sketch
from .slope import Leak, LeakVerdict, Slope, leak_verdict, theil_sen

monitor = Monitor()
"""The one that a program uses when it needs no other."""
measure = monitor.measure
measure_performance = monitor.measure_performance
record_latency = monitor.record_latency

__all__ = [
    "Collector",
    "Leak",
    "LeakVerdict",
    "Ledger",
    "Measure",
    "Measured",
    "Monitor",
    "Origin",
    "Path",
    "Provenance",
    "Resources",
    "Sketch",
    "Slope",
    "Usage",
    "correlated",
    "critical_path",
    "leak_verdict",
    "measure",
    "measure_performance",
    "monitor",
    "record_latency",
    "theil_sen",
]
