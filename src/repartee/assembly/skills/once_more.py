"""The last deed again, a bit more of it, or a bit less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from repartee.core.home import UNKNOWN, State
from repartee.core.intent import Data, Doubt, Intent
from repartee.core.plan import Action, Effect, Outcome, Step
from repartee.core.skill import Doubtful, Situation

from .measures import number
from .targets import step


def again(intent: Intent, situation: Situation) -> Step:
    """The calls of the last deed, to the same devices."""
    actions = [action for outcome in _last(situation) for action in outcome.step.actions]
    if not actions:
        raise Doubtful(Doubt("nothing_done"))
    return step(intent, *actions)


def more(intent: Intent, situation: Situation) -> Step:
    """As far again as a small step goes, in the direction of the last deed; `less`: back."""
    sign = -1 if intent.slots.get("direction") == "less" else 1
    actions = [action for change in _changes(situation) if (action := _further(change, sign))]
    if not actions:
        raise Doubtful(Doubt("nothing_more"))
    return step(intent, *actions)


@dataclass(frozen=True, slots=True)
class Change:
    """What the last deed did to one device."""

    effect: Effect
    before: State
    now: State

    def moved(self, attribute: str) -> float:
        """How far; 0 where it is unknown."""
        first, last = number(self.before.attributes.get(attribute)), number(self.now.attributes.get(attribute))
        return 0.0 if last is None else last - (first or 0.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A quantity that goes up and down: its attribute, what sets it, and how far a small step goes."""

    attribute: str
    service: str
    field: str
    size: float
    low: float = float("-inf")
    high: float = float("inf")


SCALES: Mapping[str, Scale] = {
    "media_player": Scale("volume_level", "media_player.volume_set", "volume_level", 0.1, 0, 1),
    "climate": Scale("temperature", "climate.set_temperature", "temperature", 1),
    "cover": Scale("current_position", "cover.set_cover_position", "position", 20, 0, 100),
    "valve": Scale("current_position", "valve.set_valve_position", "position", 20, 0, 100),
    "fan": Scale("percentage", "fan.set_percentage", "percentage", 20, 0, 100),
}
LIGHT_STEP = 20
"""Percent."""


def _last(situation: Situation) -> tuple[Outcome, ...]:
    return next(reversed(situation.conversation.deeds), ())


def _changes(situation: Situation) -> Iterator[Change]:
    for outcome in _last(situation):
        before = outcome.before or {}
        for effect in outcome.effects:
            if effect.confirmed and effect.entity:
                yield Change(effect, before.get(effect.entity, UNKNOWN), situation.states[effect.entity])


def _further(change: Change, sign: int) -> Action | None:
    domain = change.effect.entity.partition(".")[0]
    return _light(change, sign) if domain == "light" else _scaled(change, sign, SCALES.get(domain))


def _light(change: Change, sign: int) -> Action | None:
    step_said = number(change.effect.data.get("brightness_step_pct"))
    points = step_said or (LIGHT_STEP if change.moved("brightness") >= 0 else -LIGHT_STEP)
    return Action("light.turn_on", (change.effect.entity,), {"brightness_step_pct": sign * points})


def _scaled(change: Change, sign: int, scale: Scale | None) -> Action | None:
    if scale is None:
        return None
    now, moved = number(change.now.attributes.get(scale.attribute)), change.moved(scale.attribute)
    if now is None or not moved:
        return None
    wanted = now + sign * (scale.size if moved > 0 else -scale.size)
    data: Data = {scale.field: round(min(scale.high, max(scale.low, wanted)), 2)}
    return Action(scale.service, (change.effect.entity,), data)


SKILLS: Mapping[str, Callable[[Intent, Situation], Step]] = {"RepAgain": again, "RepMore": more}
