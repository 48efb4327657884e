"""A skill turns one intent, in a home as it is now, into a step. Skills live above and are handed in as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .conversation import NEW, Conversation
from .home import NOTHING, Home, State
from .intent import Context, Doubt, Intent
from .plan import Step
from .schedule import SunTime


@dataclass(frozen=True, slots=True)
class Situation:
    """Where and when something is said."""

    home: Home
    """What is there."""
    states: Mapping[str, State]
    """By entity id; `UNKNOWN` for what nobody knows."""
    context: Context = field(default_factory=Context)
    now: datetime = field(default_factory=lambda: datetime.now().astimezone())
    household: Home = NOTHING
    """What the home itself has not and we keep: running timers, alarms, lists."""
    conversation: Conversation = NEW
    """What was said and done before."""
    sun: SunTime | None = None
    """When the sun rises and sets; None: nobody knows where the home is."""
    turn: str = ""
    """Id of the turn, where there is one."""


class Skill(Protocol):
    def __call__(self, intent: Intent, situation: Situation, /) -> Step:
        """Pure and quick (microseconds; it also runs on guesses). Raises `Doubtful` rather than guess a device."""
        ...


Skills = Mapping[str, Skill]
"""By intent name."""


class Doubtful(Exception):
    """A skill can't say what to do; the doubt says why."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.key)
        self.doubt = doubt
