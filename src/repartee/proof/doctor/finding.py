"""What the doctor tells: findings, each with its evidence, its cost and what to change; and what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """How much a finding matters, the worst first."""

    BROKEN = "broken"
    """Something does not work."""
    COSTS = "costs"
    """It works, and is slower or worse than it could be."""
    NOTE = "note"
    """Worth knowing; nothing measured suffers from it now."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that is safe: it loses nothing that people made."""

    does: str
    """In the imperative, for people."""
    apply: Callable[[], None]
    """Raises OSError where it can't be done."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    """Stable, for programs."""
    grade: Grade
    evidence: str
    cost: str
    """In milliseconds or percent where that can be told."""
    advice: str
    ms: float = 0.0
    """Of each turn concerned, where that can be told: findings of one grade are ordered by it."""
    fix: Fix | None = None

    def as_json(self) -> dict[str, Any]:
        row = asdict(self) if self.fix is None else asdict(Finding(*self._told()))
        return row | {"grade": self.grade.value, "fix": self.fix.does if self.fix else None}

    def _told(self) -> tuple[str, Grade, str, str, str, float]:
        return self.name, self.grade, self.evidence, self.cost, self.advice, self.ms


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the assistant, looked at or not."""

    name: str
    seen: str = ""
    """What was measured, in words."""
    findings: Sequence[Finding] = ()
    skipped: str = ""
    """Why it was not looked at; empty: it was."""

    def as_json(self) -> dict[str, Any]:
        told = {"part": self.name, "seen": self.seen, "skipped": self.skipped}
        return told | {"findings": [finding.as_json() for finding in self.findings]}


def ordered(parts: Sequence[Part]) -> list[Finding]:
    """Of all parts, what matters most first."""
    grades = list(Grade)
    found = [finding for part in parts for finding in part.findings]
    return sorted(found, key=lambda f: (grades.index(f.grade), -f.ms))
