"""Ranked readings to one reading, and a reading to a plan. Pure: it also runs on guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from repartee.core.intent import Choice, Doubt, Part, Reading
from repartee.core.plan import Plan, Step
from repartee.core.skill import Doubtful, Situation, Skills
from repartee.languages.deeds import describe
from repartee.languages.phrases import enumerated
from repartee.languages.when_text import told_when

from .scheduling import scheduled


def decide(
    readings: Sequence[Reading], act: float = 0.8, ask: float = 0.5, margin: float = 0.1, language: str = "en"
) -> Reading | None:
    """The reading to act on, one that asks instead, or None: no command.

    It acts on the best from a score of `act` on, when no other that would do something else comes within `margin`; from
    `ask` on it asks. Scores are calibrated, 0 to 1.
    """
    if not readings or readings[0].score < ask:
        return None
    best = readings[0]
    rivals = [other for other in readings[1:] if other.score > best.score - margin and other.parts != best.parts]
    if best.doubt or (best.score >= act and not rivals):
        return best
    choices = {deeds(r.parts, language): Choice(deeds(r.parts, language), r.parts) for r in (best, *rivals[:2])}
    return replace(best, doubt=Doubt("did_you_mean", {}, tuple(choices.values())))


def plan(reading: Reading, skills: Skills, situation: Situation) -> Plan:
    """What is going to be done, a step a part. A part that can't be done is a step with a doubt, the others stay."""
    return Plan(tuple(_step(part, skills, situation) for part in reading.parts))


def _step(part: Part, skills: Skills, situation: Situation) -> Step:
    skill = skills.get(part.intent.name)
    try:
        step = skill(part.intent, situation) if skill else Step(part.intent, doubt=Doubt("no_intent"))
        step = scheduled(step, part, situation)
    except Doubtful as error:
        step = Step(part.intent, doubt=error.doubt)
    return replace(step, group=part.group, after=part.after)


def deeds(parts: Sequence[Part], language: str) -> str:
    """What these come to, in words: "turn on the fan and set the lamp to 20 percent in ten minutes"."""
    return enumerated(language, list(dict.fromkeys(_deed(part, language) for part in parts)))


def _deed(part: Part, language: str) -> str:
    deed = describe(part.intent, language)
    return f"{deed} {told_when(language, part.when)}" if part.when else deed
