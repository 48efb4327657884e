"""What an exceeded budget sets off, where a person allows it: the actions of the contract, by name, each told when it
begins and ends. Nothing happens that is not allowed in the settings."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from repartee.contract.budgets import Level
from repartee.contract.files import read_data
from repartee.contract.verdict import Outcome, Verdict
from repartee.core.errors import BadSettings

from .gc_schedule import give_back

log = logging.getLogger(__name__)
PAUSE = 1.0
"""Seconds from one look to the next, for who waits."""
CALM = 60.0
"""Seconds without a reason after which a mitigation ends."""


@dataclass(slots=True)
class Mitigation:
    """One action under way."""

    action: str
    what: str
    """For people: `throttle new sessions`."""
    because: str
    since: float
    until: float


class Mitigations:
    """Which actions are under way. Whoever can act on one asks `active`, or is called when it begins."""

    def __init__(self, allowed: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
        """Raises `BadSettings` for an action that the contract has not."""
        self.known: Mapping[str, str] = read_data("alerts.toml")["action"]
        for action in allowed:
            if action not in self.known:
                raise BadSettings(f"no action {action!r}; there are: {', '.join(self.known)}")
        self.allowed, self._clock = frozenset(allowed), clock
        self._under_way: dict[str, Mitigation] = {}
        self._begin: dict[str, list[Callable[[], None]]] = {"memory_peak": []}

    def on(self, action: str, begin: Callable[[], None]) -> None:
        """Something to do when it begins: shrink a cache, stop a job."""
        self._begin.setdefault(action, []).append(begin)

    def consider(self, verdicts: Iterable[Verdict]) -> list[Mitigation]:
        """Those that begin now. A budget must be past its warning threshold: one slow turn is no reason."""
        begun = []
        for verdict in verdicts:
            action = verdict.budget.action
            serious = verdict.outcome is Outcome.BROKEN and verdict.level in (Level.WARNING, Level.CRITICAL)
            if serious and action in self.allowed:
                fresh = self._extend(action, verdict)
                begun += [fresh] if fresh else []
        return begun

    def active(self, action: str) -> bool:
        return bool(self._under_way) and any(mitigation.action == action for mitigation in self.under_way())

    async def calm(self, action: str) -> None:
        """Returns when this is not under way: for work that can wait."""
        while self.active(action):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE)  # its end is not reported

    def under_way(self) -> list[Mitigation]:
        now = self._clock()
        for action, mitigation in tuple(self._under_way.items()):
            if mitigation.until <= now:
                del self._under_way[action]
                log.warning("%s ends: %.0f s without a reason", mitigation.what, CALM)
        return list(self._under_way.values())

    def _extend(self, action: str, verdict: Verdict) -> Mitigation | None:
        now, running = self._clock(), {mitigation.action: mitigation for mitigation in self.under_way()}
        if action in running:
            running[action].until = now + CALM
            return None
        mitigation = Mitigation(action, self.known[action], verdict.text(), now, now + CALM)
        self._under_way[action] = mitigation
        log.warning("%s, because %s", mitigation.what, mitigation.because)
        for begin in self._begin.get(action, ()):
            begin()
        if action == "memory_peak":
            gc.collect()
            give_back()
        return mitigation
