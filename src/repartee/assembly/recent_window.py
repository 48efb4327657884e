"""What was measured in the last minutes, for budgets that set something off: an action must end when its reason does,
and a mean since the start would never forget."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence

from repartee.contract.budgets import Budget, Profile
from repartee.contract.files import load_profile
from repartee.contract.metrics import Kind
from repartee.contract.provenance import Provenance
from repartee.contract.verdict import Measurement, Verdict, judge_all
from repartee.observe.ledger import Ledger

SPAN = 150.0
"""Seconds of a half of what is remembered."""
LENDER = "alice"
"""The profile that has a budget for every action: taken where the chosen one has none."""


def acting(profile: Profile, allowed: Collection[str]) -> Sequence[Budget]:
    """Budgets that set off what is allowed."""
    own = [budget for budget in profile if budget.action in allowed]
    missing = set(allowed) - {budget.action for budget in own}
    return [*own, *(budget for budget in load_profile(LENDER) if budget.action in missing)]


class Recent:
    """Remembers five minutes, in two halves, and of these only what some action rests on."""

    def __init__(self, budgets: Sequence[Budget], clock: Callable[[], float] = time.monotonic) -> None:
        self.budgets = budgets
        self._wanted = {budget.metric.name for budget in budgets}
        self._clock, self._since = clock, clock()
        self._before, self._now = Ledger(), Ledger()

    def record(self, measurements: Iterable[Measurement], provenance: Provenance) -> None:
        if self._clock() - self._since > SPAN:
            self._before, self._now, self._since = self._now, Ledger(), self._clock()
        for measurement in measurements:
            if measurement.metric in self._wanted:
                self._now.record(measurement, provenance)

    def verdicts(self, users: int) -> Sequence[Verdict]:
        """With so many people connected."""
        if not self.budgets:
            return ()
        both = Ledger()
        both.merge(self._before)
        both.merge(self._now)
        judged = [budget for budget in self.budgets if budget.metric.kind in (Kind.LEVEL, Kind.GROWTH, Kind.DURATION)]
        return judge_all(judged, both.figure, max(1, users))
