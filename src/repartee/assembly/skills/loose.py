"""Skills under the names by which the grammar knows them in sentences that no template foresaw."""

from __future__ import annotations

from .alarms import cancel_alarm, list_alarms, set_alarm
from .sums import sum_up
from .targets import told_as

SKILLS = {
    "AlarmSet": told_as("RepSetAlarm", set_alarm),
    "AlarmStatus": told_as("RepAlarms", list_alarms),
    "AlarmCancel": told_as("RepCancelAlarm", cancel_alarm),
    "Calculate": told_as("RepSum", sum_up),
}
