"""Why things are as they are: who or what changed them, as far as the home or we know. And what was told to nobody."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .plan import Alert

DEVICES = 2_000
"""Of which the last cause is kept."""
MISSES = 50
"""Things that are kept for somebody to ask about."""
AFTER = 15.0
"""Seconds after a deed of ours in which a report of its device is its doing: lights fade, blinds take their time."""


class Origin(StrEnum):
    SAID = "said"
    """Somebody said so."""
    DUE = "due"
    """A timer or an order did it."""
    PERSON = "person"
    """Somebody, in the home's own app."""
    AUTOMATION = "automation"
    """The home itself."""
    OUTSIDE = "outside"
    """It was reported, and nobody says by whom: a hand, a sensor, the home."""


@dataclass(frozen=True, slots=True)
class Cause:
    origin: Origin
    at: float
    """Unix seconds."""
    text: str = ""
    """What was said, or what was due."""
    area: str | None = None
    """Id of the area where it was said."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Something that was told when it was due."""

    at: float
    """Unix seconds."""
    alert: Alert


class CauseLog:
    """The last cause of each device, bounded; and what was told since somebody last spoke."""

    def __init__(self) -> None:
        self._causes: OrderedDict[str, Cause] = OrderedDict()
        self._told: deque[Missed] = deque(maxlen=MISSES)
        self.heard_at = float("-inf")
        """When somebody last spoke to us."""

    def of(self, entity: str) -> Cause | None:
        return self._causes.get(entity)

    def did(self, entities: Iterable[str], cause: Cause) -> None:
        """We did it."""
        for entity in entities:
            self._note(entity, cause)

    def reported(self, entity: str, origin: Origin, at: float) -> None:
        """The home says that it changed; what we did a moment ago is no news."""
        known = self._causes.get(entity)
        if known is None or known.origin not in (Origin.SAID, Origin.DUE) or at - known.at > AFTER:
            self._note(entity, Cause(origin, at))

    def told(self, alert: Alert, at: float) -> None:
        """It rang, was announced, or went wrong."""
        self._told.append(Missed(at, alert))

    def heard(self, at: float) -> None:
        """Somebody spoke: whatever was told before was not missed."""
        self.heard_at = at

    @property
    def missed(self) -> tuple[Missed, ...]:
        """Told since somebody last spoke, oldest first."""
        return tuple(each for each in self._told if each.at > self.heard_at)

    def _note(self, entity: str, cause: Cause) -> None:
        self._causes[entity] = cause
        self._causes.move_to_end(entity)
        while len(self._causes) > DEVICES:
            self._causes.popitem(last=False)
