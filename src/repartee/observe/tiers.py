"""Figures by how many people were connected when they were taken: a promise to fifteen is kept or broken by fifteen."""

from __future__ import annotations

from collections.abc import Iterable

from ..contract.budgets import Budget
from ..contract.provenance import Provenance
from ..contract.verdict import Figure, Measurement
from .ledger import Ledger


class Tiers:
    """A ledger for each range of people that a budget names."""

    def __init__(self, budgets: Iterable[Budget]) -> None:
        tiers = [budget for budget in budgets if budget.users]
        self._metrics = {budget.metric.name for budget in tiers}
        self._ledgers = {budget.users: Ledger() for budget in tiers if budget.users}

    def record(self, measurement: Measurement, provenance: Provenance, users: int) -> None:
        """`users`: how many were connected; who speaks without a connection is one."""
        if measurement.metric not in self._metrics:
            return
        for (fewest, most), ledger in self._ledgers.items():
            if fewest <= max(1, users) <= most:
                ledger.record(measurement, provenance)

    def figure(self, budget: Budget) -> Figure | None:
        """Of a budget of a tier; None for a tier that nobody has reached."""
        ledger = self._ledgers.get(budget.users) if budget.users else None
        return ledger.figure(budget) if ledger else None
