"""The one tree of errors. Each has a key; the turn catches them once, at its edge, and says
the words of that key in the person's language.

ReparteeError
├── BadInput                what was given can't be used: says what, where, and what to do
│   ├── BadText             text, a number or JSON that nobody can say or keep
│   ├── BadAudio
│   ├── BadHome
│   ├── BadSettings
│   └── BadBudget
├── EngineMissing           an engine's package or model is not there: says how to get it
├── NothingWorks            engines of one kind all failed just now: says why of each
├── NotAllowed              the confirmation policy stands against a call that nobody said
│   └── WantsConfirmation   it is done once somebody has said yes, or the PIN
├── NotKept                 what was to outlive the process could not be written
├── HomeError               the home did not do it
│   ├── Unreachable         the back end is away
│   │   └── Refused         it is there and does not let us in: the token
│   └── NotConfirmed        the call was taken, the state never changed
├── ModelError              a language model did not answer
│   ├── ModelAway           it can't be reached, or does not let us in
│   ├── ModelBusy           it has too much to do: says when to ask again
│   ├── ModelStalled        it stopped talking, or never began
│   └── ModelGarbled        what it sent is no answer
└── OutOfTime               the turn's deadline passed
"""

from __future__ import annotations


class ReparteeError(Exception):
    """Anything we expect to go wrong. `str(error)` is for the log and the terminal."""

    key = "error"
    """Of what the person hears (`languages/*/errors.json`)."""


class BadInput(ReparteeError):
    key = "bad_input"


class BadText(BadInput):
    key = "bad_text"


class BadAudio(BadInput):
    key = "bad_audio"


class BadHome(BadInput):
    key = "bad_home"


class BadSettings(BadInput):
    key = "bad_settings"


class BadBudget(BadInput):
    key = "bad_budget"


class EngineMissing(ReparteeError):
    """An engine can't be loaded."""

    key = "engine_missing"

    def __init__(self, engine: str, remedy: str) -> None:
        super().__init__(f"{engine} is not available: {remedy}")
        self.engine = engine
        self.remedy = remedy


class NothingWorks(ReparteeError):
    """No engine of a kind does what it is there for."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"no {kind} engine works at the moment: {why}")
        self.key = f"nothing_works_{kind}"


class NotAllowed(ReparteeError):
    """Words for whoever called."""


class WantsConfirmation(NotAllowed):
    def __init__(self, question: str, wants: str) -> None:
        """`wants`: `confirmed` or `pin`."""
        super().__init__(question)
        self.wants = wants


class NotKept(ReparteeError):
    key = "not_kept"


class HomeError(ReparteeError):
    key = "home_error"


class Unreachable(HomeError):
    key = "unreachable"


class Refused(Unreachable):
    key = "refused"


class NotConfirmed(HomeError):
    key = "not_confirmed"


class OutOfTime(ReparteeError):
    key = "out_of_time"
    SAYS = "not done after"
    """How its text begins, by which a record is known for one that came too late."""

    @classmethod
    def after(cls, seconds: float) -> OutOfTime:
        return cls(f"{cls.SAYS} {seconds:g} s")


class ModelError(ReparteeError):
    key = "model_error"


class ModelAway(ModelError):
    """A server that is not there, or a key that it does not take."""


class ModelBusy(ModelError):
    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        """`retry_after`: seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class ModelStalled(ModelError):
    """Nothing came for longer than the prompt allows."""


class ModelGarbled(ModelError):
    """Too long, cut off, or not in the form that was asked for."""
