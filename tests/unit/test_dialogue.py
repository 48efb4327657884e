"""What used to get lost between a sentence, our question and its answer, or under speech: on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from repartee.core.audio import AudioChunk
from repartee.core.conversation import Conversation, Question
from repartee.core.errors import NothingWorks
from repartee.core.home import Home
from repartee.core.home_file import home_from
from repartee.core.intent import Choice, Context, Doubt, Intent, Part, Reading
from repartee.core.plan import Action, Effect
from repartee.core.turn import INTERRUPTED, Acted, Asking, Decision, Picked
from repartee.core.when import When
from repartee.engines.audio.fake import Source
from repartee.engines.home.demo import DemoHome
from repartee.grammar import compile_home
from repartee.languages.data import sentences
from repartee.session import Session
from repartee.stages.understand.clarification import DROPPED, Listener, answered, ask, continued
from tests.house import House

ROWS: Mapping[str, Any] = {
    "areas": [{"name": "Kitchen"}, {"name": "Bedroom"}, {"name": "Hall"}],
    "entities": [
        {"name": "Lamp", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Lamp", "domain": "light", "area": "Bedroom", "state": "off"},
        {"name": "Fan", "domain": "fan", "area": "Hall", "state": "off"},
        {"name": "Front Door", "domain": "lock", "area": "Hall", "state": "locked"},
        {"name": "Back Door", "domain": "lock", "area": "Kitchen", "state": "locked"},
    ],
}


def house(*heard: str, language: str = "en", delay: float = 0.0) -> House:
    made = House(*heard, delay=delay)
    made.home = DemoHome(home_from(ROWS), delay=delay)
    made.understanding = compile_home(made.home.home, language, sentences(language))
    return made


def session(made: House, language: str = "en", area: str | None = None) -> Session:
    made_session = made.session()
    made_session.conversation = Conversation(Context(area, language=language))
    return made_session


async def test_an_answer_changes_the_part_in_doubt_and_no_other() -> None:
    made = house()
    talk = session(made)
    asked = await talk.ask("turn on the fan and turn on the lamp")
    assert asked.decision is Decision.ASKED
    assert asked.alternatives == ("Kitchen Lamp", "Bedroom Lamp")
    done = await talk.ask("the bedroom one")
    assert {e.entity for e in done.effects if e.confirmed} == {"fan.fan", "light.lamp_2"}
    assert (made.state("fan.fan"), made.state("light.lamp"), made.state("light.lamp_2")) == ("on", "off", "on")


async def test_an_answer_by_button_is_the_same_answer() -> None:
    made = house()
    talk = session(made)
    asked = await talk.ask("turn on the fan and turn on the lamp")
    assert asked.question_id is not None
    done = await talk.ask(Picked(asked.question_id, 1))
    assert {e.entity for e in done.effects} == {"fan.fan", "light.lamp_2"}
    late = await talk.ask(Picked(asked.question_id, 0))
    assert (late.decision, late.effects) == (Decision.REJECTED, ())
    assert late.reply


async def test_a_button_is_no_pin() -> None:
    made = house()
    services = made.services
    interpreter = replace(services().interpreter, policy=replace(services().interpreter.policy, pin="4711"))
    made.services = lambda: replace(services(), interpreter=interpreter)  # type: ignore[method-assign]
    talk = session(made)
    asked = await talk.ask("unlock the front door")
    assert asked.question_id is not None
    again = await talk.ask(Picked(asked.question_id, 0))
    assert again.decision is Decision.ASKED
    assert made.state("lock.front_door") == "locked"
    assert (await talk.ask("four seven one one")).effects[0].confirmed


async def test_each_permission_is_asked_for() -> None:
    made = house()
    talk = session(made)
    first = await talk.ask("unlock the front door and unlock the back door")
    assert first.question == "Really unlock Front Door?"
    second = await talk.ask("yes")
    assert (second.decision, second.question) == (Decision.ASKED, "Really unlock Back Door?")
    assert (made.state("lock.front_door"), made.state("lock.back_door")) == ("locked", "locked")
    done = await talk.ask("no")
    assert [e.entity for e in done.effects] == ["lock.front_door"], "a no is about what was asked"
    assert made.state("lock.back_door") == "locked"


async def test_who_cancels_means_all_of_it() -> None:
    made = house()
    talk = session(made)
    await talk.ask("turn on the fan and unlock the front door")
    assert (await talk.ask("never mind")).effects == ()
    assert (made.state("fan.fan"), made.state("lock.front_door")) == ("off", "locked")


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        ("en", "unlock the front door", "yes please"),
        ("de", "entriegle Front Door", "ja bitte"),
        ("fr", "déverrouille Front Door", "oui, s'il te plaît"),
        ("nl", "ontgrendel Front Door", "ja graag"),
        ("es", "abre la cerradura Front Door", "sí, por favor"),
    ],
)
async def test_a_yes_is_a_yes_in_every_language(language: str, text: str, answer: str) -> None:
    made = house(language=language)
    talk = session(made, language)
    asked = await talk.ask(text)
    assert asked.decision is Decision.ASKED, asked.as_json()
    assert (await talk.ask(answer)).effects[0].confirmed


async def test_intents_are_described_never_named() -> None:
    made = house()
    made.understanding = Unsure(made.understanding)
    asked = await session(made).ask("turn on the fan")
    assert asked.question == "Turn on Fan?"
    assert all("Hass" not in label for label in asked.alternatives)


class Unsure:
    """Understands, and is never sure."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def parse(self, text: str, context: Context) -> Sequence[Reading]:
        return [replace(reading, score=0.6) for reading in self._inner.parse(text, context)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


LATER = Part(Intent("HassTurnOn", {"name": "Coffee Maker"}), group=2, after=(1,), when=When(after=600))
AMOUNT = Part(Intent("HassClimateSetTemperature", {"temperature": 22}))


def test_an_answer_keeps_time_amount_and_order() -> None:
    named = replace(AMOUNT.intent, slots={"temperature": 22, "area": "Living Room"})
    doubt = Doubt("which_area", {}, (Choice("Living Room", (Part(named),)),), at=1)
    question = ask(doubt, Reading((LATER, replace(AMOUNT, group=1, when=When(after=60)))), "...", "q")
    settled = answered(question, "yes", Listener(lambda _: ()))
    assert settled is not None
    assert settled.parts == (LATER, replace(AMOUNT, intent=named, group=1, when=When(after=60)))


parts = st.builds(
    Part,
    st.builds(Intent, st.sampled_from(["A", "B"])),
    group=st.integers(0, 3),
    when=st.sampled_from([None, When(after=60)]),
    confirmed=st.booleans(),
)


@given(st.lists(parts, min_size=1, max_size=4), st.data())
def test_whatever_is_answered_the_other_parts_stay(whole: list[Part], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    chosen = tuple(data.draw(st.lists(parts, max_size=2)))
    question = Question("q", "...", Reading(tuple(whole)), Doubt("which_one", {}, (Choice("x", chosen),), at=at))
    settled = continued(question, question.doubt.choices[0])
    if not (chosen or len(whole) > 1):
        assert settled is DROPPED
        return
    assert settled.parts[:at] == tuple(whole[:at])
    assert settled.parts[at + len(chosen) :] == tuple(whole[at + 1 :])
    assert all(
        p.group == whole[at].group and (p.when or None) == (q.when or whole[at].when)
        for p, q in zip(settled.parts[at:], chosen, strict=False)
    )


# ---------------------------------------------------------------- speech and deeds


async def test_speech_over_a_deed_does_not_hide_it() -> None:
    """The person speaks again while the home is still at it."""
    made = house("turn on the fan", "what time is it", delay=2.0)
    talk = session(made)
    events = talk.events()
    records = [r async for r in talk.listen(Source((0.5, False), (1.5, True), (1.2, False), (1.0, True), (6.0, False)))]
    first = records[0]
    assert made.state("fan.fan") == "on"
    assert [(e.entity, e.confirmed) for e in first.effects] == [("fan.fan", True)]
    assert (first.decision, first.error) == (Decision.ACTED, INTERRUPTED)
    assert talk.conversation.deeds[-1][0].effects == first.effects, "undo finds it"
    events.close()
    assert any(isinstance(event, Acted) for event in [event async for event in events])


async def test_what_never_began_was_not_done() -> None:
    made = house(delay=0.5)
    talk = session(made)
    asking = asyncio.create_task(talk.ask("turn on the fan and then turn on the kitchen lamp"))
    await asyncio.sleep(0.2)
    talk.stop()
    record = await asking
    assert made.state("fan.fan") == "on"
    assert made.state("light.lamp") == "off"
    assert [(e.entity, e.confirmed) for e in record.effects] == [("fan.fan", True), ("light.lamp", False)]


async def test_a_turn_is_recorded_though_who_asked_is_gone() -> None:
    made = house(delay=0.5)
    talk = session(made)
    asking = asyncio.create_task(talk.ask("turn on the fan"))
    await asyncio.sleep(0.2)
    talk.stop()
    asking.cancel()
    await asyncio.wait({asking})
    await talk.settled()
    (record,) = made.records
    assert record.effects[0].confirmed
    assert talk.conversation.deeds


async def test_stopped_before_anything_was_done_is_not_acted() -> None:
    made = house()

    async def never(_: Action) -> Sequence[Effect]:
        raise AssertionError("nothing may be done")

    services = made.services()
    made.services = lambda: services  # type: ignore[method-assign]
    talk = session(made)
    await services.limiter.__aenter__()  # somebody else is being served
    services.limiter.at_once = 1
    asking = asyncio.create_task(talk.ask("turn on the fan"))
    await asyncio.sleep(0.1)
    made.home.perform = never  # type: ignore[method-assign, assignment]
    talk.stop()
    record = await asking
    assert (record.decision, record.effects, record.error) == (Decision.SILENCE, (), INTERRUPTED)


async def test_a_question_is_told_with_its_id_before_it_is_spoken() -> None:
    made = house()
    talk = session(made)
    events = talk.events()
    record = await talk.ask("turn on the lamp")
    events.close()
    kinds = [event async for event in events]
    (asking,) = [event for event in kinds if isinstance(event, Asking)]
    assert (asking.question, asking.choices) == (record.question_id, record.alternatives)


# ---------------------------------------------------------------- speaking


class Slow:
    """A voice whose pieces come slowly, each with the number of its text."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        if text in self.broken:
            raise NothingWorks("tts", "it is broken")
        for _ in range(3):
            await asyncio.sleep(0.1)
            yield AudioChunk((ONES * (1000 + 100 * len(text))).astype("int16"), 16_000, 0.0)


ONES = __import__("numpy").ones(1600)


async def test_announcements_are_said_one_after_the_other() -> None:
    made = house()
    made.voice = Slow()
    talk = session(made)
    heard = await asyncio.gather(*(talk.announce("x" * n) for n in (1, 2, 3)))
    assert heard == [True, True, True]
    assert [int(chunk.samples[0]) for chunk in made.sink.played] == [1100] * 3 + [1200] * 3 + [1300] * 3


async def test_an_error_of_speaking_reaches_who_asked_and_no_other() -> None:
    made = house()
    made.voice = Slow()
    made.voice.broken.add("xx")
    talk = session(made)
    results = await asyncio.gather(*(talk.announce("x" * n) for n in (1, 2, 3)), return_exceptions=True)
    assert [type(result) for result in results] == [bool, NothingWorks, bool]


async def test_people_come_before_announcements() -> None:
    made = house()
    made.voice = Slow()
    talk = session(made)
    announcing = [asyncio.create_task(talk.announce("x" * n)) for n in (1, 2)]
    await asyncio.sleep(0.15)
    record = await talk.ask("turn on the fan")
    assert record.reply
    assert [await task for task in announcing] == [False, True], "the second is said after the reply"


# ---------------------------------------------------------------- the value


async def test_a_conversation_goes_on_in_another_process() -> None:
    """Written as JSON in the middle of a question, read elsewhere, answered there."""
    made = house()
    talk = session(made)
    await talk.ask("turn on the fan")
    await talk.ask("turn on the lamp")
    written = CONVERSATION.dump_json(talk.conversation)
    elsewhere = session(made)
    elsewhere.conversation = CONVERSATION.validate_json(written)
    done = await elsewhere.ask("the bedroom one")
    assert [e.entity for e in done.effects] == ["light.lamp_2"]
    await elsewhere.ask("undo that")
    assert made.state("light.lamp_2") == "off"
    await elsewhere.ask("undo that")
    assert made.state("fan.fan") == "off", "the deed before, not the undo"
    assert len(written) < 20_000


CONVERSATION = TypeAdapter(Conversation)


def test_the_home_of_the_tests_has_two_lamps() -> None:
    home: Home = home_from(ROWS).home
    assert [e.id for e in home.entities if e.domain == "light"] == ["light.lamp", "light.lamp_2"]
