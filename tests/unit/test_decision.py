"""Act, ask or reject: the pieces of evidence, one at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.hearing import Clarity, Hearing, Hypothesis
from repartee.core.home import State
from repartee.core.intent import Choice, Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Plan, Step
from repartee.core.when import Moment, When
from repartee.stages.understand.decision import (
    Chosen,
    DecisionThresholds,
    Prior,
    choose,
    options,
    prior,
    under_way,
    weighed,
)
from repartee.stages.understand.evidence import MOST, Evidence, Weights, unexplained

ON = "turn on the lamp"
OFF = "turn off the lamp"
READINGS = {
    ON: Reading((Part(Intent("HassTurnOn", {"name": "Lamp"})),)),
    "turn the lamp on": Reading((Part(Intent("HassTurnOn", {"name": "Lamp"})),)),
    OFF: Reading((Part(Intent("HassTurnOff", {"name": "Lamp"})),)),
    "next": Reading((Part(Intent("HassMediaNext")),)),
}
WEIGHTS = {
    "gap": -0.46, "unlikely": -0.03, "broken_off": -0.15, "left_over": -1.9, "unlike": -3.5, "slow": -1.7, "rival": 0.4,
    "unsteered": -1.0, "unread": -1.4, "attractor": -0.9,
}  # fmt: skip
THRESHOLDS = DecisionThresholds(weights=Weights(4.2, WEIGHTS, {}))
"""Those that ship are fitted anew now and then; what follows holds for any like them."""


def heard(
    free: tuple[str, float],
    *home: tuple[str, float],
    begun: tuple[str, float] | None = None,
    ending: float = -0.01,
    voiced: float = 0.0,
) -> Hearing:
    rows = [Hypothesis(text, likelihood, ending=ending) for text, likelihood in home]
    if begun:
        rows.append(Hypothesis(*begun, finished=False))
    return Hearing(Hypothesis(*free), tuple(rows), voiced=voiced)


def chosen(hearing: Hearing, usual: dict[str, float] | None = None) -> Chosen:
    def weigh(reading: Reading) -> Prior:
        nats = (usual or {}).get(reading.parts[0].intent.name, 0.0)
        return Prior(nats, nats >= 0)

    return choose(hearing, READINGS.get, weigh, THRESHOLDS)


def test_what_is_clear_is_done() -> None:
    choice = chosen(heard((ON, -1), (ON, -1.1), (OFF, -8)))
    assert choice == Chosen(ON, READINGS[ON])
    assert choice.reading is not None
    assert choice.reading.acts


def test_what_is_done_may_still_be_worth_another_look() -> None:
    assert chosen(heard((ON, -1), (ON, -1.1))).clarity is Clarity.CLEAR
    faint = chosen(heard(("turnip the lump", -1), (ON, -8.4)))
    assert faint.reading is not None
    assert (faint.reading.acts, faint.clarity) == (True, Clarity.FAINT)
    assert chosen(heard((ON, -3), (ON, -3), (OFF, -3.4))).clarity is Clarity.DOUBTFUL
    assert chosen(heard(("it was the best of times", -1), (ON, -40))).clarity is Clarity.DOUBTFUL


def test_what_makes_no_sense_here_is_said_to_make_none() -> None:
    assert chosen(heard((ON, -1), (ON, -1.1))).sensible
    assert not chosen(heard((ON, -1), (ON, -1.1)), {"HassTurnOn": -3.0}).sensible


def test_a_misheard_command_is_what_the_home_knows() -> None:
    assert chosen(heard(("turnip the lamp", -6), (ON, -8))).text == ON


def test_two_plans_that_are_alike_are_asked_about() -> None:
    choice = chosen(heard((ON, -3), (ON, -3), (OFF, -3.4)))
    assert choice.reading is not None
    assert choice.reading.doubt is not None
    assert choice.reading.doubt.key == "did_you_mean"
    assert choice.reading.doubt.labels == (ON, OFF)


def test_two_wordings_of_one_plan_are_no_doubt() -> None:
    choice = chosen(heard((ON, -3), (ON, -3), ("turn the lamp on", -3.1)))
    assert choice.reading is not None
    assert choice.reading.acts


def test_what_is_so_already_is_not_what_was_meant() -> None:
    choice = chosen(heard((ON, -3), (ON, -3), (OFF, -3.4)), {"HassTurnOn": -THRESHOLDS.redundant})
    assert choice == Chosen(OFF, READINGS[OFF])


def test_an_unlikely_plan_must_be_heard_more_clearly() -> None:
    hearing = heard(("turnip the lump", -1), (ON, -7.5))
    assert chosen(hearing).reading == READINGS[ON]
    doubtful = chosen(hearing, {"HassTurnOn": -3.0}).reading
    assert doubtful is not None
    assert doubtful.doubt is not None
    assert doubtful.doubt.key == "did_you_mean"


def test_speech_that_is_left_over_is_not_acted_on() -> None:
    """Spoken "turn on the lamp except in the kitchen", the likeliest thing sayable is "turn on the lamp"."""
    longer = "turn on the lamp except in the kitchen"
    assert chosen(heard((ON, -1), (ON, -1.5))).reading == READINGS[ON]
    left_over = chosen(heard((longer, -1), (ON, -8), ending=-5)).reading
    assert left_over is None or not left_over.acts


def test_a_sentence_that_was_broken_off_is_less_likely() -> None:
    def at(ending: float) -> float:
        hearing = heard((ON, -1), (ON, -3), ending=ending)
        ranked = options(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS)
        return THRESHOLDS.weights.probability(weighed(hearing, ranked, {})[0][1])

    assert at(-5) < at(-0.01)


def test_one_word_in_seconds_of_speech_is_not_acted_on() -> None:
    """Where nothing was understood, short texts win."""
    muttered = heard(("necks of", -6), ("next", -7.5), voiced=2.5)
    reading = chosen(muttered).reading
    assert reading is None or not reading.acts


def test_the_free_words_are_an_option_too() -> None:
    """What the grammar does not write itself, and yet reads, was heard: it needs no likely neighbour."""
    assert chosen(heard(("turn the lamp on", -0.5), (OFF, -14))).reading == READINGS["turn the lamp on"]


def test_what_would_change_nothing_does_not_win_by_a_little() -> None:
    """A lamp that is off, and "off" heard a little better than "on"."""
    hearing = heard((OFF, -3), (OFF, -3), (ON, -7.5))
    assert chosen(hearing).reading == READINGS[OFF]
    nothing = chosen(hearing, {"HassTurnOff": -THRESHOLDS.redundant}).reading
    assert nothing is not None
    assert nothing.doubt is not None
    assert [choice.label for choice in nothing.doubt.choices] == [OFF, ON]


@pytest.mark.parametrize(("likelihood", "acts"), [(-2.0, True), (-7.0, False)])
def test_free_text_must_have_been_heard_clearly(likelihood: float, acts: bool) -> None:
    text = "add out those to my list"
    reading = Reading((Part(Intent("HassListAddItem", {"item": "out those"})),))
    hearing = heard((text, likelihood), (text, likelihood))
    choice = choose(hearing, {text: reading}.get, lambda _: Prior(), THRESHOLDS)
    assert choice.reading is not None
    assert choice.reading.acts is acts


def test_talk_is_rejected_and_kept_as_it_was_heard() -> None:
    assert chosen(heard(("what a lovely day it is", -2), (ON, -16))) == Chosen(
        "what a lovely day it is", None, Clarity.DOUBTFUL
    )


def test_however_probable_it_is_a_wide_gap_asks() -> None:
    beyond = heard(("turn on the lump", -1), (ON, -1.1 - THRESHOLDS.gap))
    reading = chosen(beyond).reading
    assert reading is not None
    assert not reading.acts


def test_words_that_change_the_deed_are_not_dropped() -> None:
    """The free hypothesis ends with a condition; the likeliest thing sayable has nothing in its place."""

    def condition(text: str) -> frozenset[str]:
        return frozenset({"condition"} & {"condition" for word in text.split() if word == "if"})

    hearing = heard((f"{ON} if it is", -1), (ON, -2))
    assert choose(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS).reading == READINGS[ON]
    doubtful = choose(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS, condition).reading
    assert doubtful is not None
    assert not doubtful.acts
    misheard = heard(("if on the lamp", -1), (ON, -2))
    assert choose(misheard, READINGS.get, lambda _: Prior(), THRESHOLDS, condition).reading == READINGS[ON]


@pytest.mark.parametrize(
    ("free", "said", "left"),
    [
        ("Turn off the lights, except the kitchen.", "turn off the lights", "except the kitchen"),
        ("And that was my shopping list.", "add apples to my shopping list", ""),
        ("turn off the lights", "turn off all the lights", ""),
        ("", "next", ""),
    ],
)
def test_the_words_that_are_not_explained(free: str, said: str, left: str) -> None:
    assert unexplained(free, said) == left


def test_what_is_short_must_be_near() -> None:
    assert chosen(heard(("next", -0.3), ("next", -0.4))).reading == READINGS["next"]
    assert chosen(heard(("he sat there", -1), ("next", -8.5))).reading is None


def test_an_attractor_needs_more() -> None:
    """A text that has won where nobody said it."""
    hearing = heard(("necks", -1), ("next", -2))
    ranked = options(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS)
    plainly, attracted = (weighed(hearing, ranked, known)[0][1] for known in ({}, {"next": 20}))
    assert attracted.attractor > plainly.attractor == 0
    assert THRESHOLDS.weights.probability(attracted) <= THRESHOLDS.weights.probability(plainly)


def test_what_nobody_could_hear_clearly_is_asked_about() -> None:
    reading = chosen(heard(("first i will", -18), ("next", -9))).reading
    assert reading is not None
    assert not reading.acts


def test_nothing_sayable_is_no_command_where_the_free_words_say_nothing() -> None:
    assert chosen(heard(("what a lovely day", -1), ("", -math.inf))).reading is None


def test_an_engine_that_was_not_steered_is_read_as_it_is() -> None:
    assert chosen(heard((ON, 0))) == Chosen(ON, READINGS[ON])


def test_a_sentence_that_was_only_begun_is_waited_for_and_not_acted_on() -> None:
    hearing = heard(("turn on the lamp in the", -1), (ON, -9), begun=("turn on the lamp in the", -1.2))
    assert under_way(hearing, THRESHOLDS) == "turn on the lamp in the"
    reading = chosen(hearing).reading
    assert reading is not None
    assert not reading.acts


def test_a_beginning_that_is_not_what_was_heard_does_not_count() -> None:
    hearing = heard(("turn on the lamp", -1), (ON, -1), begun=("turn", -0.5))
    assert under_way(hearing, THRESHOLDS) == ON
    assert chosen(hearing).reading == READINGS[ON]


def test_talk_is_judged_by_its_own_words() -> None:
    assert under_way(heard(("what a lovely day", -2), (ON, -20)), THRESHOLDS) == "what a lovely day"
    assert under_way(heard(("what a lovely", -2)), THRESHOLDS) == "what a lovely"


@given(st.lists(st.tuples(st.sampled_from(list(READINGS)), st.floats(-60, 0)), max_size=8), st.floats(-60, 0))
def test_it_acts_only_on_what_is_near(home: list[tuple[str, float]], free: float) -> None:
    reading = chosen(heard(("anything", free), *home)).reading
    if home and reading is not None and reading.acts:
        assert free - max(likelihood for _, likelihood in home) < MOST


@given(*[st.floats(0, 12) for _ in range(4)], st.floats(0, 1))
def test_more_evidence_against_it_never_makes_it_likelier(
    gap: float, unlikely: float, left_over: float, slow: float, unlike: float
) -> None:
    none = Evidence(0, 0, 0, 0, 0, 0, 6, 0, 0, 0)
    some = replace(none, gap=gap, unlikely=unlikely, left_over=left_over, slow=slow, unlike=unlike)
    assert 0 <= THRESHOLDS.weights.probability(some) <= THRESHOLDS.weights.probability(none) <= 1


def step(service: str, *entities: str, **data: object) -> Step:
    return Step(Intent("X"), (Action(service, entities, data),))


STATES = {"light.a": State("on"), "light.b": State("off"), "lock.d": State("locked"), "light.c": State()}
STATES |= {"media_player.off": State("off"), "media_player.on": State("playing"), "media_player.unknown": State()}


@pytest.mark.parametrize(
    ("planned", "nats"),
    [
        (step("light.turn_on", "light.b"), 0),
        (step("light.turn_on", "light.a"), -THRESHOLDS.redundant),
        (step("light.turn_on", "light.a", "light.b"), 0),
        (step("light.turn_on", "light.a", brightness=10), 0),
        (step("light.turn_off", "light.b"), -THRESHOLDS.redundant),
        (step("light.turn_on", "light.c"), 0),
        (step("lock.lock", "lock.d"), -THRESHOLDS.redundant),
        (Step(Intent("X"), doubt=Doubt("no_timer")), -THRESHOLDS.impossible),
        (step("media_player.media_pause", "media_player.off"), -THRESHOLDS.impossible),
        (step("media_player.media_pause", "media_player.on"), 0),
        (step("media_player.media_pause", "media_player.unknown"), 0),
        (Step(Intent("X"), doubt=Doubt("which", choices=(Choice("a"), Choice("b")))), 0),
        (Step(Intent("X", {"conversation_command": "next"})), -THRESHOLDS.clause),
    ],
)
def test_the_home_as_it_is_says_what_is_usual(planned: Step, nats: float) -> None:
    assert prior(Plan((planned,)), STATES, (), THRESHOLDS).nats == nats


def test_habit_and_further_clauses() -> None:
    wanted = step("light.turn_on", "light.b")
    assert prior(Plan((wanted,)), STATES, (Intent("X"),), THRESHOLDS).nats == THRESHOLDS.habit
    assert prior(Plan((wanted, wanted)), STATES, (), THRESHOLDS).nats == -THRESHOLDS.clause
    assert prior(Plan(), {}, (), THRESHOLDS).nats == 0


def WEIGHTY(text: str) -> frozenset[str]:  # noqa: N802  # a constant
    return frozenset({"time"} if " at " in text else ())


LATER = Reading((Part(Intent("HassTurnOn", {"name": "Lamp"}), when=When(at=Moment(10))),))
READINGS["turn on the lamp at ten"] = LATER


def test_a_time_beyond_the_steered_is_heard() -> None:
    """It is not said of the whole deed now, however near that is."""
    hearing = heard(("turn on the lamp at ten", -4), (ON, -9))
    choice = choose(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS, WEIGHTY)
    assert choice.reading is LATER
    hearing = heard(("turnip the lamp at ten", -4), (ON, -9), begun=("turn on the lamp at ten", -5))
    choice = choose(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS, WEIGHTY)
    assert choice.reading is LATER


def test_a_time_that_can_not_be_read_is_not_dropped() -> None:
    hearing = heard(("turn on the lamp at teng", -4), (ON, -9))
    choice = choose(hearing, READINGS.get, lambda _: Prior(), THRESHOLDS, WEIGHTY)
    assert choice.reading is None or not choice.reading.acts
    choice = choose(heard((ON, -4), (ON, -4)), READINGS.get, lambda _: Prior(), THRESHOLDS, WEIGHTY)
    assert choice.reading is not None
    assert choice.reading.acts
