"""Standing orders: what is scheduled, and that it is not to be done after all. "Tell me" speaks to everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rapidfuzz import fuzz, process

from repartee.core.home import Entity
from repartee.core.intent import Choice, Doubt, Intent, Part
from repartee.core.plan import Action, Order, Step
from repartee.core.skill import Doubtful, Situation, Skill
from repartee.core.when import Moment
from repartee.engines.home.orders import KIND, PAUSED, order_of
from repartee.languages.phrases import phrase
from repartee.languages.when_text import told_moment, told_when

from .again import undo
from .targets import calls, said, step

LIKE = 80
"""Per cent: how alike what is said and an order's name must be."""
TOLD = 5
"""Orders that are told at once."""


def tell(intent: Intent, _situation: Situation) -> Step:
    """Everybody, whatever room they are in."""
    message = said(intent, "message")
    return step(intent, Action("household.tell", (), {"message": message[:1].upper() + message[1:]}))


def list_orders(intent: Intent, situation: Situation) -> Step:
    return step(intent, orders=[told(thing, situation) for thing in _orders(situation)[:TOLD]])


def change(verb: str) -> Skill:
    """`cancel`, `pause` or `resume`: all, the one that was named, or the last that was given."""

    def skill(intent: Intent, situation: Situation) -> Step:
        if verb == "cancel" and intent.response == "last" and not _was_order(situation):
            return undo(intent, situation)
        found = _meant(intent, situation)
        return step(intent, calls(f"household.{verb}", found), names=[thing.name for thing in found[:TOLD]])

    return skill


def told(thing: Entity, situation: Situation) -> str:
    """`At 10:00 pm: turn on the oven`, `Whenever it rains: close the windows (paused)`."""
    language = situation.context.language
    state = situation.states[thing.id]
    order = order_of(state)
    when = _when(order, situation, language)
    mark = f" ({phrase(language, 'paused')})" if state.value == PAUSED else ""
    return f"{when[:1].upper()}{when[1:]}: {thing.name}{mark}"


def _when(order: Order, situation: Situation, language: str) -> str:
    if order.due is None:
        return told_when(language, order.when)
    at = datetime.fromtimestamp(order.due).astimezone()
    if order.when.repeat:
        half = "am" if 0 < at.hour < 12 else "pm" if at.hour == 12 else ""
        known = replace(order.when, at=Moment(at.hour, at.minute, half)) if order.when.at else order.when
        return told_when(language, known)
    return told_moment(language, at, situation.now)


def _orders(situation: Situation) -> list[Entity]:
    """The soonest first, those that wait for a condition last."""
    found = [entity for entity in situation.household.entities if entity.domain == KIND]
    return sorted(found, key=lambda thing: situation.states[thing.id].attributes["due"] or float("inf"))


def _meant(intent: Intent, situation: Situation) -> list[Entity]:
    orders = _orders(situation)
    if not orders:
        raise Doubtful(Doubt("no_order"))
    if intent.response == "all":
        return orders
    name = str(intent.slots.get("name", "")).strip()
    if name:
        return [_named(name, orders, intent, situation)]
    last = _last(situation, orders)
    if last is None and len(orders) > 1:
        raise Doubtful(Doubt("which_order", {}, _choices(orders, intent)))
    return [last or orders[0]]


def _named(name: str, orders: list[Entity], intent: Intent, situation: Situation) -> Entity:
    names = [order.name for order in orders]
    found = process.extract(name, names, scorer=fuzz.token_set_ratio, processor=str.casefold, score_cutoff=LIKE)
    best = [at for _, score, at in found if score == found[0][1]]
    if not best:
        told_ones = "; ".join(told(order, situation) for order in orders[:TOLD])
        raise Doubtful(Doubt("no_such_order", {"choices": told_ones}))
    if len(best) > 1:
        raise Doubtful(Doubt("which_order", {}, _choices([orders[at] for at in best], intent)))
    return orders[best[0]]


def _choices(orders: list[Entity], intent: Intent) -> tuple[Choice, ...]:
    return tuple(Choice(o.name, (Part(Intent(intent.name, {"name": o.name})),)) for o in orders[:TOLD])


def _was_order(situation: Situation) -> bool:
    """Whether "that" is an order: the newest deed, or the only thing there is."""
    newest = situation.conversation.deeds[-1:]
    entities = [effect.entity for outcomes in newest for outcome in outcomes for effect in outcome.effects]
    return any(entity.startswith(f"{KIND}.") for entity in entities) or not newest


def _last(situation: Situation, orders: list[Entity]) -> Entity | None:
    """The one that was given last in this conversation."""
    known = {order.id: order for order in orders}
    for outcomes in reversed(situation.conversation.deeds):
        for outcome in outcomes:
            for effect in outcome.effects:
                if effect.confirmed and effect.entity in known:
                    return known[effect.entity]
    return None


SKILLS: dict[str, Skill] = {
    "RepTell": tell,
    "RepOrders": list_orders,
    "RepCancelOrder": change("cancel"),
    "RepPauseOrder": change("pause"),
    "RepResumeOrder": change("resume"),
}
