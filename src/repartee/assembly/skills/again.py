"""Undo that, repeat that, stop, snooze."""

from __future__ import annotations

from repartee.core.conversation import TAKES_BACK
from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.restoring import taking_back
from repartee.core.skill import Doubtful, Situation

from .targets import step


def undo(intent: Intent, situation: Situation) -> Step:
    """Puts every device that the last turn changed back into the state before, where a service can do that."""
    outcomes = next(reversed(situation.conversation.deeds), ())
    actions = taking_back(outcomes)
    if not actions:
        raise Doubtful(Doubt("nothing_to_undo"))
    return step(intent, *actions, **{TAKES_BACK: True})


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
