"""A conversation as a value: each turn gives the next one, bounded, and nothing of the one before changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repartee.core.conversation import DEEDS, EXCHANGES, NEW, TAKES_BACK, Conversation
from repartee.core.intent import Intent
from repartee.core.plan import Effect, Outcome, Step

ON = Intent("HassTurnOn", {"name": "Lamp"})


def outcome(confirmed: bool = True, takes_back: bool = False, name: str = "lamp") -> Outcome:
    step = Step(ON, facts={TAKES_BACK: True} if takes_back else {})
    return Outcome(step, (Effect(f"light.{name}", "light.turn_on", {}, confirmed=confirmed),))


def test_what_was_confirmed_can_be_taken_back_once() -> None:
    done = NEW.did((outcome(),))
    assert len(done.deeds) == 1
    assert done.did((outcome(takes_back=True),)).deeds == ()


def test_what_did_not_happen_can_not_be_taken_back() -> None:
    assert NEW.did((outcome(confirmed=False),)) is NEW


def test_an_empty_sentence_or_reply_changes_nothing() -> None:
    talk = NEW.said("what time is it", "noon")
    silent = talk.said("", "")
    assert (silent.text, silent.reply, silent.exchanges) == ("what time is it", "noon", talk.exchanges)


def test_a_reply_that_was_spoken_over_is_marked() -> None:
    assert NEW.said("tell me a story", "Once", cut_off=True).exchanges[-1].cut_off


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.booleans()), max_size=30), st.integers(1, 10))
def test_it_is_bounded_whatever_is_said_and_done(turns: list[tuple[str, str, bool]], most: int) -> None:
    talk, before = NEW, NEW
    for text, reply, confirmed in turns:
        before = talk
        kept = (before.deeds, before.exchanges, before.context.history)
        talk = talk.did((outcome(confirmed),)).said(text, reply).meant([ON], most)
        assert (before.deeds, before.exchanges, before.context.history) == kept, "a value never changes"
    assert isinstance(talk, Conversation)
    assert len(talk.deeds) <= DEEDS
    assert len(talk.exchanges) <= EXCHANGES
    assert len(talk.context.history) <= most
