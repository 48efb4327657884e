"""The performance log: one JSON object a line for every turn, without anything that was said. Bounded by rotation."""

from __future__ import annotations

import io
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..contract.verdict import worst
from ..core.duty import Duty
from ..core.spans import Span
from ..core.turn import TurnRecord
from .judged import Judged
from .resources import Spent

log = logging.getLogger(__name__)
LARGEST = 10_000_000
"""Bytes, and as many again in the file before."""
Row = dict[str, Any]
WAITING = 1000
"""Turns that may wait to be written."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def line_of(record: TurnRecord, judged: Judged) -> dict[str, Any]:
    """Times, engines and verdicts; no words, no names of devices."""
    answered, verdicts = judged.path, judged.verdicts
    first, shares = worst(verdicts), answered.shares() if answered else {}
    return {
        "turn": record.id,
        "at": round(record.at, 3),
        "decision": record.decision.value,
        "wait_class": record.wait_class,
        "pace": record.pace,
        "origin": judged.provenance.origin.value,
        "engines": dict(record.engines),
        "measured": [[m.metric, round(m.value, 3), dict(m.labels)] for m in judged.measured],
        "spans": [_span(span, record.speech_end) for span in record.spans],
        "answered_ms": round(answered.total, 2) if answered else None,
        "blame": next(iter(shares), None),
        "path": {stage: round(ms, 2) for stage, ms in shares.items()},
        "verdicts": [{"budget": v.budget.key, "outcome": v.outcome.value, "severity": v.severity} for v in verdicts],
        "worst": first.budget.key if first else None,
        "failed": record.failed,
    }


def _span(span: Span, zero: float) -> list[str | float | None]:
    """Stage, begin, end, first result; milliseconds from the last voiced sample."""
    end, first = span.end, span.first
    return [
        span.stage,
        round((span.start - zero) * 1000, 2),
        None if end is None else round((end - zero) * 1000, 2),
        None if first is None else round((first - zero) * 1000, 2),
    ]


def _with(record: TurnRecord, judged: Judged, spent: Spent | None, dissatisfied: str, users: int) -> Row:
    row = line_of(record, judged) | {"users": users}
    if dissatisfied:
        row["dissatisfied"] = dissatisfied
    if spent:
        row["collector_ms"] = round(spent.pause_ms, 2)
        if spent.blocks is not None:
            row["blocks"] = round(spent.blocks)
    return row


class Journal:
    """Appends to a file, on a thread of its own; what can't be written is said once and the assistant goes on."""

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        """Raises OSError where there can be no such file."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._largest = path, largest
        self._file = _opened(path)
        self._size = path.stat().st_size
        self._failed = False
        self._turns: SimpleQueue[tuple[TurnRecord, Judged, Spent | None, str, int] | Row | None] = SimpleQueue()
        self.duty = Duty("journal")
        self.duty.start_thread(self._write_all)

    def write(
        self,
        record: TurnRecord,
        judged: Judged,
        spent: Spent | None = None,
        dissatisfied: str = "",
        users: int = 1,
    ) -> None:
        """One line, a moment later; none where `WAITING` wait for the disk already. `spent`: what was allocated since
        the turn before, and how long the collector stopped us. `dissatisfied`: how the person showed that it was not
        what they wanted. `users`: people connected."""
        if self._turns.qsize() < WAITING:
            self._turns.put((record, judged, spent, dissatisfied, users))

    def used(self, figures: Mapping[str, float]) -> None:
        """What the process uses now, by metric."""
        self._turns.put({"at": round(time.time(), 3), "usage": {name: round(v, 3) for name, v in figures.items()}})

    def close(self) -> None:
        """Returns when all is written."""
        self._turns.put(None)
        self.duty.join()
        self._file.close()

    def _write_all(self) -> None:
        while (next_ := self._turns.get()) is not None:
            with self.duty.item():
                self._write(next_ if isinstance(next_, dict) else _with(*next_))

    def _write(self, row: Row) -> None:
        line = _ENCODER.encode(row).encode() + b"\n"
        try:
            if self._size + len(line) > self._largest:
                self._turn_over()
            self._size += self._file.write(line) or 0
        except (OSError, ValueError) as error:  # no room, or the file was closed
            if not self._failed:
                log.warning("the performance log can't be written: %s", error)
            self._failed = True

    def _turn_over(self) -> None:
        """The file becomes the one before, and a new one begins."""
        self._file.close()
        self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))
        self._file, self._size = _opened(self._path), 0


def _opened(path: Path) -> io.FileIO:
    """For this user alone, whatever the umask. Each line is there at once, whatever becomes of us."""
    file = io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    if os.name == "posix":
        os.fchmod(file.fileno(), 0o600)
    return file
