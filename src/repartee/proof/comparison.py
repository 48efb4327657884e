"""Two benches held against each other: stage by stage, on CPU time in units of a fixed piece of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from repartee.contract.files import read_data

from .gate import FEWEST, Answer, Comparison, compare
from .results import Earlier, Row, Taken

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


def limit_percent() -> float:
    """What the contract tolerates."""
    return float(read_data("load.toml")["regression"]["fail_if_slower_by_percent"])


def against(earlier: Earlier, taken: Sequence[Taken], reference: Sequence[float]) -> Outcome:
    """CPU time over the reference's CPU time: a machine that is busy or slower today makes nobody's build fail."""
    old = {row.key: row for row in earlier.rows if len(row.cpu) >= FEWEST}
    new = [Row(t.metric, t.what, t.labels, t.cpu, t.samples) for t in taken if t.provenance.warm]
    both = [(old[row.key], row) for row in new if row.key in old and len(row.cpu) >= FEWEST]
    before, now = median(earlier.reference), median(reference)
    rows = [
        Compared(
            row.what,
            compare(
                [c / before for c in was.cpu], [c / now for c in row.cpu], limit_percent(), tests=max(1, len(both))
            ),
        )
        for was, row in both
    ]
    drift = now / before
    warning = ""
    if not 1 / MOST_DRIFT < drift < MOST_DRIFT:
        warning = f"the machine takes {drift:.2f} times the time for the same work: compare on the machine of old"
    elif not rows:
        warning = "nothing was measured often enough in both: give both more --seconds"
    return Outcome(rows, drift, warning)
