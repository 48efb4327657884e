"""Of a PIN nothing is shown or kept; wrong ones lock it, on virtual time."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.turn import Decision, Finished, Heard, TurnRecord
from repartee.engines.audio.fake import Source
from repartee.session import Session
from repartee.stages.understand.confirmation import ConfirmationPolicy
from repartee.stages.understand.pin import FIRST_LOCK, FORGOTTEN, LONGEST_LOCK, MASK, PinLock, PinTries, mask_pin
from repartee.turn import TurnServices
from tests.house import House

CODE = "4711"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4711", MASK),
        ("four seven one one", MASK),
        ("forty seven eleven", MASK),
        ("for seven won won", MASK),
        ("it is 4 7 1 1", MASK),
        ("no", "no"),
        ("never mind", "never mind"),
        ("yes please", "yes please"),
        ("", ""),
    ],
)
def test_the_answer_is_masked_whole(text: str, shown: str) -> None:
    assert mask_pin(text, "pin") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("turn on the lamp", "turn on the lamp"),
        ("set the lamp to 50 percent", "set the lamp to 50 percent"),
        ("unlock the door four seven one one", f"unlock the door {MASK}"),
        ("4711 unlock the door", f"{MASK} unlock the door"),
        ("unlock it with x4711x", f"unlock it with {MASK}"),
    ],
)
def test_another_sentence_keeps_its_words_but_no_run_of_digits(text: str, shown: str) -> None:
    assert mask_pin(text, "pin", command=True) == shown


@given(st.text(max_size=40), st.sampled_from([None, "confirm", "which_one"]))
def test_answers_to_other_questions_are_as_they_are(text: str, key: str | None) -> None:
    assert mask_pin(text, key) == text


@pytest.mark.parametrize(
    ("language", "text"), [("de", "vier sieben eins eins"), ("nl", "vier zeven een een"), ("fr", "4711")]
)
def test_in_every_language(language: str, text: str) -> None:
    assert mask_pin(text, "pin", language) == MASK
    assert mask_pin(f"x {text}", "pin", language, command=True) == f"x {MASK}"


def test_five_wrong_ones_lock_for_a_minute_and_then_ever_longer() -> None:
    tries, now = PinTries(), 0.0
    for _ in range(4):
        tries = tries.after(right=False, now=now)
        assert not tries.locked(now)
    locks = []
    for _ in range(10):
        tries = tries.after(right=False, now=now)
        assert tries.locked(now)
        assert tries.after(right=True, now=now + 1) == tries  # not even the right one is looked at
        locks.append(tries.until - now)
        now = tries.until
        assert not tries.locked(now)
    assert locks[:4] == [FIRST_LOCK, 2 * FIRST_LOCK, 4 * FIRST_LOCK, 8 * FIRST_LOCK]
    assert max(locks) == LONGEST_LOCK
    assert tries.after(right=True, now=now) == PinTries()
    assert tries.after(right=False, now=now + FORGOTTEN + 1).wrong == 1


class Guarded(House):
    """A house whose lamp wants a PIN."""

    def __init__(self, *heard: str) -> None:
        super().__init__(*heard)
        self.pins = PinLock(asyncio.get_running_loop().time)

    def services(self) -> TurnServices:
        made = super().services()
        policy = ConfirmationPolicy(ask=("light.turn_on",), pin=CODE)
        return replace(made, interpreter=replace(made.interpreter, policy=policy, pins=self.pins))


async def tried(session: Session, said: str) -> TurnRecord:
    asked = await session.ask("turn on the lamp")
    assert asked.decision is Decision.ASKED
    return await session.ask(said)


async def test_a_pin_stands_nowhere_but_in_the_home(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    house = Guarded()
    session = house.session()
    events = session.events()
    record = await tried(session, "four seven one one")
    assert record.effects[0].confirmed
    told = [await anext(events) for _ in range(len(events))]
    kept = json.dumps([asdict(each) for each in house.records], default=str) + repr(session.conversation) + caplog.text
    shown = repr([event for event in told if isinstance(event, Heard | Finished)])
    for trace in ("four seven", CODE):
        assert trace not in kept
        assert trace not in shown
    assert record.transcript == MASK


async def test_what_was_misheard_of_a_pin_is_not_kept_either() -> None:
    house = Guarded()
    record = await tried(house.session(), "for seven won won")
    assert (record.transcript, record.effects) == (MASK, ())


async def test_wrong_pins_of_all_sessions_add_up() -> None:
    house = Guarded()
    for number in range(5):
        record = await tried(house.session(), f"{number} 0 0 0")
        assert record.reply == "Sorry, that is not the PIN"
        assert record.transcript == MASK
    record = await tried(house.session(), CODE)
    assert record.reply == "Too many wrong PINs. Try again later"
    assert house.state("light.lamp") == "off"
    await asyncio.sleep(FIRST_LOCK)
    record = await tried(house.session(), CODE)
    assert record.effects[0].confirmed


async def test_another_command_is_no_wrong_pin() -> None:
    house = Guarded()
    session = house.session()
    for _ in range(8):
        record = await tried(session, "turn on the fan")
        assert record.transcript == "turn on the fan"
        assert house.state("fan.fan") == "on"
    assert house.pins.tries == PinTries()


async def test_guesses_while_somebody_speaks_are_no_tries() -> None:
    house = Guarded("four seven one two")
    session = house.session()
    await session.ask("turn on the lamp")
    events = session.events()
    records = [record async for record in session.listen(Source((0.3, False), (2.0, True), (3.0, False)))]
    assert [record.transcript for record in records] == [MASK]
    told = [await anext(events) for _ in range(len(events))]
    partial = [event.text for event in told if isinstance(event, Heard) and not event.final]
    assert len(partial) > 2
    assert set(partial) <= {"", MASK}
    assert house.pins.tries.wrong == 1
