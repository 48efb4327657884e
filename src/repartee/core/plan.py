"""What is going to be done, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .home import State
from .intent import Data, Doubt, Intent, Part
from .when import NOW, When


@dataclass(frozen=True, slots=True)
class Action:
    """One service call, possibly to several entities at once."""

    service: str
    """`domain.service`, in Home Assistant's names: `light.turn_on`."""
    entities: tuple[str, ...] = ()
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What one clause of the sentence comes down to."""

    intent: Intent
    actions: tuple[Action, ...] = ()
    """Independent of each other; none for a question."""
    group: int = 0
    after: tuple[int, ...] = ()
    """Groups that must be done before this step."""
    later: tuple[Action, ...] = ()
    """What it comes to once its time has come; asked about now where that has to be."""
    facts: Data = field(default_factory=dict)
    """What the reply's template needs beyond slots and states: `state` (an entity id), `matched` and `unmatched`
    (entity ids), `tells_failure` (it has words for what did not work); anything else joins the slots."""
    doubt: Doubt | None = None
    """Such a step has no actions, or they wait for the answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A DAG of steps: a step waits for all steps of the groups named in its `after`."""

    steps: tuple[Step, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        return tuple(action for step in self.steps for action in step.actions)

    @property
    def question(self) -> Doubt | None:
        """The first doubt that only the person can settle; nothing is done before. It names its step."""
        asking = ((at, step.doubt) for at, step in enumerate(self.steps) if step.doubt and step.doubt.asks)
        return next((replace(doubt, at=at) for at, doubt in asking), None)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a service call came to on one entity."""

    entity: str
    service: str
    data: Data = field(default_factory=dict)
    confirmed: bool = False
    """The home itself has reported the new state."""
    error: str | None = None
    """Why not, for a person."""
    kept: bool = True
    """Whether it outlives a restart, where it is ours to keep."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step."""

    step: Step
    effects: tuple[Effect, ...] = ()
    before: Mapping[str, State] | None = None
    """The states of its devices before, for "undo that" and for replies that compare."""

    @property
    def done(self) -> bool:
        return not self.step.doubt and all(effect.confirmed for effect in self.effects)


def as_hoped(plan: Plan) -> tuple[Outcome, ...]:
    """What would come of it if every device did what it is told."""
    return tuple(
        Outcome(
            step,
            tuple(
                Effect(entity, action.service, action.data, confirmed=True)
                for action in step.actions
                for entity in action.entities
            ),
        )
        for step in plan.steps
    )


@dataclass(frozen=True, slots=True)
class Order:
    """A standing order: to be done later, again and again, or as soon as something is so."""

    name: str
    """Made from the sentence: "turn on the oven"."""
    when: When = NOW
    part: Part | None = None
    """What was meant; it is planned anew at its time, in the home as it is then."""
    actions: tuple[Action, ...] = ()
    """Calls, where they are known already: what takes a deed back."""
    area: str | None = None
    """Id of the area in which it was said."""
    language: str = "en"
    due: float | None = None
    """Unix seconds; None: it waits for its condition."""
    was: bool | None = None
    """Whether its condition held when last looked at."""


@dataclass(frozen=True, slots=True)
class Alert:
    """The household speaks up by itself: something is due."""

    kind: str
    """`timer`, `alarm`, `reminder`, `announcement`, `notice` (for all, wherever they are), `command` (a sentence to act
    on now), `order`, `order_failed` (`message` says why)."""
    entity: str = ""
    name: str = ""
    """What it was called: "pizza"; for a timer without a name, nothing."""
    area: str | None = None
    """Id of the area in which it was set; an announcement is for all others."""
    message: str = ""
    """To be said, or the sentence to act on."""
    actions: tuple[Action, ...] = ()
    """Of a `command`: what to do now, where it was known when it was said."""
    order: Order | None = None
    """What is to be done now, or was not done in time."""
    seconds: float = 0.0
    """How long the timer was set for."""
    late: float = 0.0
    """Seconds since it was due: more than a moment where we were away."""
