"""One turn, what became of its budgets and why it took as long as it did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.budgets import Budget
from ..contract.provenance import Origin, Provenance
from ..contract.verdict import Measurement, Outcome, Verdict, judge_turn
from ..core.turn import TurnRecord
from . import turns
from .critical import Path

MARKS = {
    Outcome.KEPT: "✓",
    Outcome.BROKEN: "✗",
    Outcome.UNPROVEN: "?",
    Outcome.TOO_FEW: "…",
    Outcome.NOT_MEASURED: "-",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn and its verdicts."""

    turn: str
    measured: tuple[Measurement, ...]
    provenance: Provenance
    verdicts: tuple[Verdict, ...]
    path: Path | None
    """To the moment at which both the state change and the reply were there; None: that never came."""

    def as_json(self) -> dict[str, Any]:
        """Documented in docs/MONITORING.md."""
        path = self.path.parts if self.path else ()
        return {
            "turn": self.turn,
            "verdicts": [{**verdict.as_json(), "text": verdict.text()} for verdict in self.verdicts],
            "path": [{"stage": part.stage, "start_ms": part.start, "end_ms": part.end} for part in path],
            "blame": self.path.blame if self.path else None,
            "text": self.path.text() if self.path else "",
        }

    def lines(self) -> list[str]:
        """For the terminal: a line a budget, and the path."""
        rows = [f"{MARKS[verdict.outcome]} {verdict.text()}" for verdict in self.verdicts]
        return [*rows, f"the way to the answer: {self.path.text()}"] if self.path else rows


def judged(record: TurnRecord, budgets: Mapping[str, Sequence[Budget]], origin: Origin = Origin.REAL) -> Judged:
    """One turn against the budgets that `contract.loosest` chose from a profile."""
    provenance = turns.provenance_of(record, origin)
    measured = tuple(turns.measurements(record))
    verdicts = judge_turn(budgets, measured, provenance)
    return Judged(record.id, measured, provenance, tuple(verdicts), turns.way_to_answer(record))
