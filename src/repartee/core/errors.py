"""The one tree of errors. Each knows what a person is told; the turn catches them once, at its edge.

ReparteeError
├── BadInput                what was given can't be used: says what, where, and what to do
│   ├── BadText             text, a number or JSON that nobody can say or keep
│   ├── BadAudio
│   ├── BadHome
│   ├── BadSettings
│   └── BadBudget
├── EngineMissing           an engine's package or model is not there: says how to get it
├── NothingWorks            engines of one kind all failed just now: says why of each
├── HomeError               the home did not do it
│   ├── Unreachable         the back end is away
│   │   └── Refused         it is there and does not let us in: the token
│   └── NotConfirmed        the call was taken, the state never changed
└── OutOfTime               the turn's deadline passed
"""

from __future__ import annotations

from typing import ClassVar


class ReparteeError(Exception):
    """Anything we expect to go wrong. `str(error)` is for the log and the terminal."""

    spoken = "Sorry, something went wrong."
    """What the person hears."""


class BadInput(ReparteeError):
    spoken = "Sorry, I can't use that."


class BadText(BadInput):
    spoken = "Sorry, I can't read that."


class BadAudio(BadInput):
    spoken = "Sorry, I can't read that sound."


class BadHome(BadInput):
    spoken = "Sorry, I can't read the description of this home."


class BadSettings(BadInput):
    spoken = "Sorry, my settings are wrong."


class BadBudget(BadInput):
    spoken = "Sorry, my budgets are wrong."


class EngineMissing(ReparteeError):
    """An engine can't be loaded."""

    spoken = "Sorry, a part of me is not installed."

    def __init__(self, engine: str, remedy: str) -> None:
        super().__init__(f"{engine} is not available: {remedy}")
        self.engine = engine
        self.remedy = remedy


class NothingWorks(ReparteeError):
    """No engine of a kind does what it is there for."""

    SPOKEN: ClassVar = {
        "stt": "Sorry, my hearing does not work at the moment.",
        "understanding": "Sorry, I can't think straight at the moment.",
    }

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"no {kind} engine works at the moment: {why}")
        self.spoken = self.SPOKEN.get(kind, ReparteeError.spoken)


class HomeError(ReparteeError):
    spoken = "Sorry, the home did not do that."


class Unreachable(HomeError):
    spoken = "Sorry, I can't reach the home."


class Refused(Unreachable):
    spoken = "Sorry, the home does not let me in any more. My key needs to be renewed."


class NotConfirmed(HomeError):
    spoken = "Sorry, the device did not answer."


class OutOfTime(ReparteeError):
    spoken = "Sorry, that took too long."
