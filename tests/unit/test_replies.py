"""What is said afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bench import replies as bench
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Choice, Doubt, Intent
from repartee.core.plan import Effect, Outcome, Step
from repartee.languages.phrases import enumerated, phrase
from repartee.stages.reply import Replies, StateView

FILE = home_from(
    {
        "entities": [
            {"name": "Lamp", "domain": "light", "state": "on"},
            {"name": "Blinds", "domain": "cover", "state": "open"},
            {"name": "Robin", "domain": "person", "state": "not_home"},
            {"name": "Power", "domain": "sensor", "state": "430", "attributes": {"unit_of_measurement": "W"}},
        ]
    }
)
REPLIES = Replies()


def say(*outcomes: Outcome, language: str = "en") -> str:
    return REPLIES.render(outcomes, FILE.home, FILE.states, language)


def outcome(
    entity: str,
    service: str = "light.turn_on",
    error: str | None = None,
    response: str = "default",
    name: str = "HassTurnOn",
) -> Outcome:
    effect = Effect(entity, service, {}, confirmed=error is None, error=error)
    return Outcome(Step(Intent(name, response=response)), (effect,))


def ask(response: str, *matched: str, slots: dict[str, Any] | None = None, unmatched: tuple[str, ...] = ()) -> str:
    facts = {"state": (*matched, *unmatched)[0], "matched": matched, "unmatched": unmatched}
    return say(Outcome(Step(Intent("HassGetState", slots or {}, response=response), facts=facts)))


def test_what_was_done_is_said_in_the_words_of_the_data() -> None:
    assert say(outcome("light.lamp")) == "Turned on the light"
    assert say(outcome("light.lamp"), language="fr") == "Allumé"
    assert say(outcome("cover.blinds", response="cover")) == "Opening"


def test_a_language_that_has_no_such_key_says_its_default() -> None:
    assert say(outcome("light.lamp", response="never heard of")) == "Turned on the light"


def test_an_intent_without_template_is_done() -> None:
    assert say(outcome("light.lamp", name="HassSomething")) == "Done"
    assert say(outcome("light.lamp", name="HassSomething"), language="nl") == "Gedaan"


def test_a_skill_brings_its_own_words() -> None:
    own = Replies({"en": {"MySum": {"default": "It is {{ slots.sum }}"}}})
    done = Outcome(Step(Intent("MySum"), facts={"sum": 42}))
    assert own.render((done,), FILE.home, FILE.states, "en") == "It is 42"
    assert own.render((done,), FILE.home, FILE.states, "sw") == "It is 42"


def test_partial_failure_is_told_by_name() -> None:
    both = (outcome("light.lamp"), outcome("cover.blinds", "cover.close_cover", "it did not answer in time"))
    assert say(*both) == "Turned on the light, but Blinds did not answer"
    effects = (*both[0].effects, *both[1].effects)
    assert say(Outcome(Step(Intent("HassTurnOn")), effects)) == "Turned on the light, but Blinds did not answer"


def test_a_failure_alone_says_why() -> None:
    assert say(outcome("cover.blinds", error="Blinds: it is stuck")) == "Sorry, Blinds: it is stuck"
    assert say(outcome("cover.blinds", error="Blinds: it is stuck"), language="de") == "Das ging leider nicht"


def test_a_doubt_among_others_is_told_beside_what_was_done() -> None:
    missing = Outcome(Step(Intent("HassTurnOn"), doubt=Doubt("no_entity", {"entity": "disco ball"})))
    assert say(missing) == "Sorry, I am not aware of any device called disco ball"
    assert say(outcome("light.lamp"), missing).startswith("Turned on the light. Sorry, I am not aware")


def test_the_same_words_are_said_once() -> None:
    assert say(outcome("light.lamp"), outcome("light.lamp"), outcome("cover.blinds", response="cover")) == (
        "Turned on the light. Opening"
    )


def test_never_mind_is_answered_with_silence() -> None:
    assert say(Outcome(Step(Intent("HassNevermind")))) == ""
    assert say() == ""


def test_questions_name_the_choices() -> None:
    doubt = Doubt("which_area", choices=(Choice("Kitchen"), Choice("Hall"), Choice("Office")))
    waiting = Outcome(Step(Intent("HassTurnOn"), doubt=doubt))
    assert say(outcome("light.lamp"), waiting) == "In which room: Kitchen, Hall or Office?"
    assert REPLIES.ask(doubt, "de") == "In welchem Raum: Kitchen, Hall oder Office?"
    assert REPLIES.ask(doubt, "sw") == "In which room: Kitchen, Hall or Office?"


def test_states_are_told_as_they_are_asked_for() -> None:
    assert ask("one", "sensor.power", slots={"name": "power"}) == "Power is 430 W"
    assert ask("where", "person.robin", slots={"name": "robin"}) == "Robin is away"
    assert ask("any", "light.lamp") == "Yes, Lamp"
    assert ask("all", unmatched=("light.lamp", "cover.blinds"), slots={"state": "off"}) == (
        "No, Blinds and Lamp are not off"
    )
    assert ask("which", unmatched=("light.lamp",)) == "Not any"
    assert ask("how_many", "light.lamp", "cover.blinds") == "2"


def test_a_state_equals_its_value_for_templates_that_compare() -> None:
    view = StateView("person.robin", "Robin", State("not_home"))
    assert view == "not_home"
    assert view != "home"
    assert (str(view), view.domain, StateView("a.b", "B", State()).state) == ("not_home", "person", "unknown")


def test_a_template_can_not_reach_out() -> None:
    evil = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    replies = Replies({"en": {"Evil": {"default": evil}}})
    assert replies.render((Outcome(Step(Intent("Evil"))),), FILE.home, FILE.states, "en") == "Done"


@pytest.mark.parametrize("source", ["{{ 1 / 0 }}", "{{ slots.x.y.z }}", "{% if %}", "{{ 'a' + 1 }}"])
def test_a_template_that_trips_does_not_hide_that_it_is_done(source: str) -> None:
    replies = Replies({"en": {"Trips": {"default": source}}})
    assert replies.render((Outcome(Step(Intent("Trips"))),), FILE.home, FILE.states, "en") == "Done"


def test_a_phrase_falls_back() -> None:
    assert phrase("sw", "done") == "Done"
    assert phrase("fr-CA", "done") == "C'est fait"
    assert phrase("en", "no such key") is None


def test_a_region_says_what_its_language_says() -> None:
    undone = Outcome(Step(Intent("RepUndo")))
    assert say(undone, language="fr-CA") == say(undone, language="fr") == "C'est annulé"
    assert say(outcome("light.lamp"), language="fr-CA") == "Allumé"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_an_enumeration_has_every_name(names: list[str]) -> None:
    text = enumerated("en", names)
    assert all(name in text for name in names)


@pytest.mark.parametrize(("language", "share"), [("en", 0.95), ("fr", 0.94), ("nl", 0.95)])
def test_replies_are_as_the_data_accepts_them(shared: Path, language: str, share: float) -> None:
    """Some rows here; `python -m bench.replies` measures them all."""
    rows = bench.rows(shared / "nlu", language)[::6]
    assert rows
    result = asyncio.run(bench.measure(rows, language, furnish=True))
    assert result.share >= share, result.misses
