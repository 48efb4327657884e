"""Time and date, as they are where the home is."""

from __future__ import annotations

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .targets import step


def get_time(intent: Intent, situation: Situation) -> Step:
    return step(intent, time=situation.now.time())


def get_date(intent: Intent, situation: Situation) -> Step:
    return step(intent, date=situation.now.date())


SKILLS = {"HassGetCurrentTime": get_time, "HassGetCurrentDate": get_date}
