"""What people report in public of voice assistants: how many of these sentences are right, and that none does harm."""

from __future__ import annotations

import asyncio

import pytest
from bench import reports

from repartee.core.plan import Effect
from repartee.core.turn import Decision, TurnRecord

RIGHT = 97
"""Per cent that must be right; raised with the figure."""
WRONG = 0
"""Per cent on which something wrong may be done."""


@pytest.mark.usefixtures("shared")
def test_reports() -> None:
    found = reports.figures(asyncio.run(reports.play(reports.rows())))
    assert found["right_percent"] >= RIGHT
    assert found["wrong_percent"] <= WRONG


def test_a_row_is_judged_by_what_was_done() -> None:
    done = Effect("light.bed", "light.turn_on", {"brightness_pct": 20.0}, confirmed=True)
    record = TurnRecord("0", 0.0, "dim it by 20", Decision.ACTED, effects=(done,), reply="Done")
    expect = {
        "entities": ["light.bed"], "calls": [["light.turn_on", {"brightness_pct": 20}]], "reply": "^done$",
        "no_device_calls": True, "not_entities": ["light.bed"], "intent": "HassLightSet",
    }  # fmt: skip
    assert set(reports.missed(expect, record)) == {"no_device_calls", "not_entities", "intent"}
    assert reports.Played({}, record, ("intent",)).outcome == "wrong"
    assert reports.Played({}, record, ()).outcome == "right"
