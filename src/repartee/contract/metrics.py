"""What can be measured: each metric's kind, unit, the events it runs between and the family that carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .units import SECONDS, UNITS, Unit


class Kind(StrEnum):
    DURATION = "duration"
    """A time per occurrence; a histogram."""
    LEVEL = "level"
    """Goes up and down; a gauge."""
    TOTAL = "total"
    """Only grows; a counter, judged per second or hour."""
    SHARE = "share"
    """One total in percent of another."""
    GROWTH = "growth"
    """How much a level rises in an hour."""


class Source(StrEnum):
    TURN = "turn"
    PROCESS = "process"
    BENCH = "bench"
    """Only a bench can tell: no rule or dashboard may name it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured."""

    name: str
    kind: Kind
    unit: Unit
    source: Source = Source.BENCH
    family: str = ""
    """Prometheus name in base units; empty for what only a bench measures."""
    of: str = ""
    """For a share: the family it is a part of."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Which series of the family are this metric."""
    by: tuple[str, ...] = ()
    """Further labels, which a budget may choose by."""
    begins: str = ""
    """The event a duration runs from."""
    ends: str = ""
    per: str = ""
    """What a total is judged per, or a growth counts in."""
    help: str = ""
    elsewhere: str = ""
    """Who measures it, or why it is not measured, where neither a running assistant nor `repartee bench` can."""
    least: int = 1
    """Fewest occurrences that are worth a verdict, whatever the statistic."""

    @property
    def unit_text(self) -> str:
        return f"{self.unit.symbol}/{self.per}" if self.per else self.unit.symbol

    @property
    def per_seconds(self) -> float:
        return SECONDS.get(self.per, 1.0)

    def text(self, figure: float) -> str:
        return self.unit.text(figure) + (f"/{self.per}" if self.per else "")


def stage_metric(stage: str) -> Metric:
    """The time of a stage somebody else's program measures under this name."""
    return Metric(
        stage,
        Kind.DURATION,
        UNITS["ms"],
        Source.TURN,
        "repartee_stage_seconds",
        labels={"stage": stage},
        begins=f"{stage} begins",
        ends=f"{stage} ends",
        help="Time in a stage; of hearing, what came after the last voiced sample",
    )
