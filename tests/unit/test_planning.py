"""From readings to one decision, from a reading to a plan."""

from __future__ import annotations

from dataclasses import replace

from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Step
from repartee.core.skill import Doubtful, Situation
from repartee.engines.home.demo import demo_home
from repartee.stages.understand.planning import decide, plan

LAMP = Reading((Part(Intent("HassTurnOn", {"name": "Lamp"})),), 0.95)
LAMB = Reading((Part(Intent("HassTurnOn", {"name": "Lamb"})),), 0.9)
FILE = demo_home()
HERE = Situation(FILE.home, FILE.states)


def test_a_sure_reading_is_acted_on() -> None:
    assert decide([LAMP]) is LAMP
    assert decide([LAMP, replace(LAMB, score=0.5)]) is LAMP
    assert decide([LAMP, replace(LAMP, score=0.94)]) is LAMP  # the same thing twice is no rival


def test_two_that_are_close_are_asked_about() -> None:
    asked = decide([LAMP, LAMB])
    assert asked is not None
    assert not asked.acts
    assert asked.doubt is not None
    assert asked.doubt.labels == ("turn on Lamp", "turn on Lamb")
    assert [choice.parts for choice in asked.doubt.choices] == [LAMP.parts, LAMB.parts]


def test_an_unsure_reading_asks_and_a_poor_one_is_no_command() -> None:
    asked = decide([replace(LAMP, score=0.6)])
    assert asked is not None
    assert asked.doubt is not None
    assert asked.doubt.key == "did_you_mean"
    assert decide([replace(LAMP, score=0.3)]) is None
    assert decide([]) is None


def test_thresholds_are_whatever_the_settings_say() -> None:
    unsure = replace(LAMP, score=0.6)
    assert decide([unsure], act=0.55) is unsure
    assert decide([unsure], ask=0.7) is None
    assert decide([LAMP, LAMB], margin=0.01) is LAMP


def test_a_reading_that_asks_keeps_its_question() -> None:
    asks = replace(LAMP, doubt=Doubt("which_one", {}, (Choice("a"), Choice("b"))))
    assert decide([asks]) is asks


def on(intent: Intent, _situation: Situation) -> Step:
    if intent.slots["name"] == "Ghost":
        raise Doubtful(Doubt("no_entity", {"entity": "Ghost"}))
    return Step(intent, (Action("light.turn_on", ("light.lamp",)),))


def test_parts_become_steps_in_their_groups() -> None:
    ghost = Part(Intent("HassTurnOn", {"name": "Ghost"}), group=1, after=(0,))
    unknown = Part(Intent("HassLevitate"), group=2)
    steps = plan(Reading((*LAMP.parts, ghost, unknown)), {"HassTurnOn": on}, HERE).steps
    assert [(step.group, step.after) for step in steps] == [(0, ()), (1, (0,)), (2, ())]
    assert [step.doubt and step.doubt.key for step in steps] == [None, "no_entity", "no_intent"]
    assert [len(step.actions) for step in steps] == [1, 0, 0]
