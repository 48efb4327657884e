"""Time and date, as they are where the home is."""

from __future__ import annotations

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation

from .cities import day_of, time_in, until
from .targets import by_response, step


def get_time(intent: Intent, situation: Situation) -> Step:
    return step(intent, time=situation.now.time())


def get_date(intent: Intent, situation: Situation) -> Step:
    return step(intent, date=situation.now.date())


SKILLS = {
    "HassGetCurrentTime": by_response(get_time, elsewhere=("RepTimeIn", time_in)),
    "HassGetCurrentDate": get_date,
    "RepDay": day_of,
    "RepDaysUntil": until,
}
