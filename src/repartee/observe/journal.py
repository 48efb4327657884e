"""The performance log: one JSON object a line for every turn, without anything that was said. Bounded by rotation."""

from __future__ import annotations

import json
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from ..contract.verdict import worst
from ..core.turn import TurnRecord
from .judged import Judged

LARGEST = 10_000_000
"""Bytes, and as many again in the file before."""


def line_of(record: TurnRecord, judged: Judged) -> dict[str, Any]:
    """Times, engines and verdicts; no words, no names of devices."""
    answered, verdicts = judged.path, judged.verdicts
    first = worst(verdicts)
    return {
        "turn": record.id,
        "at": round(record.at, 3),
        "decision": record.decision.value,
        "wait_class": record.wait_class,
        "pace": record.pace,
        "engines": dict(record.engines),
        "measured": [[m.metric, round(m.value, 3), dict(m.labels)] for m in judged.measured],
        "spans": [span.relative(record.speech_end) for span in record.spans],
        "answered_ms": round(answered.total, 2) if answered else None,
        "blame": answered.blame if answered else None,
        "path": {stage: round(ms, 2) for stage, ms in answered.shares().items()} if answered else {},
        "verdicts": [{"budget": v.budget.key, "outcome": v.outcome.value, "severity": v.severity} for v in verdicts],
        "worst": first.budget.key if first else None,
        "failed": record.error is not None,
    }


class Journal:
    """Appends to a file; what can't be written is said once and the assistant goes on."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._logger = logging.Logger("repartee.performance")  # of its own: not heard by the program's log
        self._file = RotatingFileHandler(path, maxBytes=LARGEST, backupCount=1, encoding="utf-8", delay=True)
        self._logger.addHandler(self._file)

    def write(self, record: TurnRecord, judged: Judged) -> None:
        self._logger.info(json.dumps(line_of(record, judged), ensure_ascii=False))

    def close(self) -> None:
        self._file.close()
