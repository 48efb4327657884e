"""Units people read and the base units machines are told: a figure stands in the first, Prometheus in the second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a budget's figures."""

    symbol: str
    base: str
    """The base unit by the conventions of Prometheus; empty for plain counts."""
    scale: float
    """Base units in one of this."""

    def to_base(self, figure: float) -> float:
        """Rounded to 12 digits: 300 ms is 0.3 s and not 0.30000000000000004, so that thresholds and buckets meet."""
        return float(f"{figure * self.scale:.12g}")

    def text(self, figure: float) -> str:
        """For people: `204 ms`, `0.05 ms`, `12 threads` is the caller's."""
        digits = f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"
        return f"{digits} {self.symbol}".rstrip()


UNITS = {
    "us": Unit("µs", "seconds", 1e-6),
    "ms": Unit("ms", "seconds", 1e-3),
    "s": Unit("s", "seconds", 1.0),
    "mb": Unit("MB", "bytes", 1e6),
    "mbit": Unit("Mbit", "bytes", 125_000.0),
    "percent": Unit("%", "ratio", 0.01),
    "count": Unit("", "", 1.0),
    "hz": Unit("Hz", "hertz", 1.0),
    "times": Unit("times", "", 1.0),
}
SECONDS = {"second": 1.0, "minute": 60.0, "half_hour": 1800.0, "hour": 3600.0}
"""What a total may be judged per."""
