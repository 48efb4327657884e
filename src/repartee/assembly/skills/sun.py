"""When the sun rises and sets, as the home knows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .targets import meaning, said, step

SUN = "sun.sun"
"""Home Assistant's; its attributes are the next times, ISO 8601."""
NEXT = {"sunrise": "next_rising", "sunset": "next_setting", "dawn": "next_dawn", "dusk": "next_dusk"}


def sun_time(intent: Intent, situation: Situation) -> Step:
    """The next sunrise or sunset."""
    told = situation.states[SUN].attributes.get(meaning(intent, "event", NEXT))
    try:
        at = datetime.fromisoformat(str(told)).astimezone(situation.now.tzinfo)
    except ValueError:
        return step(replace(intent, response="unknown"))
    days = (at.date() - situation.now.date()).days
    return step(replace(intent, response=said(intent, "event")), state=SUN, clock=f"{at:%H:%M}", tomorrow=days == 1)


def is_up(intent: Intent, situation: Situation) -> Step:
    """Whether it is day, or dark."""
    known = situation.states[SUN].value
    if known not in ("above_horizon", "below_horizon"):
        return step(replace(intent, response="unknown"))
    return step(intent, state=SUN, yes=(known == "above_horizon") == (intent.slots.get("light") == "day"))


SKILLS = {"RepSun": sun_time, "RepSunUp": is_up}
