"""Undo that, repeat that, stop, snooze."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.core.conversation import TAKES_BACK
from repartee.core.home import State
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Effect, Step
from repartee.core.restoring import restored
from repartee.core.skill import Doubtful, Situation

from .targets import step


def undo(intent: Intent, situation: Situation) -> Step:
    """Puts every device that the last turn changed back into the state before, where a service can do that."""
    outcomes = next(reversed(situation.conversation.deeds), ())
    effects = [e for outcome in outcomes for e in outcome.effects if e.confirmed]
    inverse = [INVERSE[e.service](e) for e in reversed(effects) if e.service in INVERSE]
    before: dict[str, State] = {}
    for outcome in outcomes:
        changed = {e.entity for e in outcome.effects if e.confirmed and e.service not in INVERSE}
        for entity, state in (outcome.before or {}).items():
            if entity in changed:
                before.setdefault(entity, state)  # the oldest, where it was changed twice
    actions = [action for entity, state in before.items() if (action := restored(entity, state))]
    if not (inverse or actions):
        raise Doubtful(Doubt("nothing_to_undo"))
    return step(intent, *inverse, *actions, **{TAKES_BACK: True})


def _cancelled(effect: Effect) -> Action:
    return Action(f"{effect.entity.partition('.')[0]}.cancel", (effect.entity,))


def _off_the_list(effect: Effect) -> Action:
    return Action(f"{effect.entity.partition('.')[0]}.remove_item", (effect.entity,), {"item": [effect.data["item"]]})


def _on_the_list(effect: Effect) -> Action:
    item = effect.data["item"]
    first = item[0] if isinstance(item, list | tuple) else item
    return Action(f"{effect.entity.partition('.')[0]}.add_item", (effect.entity,), {"item": first})


def _to_do_again(effect: Effect) -> Action:
    data = {"item": effect.data["item"], "status": "needs_action"}
    return Action(f"{effect.entity.partition('.')[0]}.update_item", (effect.entity,), data)


INVERSE: Mapping[str, Callable[[Effect], Action]] = {
    **dict.fromkeys(("timer.start", "alarm.set", "reminder.set", "household.schedule"), _cancelled),
    **dict.fromkeys(("todo.add_item", "list.add_item"), _off_the_list),
    **dict.fromkeys(("todo.remove_item", "list.remove_item"), _on_the_list),
    **dict.fromkeys(("todo.update_item", "list.update_item"), _to_do_again),
    "memory.remember": lambda effect: Action("memory.forget", (effect.entity,)),
}
"""What takes back a call that no state before can."""


def repeat(intent: Intent, situation: Situation) -> Step:
    if not situation.conversation.reply:
        raise Doubtful(Doubt("nothing_said"))
    return step(intent, said=situation.conversation.reply)


def stop(intent: Intent, situation: Situation) -> Step:
    """What rings; speaking itself has stopped when we were spoken to."""
    return step(intent, Action("household.stop", (), {"area": situation.context.area or ""}))


def snooze(intent: Intent, situation: Situation) -> Step:
    """What rings, rings again: in the minutes that were said, or in nine, as bedside clocks do."""
    ringing = [e for e in situation.household.entities if situation.states[e.id].value == "ringing"]
    if not ringing:
        raise Doubtful(Doubt("nothing_rings"))
    minutes = intent.slots.get("minutes", 9)
    data = {"minutes": minutes, "name": ringing[0].name, "area": situation.context.area or ""}
    return step(intent, Action("household.stop", (), {"area": ""}), Action("timer.start", (), data))


SKILLS = {"RepUndo": undo, "RepRepeat": repeat, "RepStop": stop, "RepSnooze": snooze}
