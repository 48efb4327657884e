"""Whether what must live is alive, and whether what is to be kept is on disk: for health pages."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.core.duty import Duty
from repartee.core.kept import Keeping

Told = dict[str, dict[str, str]]


def duties_health(duties: Sequence[Duty]) -> Told:
    """One line for all that are well, and one for each that is not, or was not a minute ago."""
    healths = [duty.health for duty in duties]
    unwell = [health for health in healths if not health.alive or health.recent]
    restarts, failures = sum(h.restarts for h in healths), sum(h.failures for h in healths)
    reason = f"{len(healths) - len(unwell)} of {len(healths)} at work; {restarts} restarts, {failures} items went wrong"
    told = {"duties": {"status": "degraded" if unwell else "ok", "reason": reason}}
    return told | {f"duty {health.name}": {"status": "degraded", "reason": health.reason} for health in unwell}


def keeping_health(keeping: Sequence[Keeping]) -> Told:
    return {each.name: _kept(each) for each in keeping}


def _kept(keeping: Keeping) -> dict[str, str]:
    counts = f"{keeping.waiting} wait, {keeping.lost} lost, {keeping.unreadable} unreadable"
    if keeping.trouble:
        return {"status": "degraded", "reason": f"can't be written: {keeping.trouble}; {counts}"}
    return {"status": "ok", "reason": f"on disk; {counts}"}
