"""Skills under the names by which the grammar knows them in sentences that no template foresaw."""

from __future__ import annotations

from dataclasses import replace

from repartee.core.intent import Intent
from repartee.core.plan import Step
from repartee.core.skill import Situation, Skill

from .alarms import cancel_alarm, list_alarms, set_alarm
from .lists import read
from .sums import sum_up


def _as(name: str, skill: Skill) -> Skill:
    """The skill, told of as `name`."""

    def named(intent: Intent, situation: Situation) -> Step:
        return skill(replace(intent, name=name), situation)

    return named


SKILLS = {
    "AlarmSet": _as("RepSetAlarm", set_alarm),
    "AlarmStatus": _as("RepAlarms", list_alarms),
    "AlarmCancel": _as("RepCancelAlarm", cancel_alarm),
    "ListStatus": _as("RepListItems", read),
    "Calculate": _as("RepSum", sum_up),
}
