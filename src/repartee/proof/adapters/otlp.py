"""Traces of any voice system as OTLP JSON (what a collector's file exporter writes), by our stages."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repartee.core.errors import BadInput
from repartee.observe.monitor import Monitor

from .stages import ours

LARGEST = 200_000_000
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One span of somebody else's trace."""

    trace: str
    name: str
    stage: str | None
    """Ours; None: nobody knows what it is."""
    start: float
    """Unix seconds."""
    seconds: float


def read(path: Path, own: Mapping[str, str] | None = None) -> list[Imported]:
    """One object, or one a line. Raises `BadInput`."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path}: too large; split it")
        text = path.read_text("utf-8")
        parts = _objects(text)
        return [span for part in parts for span in _spans(part, own)]
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path}: no OTLP traces in JSON ({type(error).__name__}: {error})") from error


def feed(monitor: Monitor, spans: Sequence[Imported]) -> Mapping[str, int]:
    """Records each span under our stage; those nobody knows are counted by name."""
    unknown: dict[str, int] = defaultdict(int)
    for span in spans:
        if span.stage:
            monitor.record_latency(span.stage, span.seconds)
        else:
            unknown[span.name] += 1
    return dict(unknown)


def _objects(text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _spans(part: Any, own: Mapping[str, str] | None) -> Iterator[Imported]:
    for resource in part["resourceSpans"]:
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                start, end = int(span["startTimeUnixNano"]) / 1e9, int(span["endTimeUnixNano"]) / 1e9
                yield Imported(span["traceId"], span["name"], ours(span["name"], own), start, end - start)
