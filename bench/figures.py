"""Small arithmetic that all measurements share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SHARED = Path(os.environ.get("REPARTEE_SHARED", Path(__file__).parents[2] / "shared")).resolve()
"""Recordings, sentences and homes, outside the project."""


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float | int]:
    """n, p50, p95, p99 and the largest; n alone where nothing was measured."""
    if not values:
        return {"n": 0}
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {
        "n": len(values),
        "p50": round(float(p50), digits),
        "p95": round(float(p95), digits),
        "p99": round(float(p99), digits),
        "max": round(max(values), digits),
    }
