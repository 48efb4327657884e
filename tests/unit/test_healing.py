"""A turn that ended too early heals: what is said within a moment belongs to its sentence, and deeds are amended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from repartee.core.amendment import amendment
from repartee.core.audio import AudioChunk
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Intent
from repartee.core.plan import Action, Effect, Outcome, Plan, Step
from repartee.core.turn import Decision, Finished, Started, TurnRecord
from repartee.engines.audio.fake import Source
from repartee.engines.home.demo import DemoHome
from repartee.engines.understanding.hassil import HassilUnderstanding
from repartee.stages.hear import going_on
from tests.house import House, spans

PAUSE = 0.7
"""Seconds: longer than what is waited for, and within the moment."""


def said(pause: float = PAUSE) -> Source:
    return Source((0.5, False), (1.5, True), (pause, False), (0.6, True), (3.0, False))


FIRST, WHOLE, REST = "turn on the lights", "turn on the lights in the bedroom", "in the bedroom"
ROOMS = {
    "areas": [{"name": "Kitchen"}, {"name": "Bedroom"}],
    "entities": [
        {"name": "Spot", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Reading", "domain": "light", "area": "Bedroom", "state": "off"},
    ],
}
KITCHEN, BEDROOM = "light.spot", "light.reading"


def rooms(*said: str, delay: float = 0.0) -> House:
    """A light in the kitchen, where somebody speaks, and one in the bedroom."""
    house = House(*(said or (FIRST, WHOLE, REST)))
    house.home = DemoHome(home_from(ROOMS), delay=delay)
    house.understanding = HassilUnderstanding(house.home.home)
    return house


async def heard(house: House, source: Source | None = None) -> list[TurnRecord]:
    return [record async for record in house.session("kitchen").listen(source or said())]


async def test_the_whole_sentence_is_done_and_nothing_else_stays_done() -> None:
    house = rooms()
    (record,) = await heard(house)
    assert (house.state(KITCHEN), house.state(BEDROOM)) == ("off", "on")
    assert (record.decision, record.amended, record.transcript) == (Decision.ACTED, True, WHOLE)
    assert [(e.entity, e.confirmed) for e in record.effects] == [(BEDROOM, True)]
    assert [(e.entity, e.service, e.confirmed) for e in record.taken_back] == [(KITCHEN, "light.turn_off", True)]
    assert house.records == [record], "history holds one turn"
    assert record.speech_end == pytest.approx(0.5 + 1.5 + PAUSE + 0.6, abs=0.05)


async def test_what_was_done_rightly_stays_as_it_is() -> None:
    house = House("turn on the lamp", "turn on the lamp", "please")
    calls: list[str] = []
    perform = house.home.perform

    async def counted(action: Action) -> object:
        calls.append(action.service)
        return await perform(action)

    house.home.perform = counted  # type: ignore[method-assign, assignment]
    (record,) = await heard(house)
    assert calls == ["light.turn_on"]
    assert (record.decision, record.amended, record.taken_back) == (Decision.ACTED, False, ())
    assert [e.entity for e in record.effects] == ["light.lamp"]


@pytest.mark.parametrize("whole", ["blah blah", "turn on the lamp", "turn off the fan"])
async def test_a_command_of_its_own_is_a_turn_of_its_own(whole: str) -> None:
    house = House("turn on the lamp", whole, "turn on the fan")
    first, second = await heard(house)
    assert (first.transcript, second.transcript) == ("turn on the lamp", "turn on the fan")
    assert (house.state("light.lamp"), house.state("fan.fan")) == ("on", "on")
    assert not first.amended
    assert not second.amended
    assert first.id != second.id


async def test_talk_right_after_a_command_takes_nothing_back() -> None:
    house = House("turn on the lamp", "turn on the lamp said the weather in spain", "said the weather in spain")
    records = await heard(house)
    assert records[0].transcript == "turn on the lamp"
    assert house.state("light.lamp") == "on"


async def test_what_could_not_be_understood_before_is_done_with_the_rest_of_it() -> None:
    house = House("turn", "turn on the lamp", "on the lamp")
    (record,) = await heard(house, said(0.9))
    assert record.decision is Decision.ACTED
    assert house.state("light.lamp") == "on"


async def test_a_bare_name_is_a_command_and_may_be_the_rest_of_one() -> None:
    house = House("turn off", "turn off the lamp", "the lamp")
    (record,) = await heard(house, said(0.9))
    assert record.transcript == "turn off the lamp"


async def test_later_is_later() -> None:
    house = House("turn on the lamp", "turn on the fan")
    first, second = await heard(house, said(2.0))
    assert [r.transcript for r in (first, second)] == ["turn on the lamp", "turn on the fan"]
    assert (house.state("light.lamp"), house.state("fan.fan")) == ("on", "on")


async def test_it_can_be_turned_off() -> None:
    house = House("turn on the lamp", "turn on the fan")
    house.resume = 0.0
    assert len(await heard(house)) == 2


async def test_observers_see_one_turn() -> None:
    house = rooms()
    session = house.session("kitchen")
    events = session.events()
    async for _ in session.listen(said()):
        pass
    events.close()
    seen = [event async for event in events]
    assert len({event.turn for event in seen if isinstance(event, Started)}) == 1
    assert len([event for event in seen if isinstance(event, Finished)]) == 1


@pytest.mark.parametrize("after", [2.6, 3.0])
async def test_who_vanishes_in_that_moment_is_recorded(after: float) -> None:
    """Before or after going on: what was done stands in the history."""
    house = rooms()

    async def listening() -> None:
        async for _ in house.session("kitchen").listen(said()):
            pass

    task = asyncio.create_task(listening())
    await asyncio.sleep(after)
    assert house.state(KITCHEN) == "on"
    task.cancel()
    await asyncio.wait({task})
    await asyncio.sleep(0.1)
    (record,) = house.records
    assert [effect.entity for effect in record.effects] == [KITCHEN]


async def test_undo_takes_back_the_whole_and_only_that() -> None:
    house = rooms()
    session = house.session("kitchen")
    async for _ in session.listen(said()):
        pass
    (deed,) = session.conversation.deeds
    assert [effect.entity for outcome in deed for effect in outcome.effects] == [BEDROOM]
    assert [intent.slots["area"] for intent in session.context.history] == ["Bedroom"]


async def test_the_latency_counts_from_the_end_of_the_whole_sentence() -> None:
    (record,) = await heard(rooms(delay=0.1))
    act = spans(record)["act"]
    assert act.start > record.speech_end
    assert act.end - act.start == pytest.approx(0.2, abs=0.02), "one call back, one forth"


async def chunks(*pattern: tuple[float, bool]) -> AsyncIterator[AudioChunk]:
    for seconds, voiced in pattern:
        yield AudioChunk(np.full(int(seconds * 16_000), 100 * voiced, np.int16), 16_000, 0.0, voiced)


async def test_of_a_pause_hardly_anything_is_left() -> None:
    """It is heard as if there had been none: models know whole sentences."""
    before = [chunk async for chunk in chunks((0.3, False), (1.0, True), (0.1, False), (0.4, True), (0.8, False))]
    after = chunks((0.1, False), (0.1, False), (0.1, False), (0.5, True), (0.3, False), (0.2, True))
    heard = [(chunk.seconds, chunk.voiced) async for chunk in going_on(before, after)]
    assert heard == [
        (0.3, False), (1.0, True), (0.1, False), (0.4, True), (0.12, False), (0.1, False), (0.5, True), (0.3, False),
        (0.2, True),
    ]  # fmt: skip


async def test_without_anything_before_the_sound_is_as_it_was() -> None:
    pattern = ((0.3, False), (0.3, False), (1.0, True))
    assert [(c.seconds, c.voiced) async for c in going_on((), chunks(*pattern))] == list(pattern)


def deed(entity: str, service: str, before: str, **data: object) -> Outcome:
    step = Step(Intent("X"), (Action(service, (entity,), data),))
    return Outcome(step, (Effect(entity, service, data, confirmed=True),), {entity: State(before)})


def test_only_the_difference_is_done() -> None:
    done = [deed("light.a", "light.turn_on", "off"), deed("light.b", "light.turn_on", "off")]
    whole = Plan((Step(Intent("X"), (Action("light.turn_on", ("light.b", "light.c")),)),))
    change = amendment(done, whole)
    assert change.back.actions == (Action("light.turn_off", ("light.a",)),)
    assert change.more.actions == (Action("light.turn_on", ("light.c",)),)
    (outcome,) = change.outcomes([deed("light.c", "light.turn_on", "off")])
    assert [effect.entity for effect in outcome.effects] == ["light.b", "light.c"]
    assert outcome.step == whole.steps[0]


def test_the_same_service_with_other_data_is_another_deed() -> None:
    done = [deed("light.a", "light.turn_on", "off", brightness_pct=30)]
    whole = Plan((Step(Intent("X"), (Action("light.turn_on", ("light.a",), {"brightness_pct": 80}),)),))
    change = amendment(done, whole)
    assert change.back.actions == (Action("light.turn_off", ("light.a",)),)
    assert change.more.actions == whole.actions


def test_with_nothing_done_the_plan_is_the_plan() -> None:
    whole = Plan((Step(Intent("X"), (Action("timer.start", (), {"duration": 60}),)),))
    change = amendment((), whole)
    assert (change.back, change.more) == (Plan(), whole)
