"""What every home on a network has: live states, the newest snapshot, and a connection that is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence

from repartee.core.channel import Channel
from repartee.core.duty import Duty
from repartee.core.home import Home, HomeVersion, States
from repartee.core.limiter import PriorityLimiter

from .link import Link
from .set_aside import SetAside
from .state_cache import StateCache


class RemoteHome:
    """The part of `HomeBackend` that does not depend on the protocol of the connection."""

    def __init__(self, name: str, called: str, limiter: PriorityLimiter | None = None) -> None:
        """`called`: by a person. `limiter`: before the calls to it."""
        self.name = name
        self.limiter = limiter or PriorityLimiter(name)
        self.set_aside = SetAside(name)
        """What of it says nonsense, and why."""
        self._live = StateCache()
        self._link = Link(name, called, lambda: self._live.tell(""))
        self._home = Home(HomeVersion(name, time.time_ns() // 1_000_000, 0))

    @property
    def trouble(self) -> str | None:
        """Why it can't be used now, None while it can: for health pages."""
        return self._link.trouble

    @property
    def duties(self) -> Sequence[Duty]:
        return (self._link.duty,)

    @property
    def connections(self) -> int:
        """How often it has connected."""
        return self._link.connections

    @property
    def home(self) -> Home:
        return self._home

    @property
    def states(self) -> States:
        return self._live.states

    def changes(self) -> Channel[str]:
        return self._live.changes()

    def _called(self, entity: str) -> str:
        """What a person calls an entity, whether or not it may be spoken to."""
        known = self._home.by_id.get(entity)
        return known.name if known else entity.split(".", 1)[-1].replace("_", " ")
