"""One turn, what became of its budgets and why it took as long as it did, for a person to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.budgets import Profile
from ..contract.provenance import Origin
from ..contract.verdict import Verdict, judge_turn
from ..core.turn import TurnRecord
from . import turns
from .critical import Path
from .report import MARKS


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn and its verdicts."""

    turn: str
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


def judged(record: TurnRecord, profile: Profile, origin: Origin = Origin.REAL) -> Judged:
    """One turn against a profile."""
    provenance = turns.provenance_of(record, origin)
    return of_verdicts(record, judge_turn(profile, turns.measurements(record), provenance))


def of_verdicts(record: TurnRecord, verdicts: Sequence[Verdict]) -> Judged:
    return Judged(record.id, tuple(verdicts), turns.paths(record).get("answered"))
