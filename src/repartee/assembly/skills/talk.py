"""What needs no device: hello, never mind, and a message for every room."""

from __future__ import annotations

from repartee.core.intent import Doubt, Intent
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation

from .targets import step


def say(intent: Intent, _situation: Situation) -> Step:
    """The answer is the template."""
    return step(intent)


def broadcast(intent: Intent, situation: Situation) -> Step:
    """To every satellite of the home but the one that was spoken to, and to our own rooms through the household."""
    message = str(intent.slots.get("message", "")).strip()
    if not message:
        raise Doubtful(Doubt("no_message"))
    others = tuple(
        e.id for e in situation.home.entities if e.domain == "assist_satellite" and e.area != situation.context.area
    )
    data = {"message": message}
    elsewhere = (Action("assist_satellite.announce", others, data),) if others else ()
    here = Action("household.announce", (), {**data, "area": situation.context.area or ""})
    return step(intent, *elsewhere, here)


SKILLS = {
    "HassRespond": say,
    "HassNevermind": say,
    "HassBroadcast": broadcast,
    "RepThanks": say,
    "RepWhoAreYou": say,
}
