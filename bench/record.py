"""Writes a figure down with all that somebody needs to measure it again: `bench/results/NAME.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from repartee.contract.provenance import Origin, Provenance
from repartee.proof.bench import machine

__all__ = ["FOLDER", "machine", "real", "save"]
FOLDER = Path(__file__).parent / "results"


def save(name: str, figures: Mapping[str, Any], provenance: Provenance, packages: tuple[str, ...] = ()) -> Path:
    """`packages`: those whose versions the figures depend on."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    content = {
        "name": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {package: version(package) for package in ("repartee", *packages)},
        "provenance": provenance.as_json(),
        "figures": figures,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{path}: written")
    return path


def real(warm: bool = True, pace: str = "text", origin: Origin = Origin.REAL) -> Provenance:
    return Provenance(origin, pace, warm, machine=machine())
