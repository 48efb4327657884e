"""Two benches held against each other: stage by stage, on CPU time in units of a fixed piece of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from repartee.contract.files import read_data

from .gate import FEWEST, Answer, Comparison, compare
from .results import Earlier, Key, Row, Taken

MOST_DRIFT = 1.5
"""Factor between the two reference times beyond which the machines are not the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    what: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of all that both benches measured alone."""

    rows: Sequence[Compared]
    drift: float
    """New reference time, in times of the old."""
    warning: str = ""

    @property
    def answer(self) -> Answer:
        """Slower if anything is; too few where something could not be told; otherwise no slower."""
        answers = {row.comparison.answer for row in self.rows}
        for worst in (Answer.SLOWER, Answer.TOO_FEW):
            if worst in answers:
                return worst
        return Answer.SAME if answers else Answer.TOO_FEW


def paired(old: Sequence[Earlier], new: Sequence[Earlier]) -> Outcome:
    """Runs of two versions that took turns on one machine; each in units of its own reference."""
    before, now = _pooled(old), _pooled(new)
    both = [key for key in before if key in now and min(len(before[key]), len(now[key])) >= FEWEST]
    rows = _compared([(key[1], before[key], now[key]) for key in both])
    drift = median(r for run in new for r in run.reference) / median(r for run in old for r in run.reference)
    return Outcome(rows, drift, "" if rows else "nothing was measured often enough in both: give it more --seconds")


def _pooled(runs: Sequence[Earlier]) -> dict[Key, list[float]]:
    found: dict[Key, list[float]] = {}
    for run in runs:
        unit = median(run.reference)
        for row in run.rows:
            found.setdefault(row.key, []).extend(cpu / unit for cpu in row.cpu)
    return found


def _compared(pairs: Sequence[tuple[str, Sequence[float], Sequence[float]]]) -> list[Compared]:
    """What was done, the old figures, the new; all share one percent of false alarms."""
    limit = limit_percent()
    return [Compared(what, compare(was, now, limit, tests=len(pairs))) for what, was, now in pairs]


def limit_percent() -> float:
    """What the contract tolerates."""
    return float(read_data("load.toml")["regression"]["fail_if_slower_by_percent"])


def against(earlier: Earlier, taken: Sequence[Taken], reference: Sequence[float]) -> Outcome:
    """CPU time over the reference's CPU time: a machine that is busy or slower today makes no build fail."""
    old = {row.key: row for row in earlier.rows if len(row.cpu) >= FEWEST}
    new = [Row(t.metric, t.what, t.labels, t.cpu, t.samples) for t in taken if t.provenance.warm]
    both = [(old[row.key], row) for row in new if row.key in old and len(row.cpu) >= FEWEST]
    before, now = median(earlier.reference), median(reference)
    rows = _compared([(row.what, [c / before for c in was.cpu], [c / now for c in row.cpu]) for was, row in both])
    drift = now / before
    warning = ""
    if not 1 / MOST_DRIFT < drift < MOST_DRIFT:
        warning = f"the machine takes {drift:.2f} times the time for the same work: compare on the machine of old"
    elif not rows:
        warning = "nothing was measured often enough in both: give both more --seconds"
    return Outcome(rows, drift, warning)
