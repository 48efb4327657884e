"""Live states of a home: who hears of a change, and when a call counts as confirmed. On virtual time."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.core.home import State
from repartee.core.plan import Action
from repartee.homes.state_cache import ROOM, StateCache, Waiting

ON, OFF, AWAY = State("on"), State("off"), State("unavailable")
BOTH = Action("light.turn_on", ("light.one", "light.two"))


def live(**states: State) -> StateCache:
    cache = StateCache()
    cache.replace({f"light.{name}": state for name, state in states.items()})
    return cache


def waiting(cache: StateCache, action: Action = BOTH, *, any_report: bool = False) -> Waiting:
    return cache.wait(action, lambda entity: entity.removeprefix("light.").title(), any_report=any_report)


async def test_a_call_is_confirmed_by_the_states_that_come_in() -> None:
    cache = live(one=OFF, two=OFF)
    with waiting(cache) as call:
        confirmed = asyncio.create_task(call.all())
        cache.update("light.one", ON)
        await asyncio.sleep(1)
        assert (call.confirmed, call.open, confirmed.done()) == (True, ["light.two"], False)
        cache.update("light.two", OFF)
        assert call.open == ["light.two"], "a report of something else confirms nothing"
        cache.update("light.two", ON)
        await confirmed
    assert [(effect.entity, effect.confirmed) for effect in call.effects()] == [
        ("light.one", True),
        ("light.two", True),
    ]


async def test_what_is_away_or_gone_is_not_called_and_said_by_name() -> None:
    cache = live(two=AWAY)
    with waiting(cache) as call:
        assert call.targets == ()
        await call.all()
    assert [effect.error for effect in call.effects()] == [
        "One is no longer there",
        "Two is not available at the moment",
    ]


async def test_what_vanishes_or_loses_its_connection_meanwhile_is_given_up() -> None:
    cache = live(one=OFF, two=OFF)
    with waiting(cache) as call:
        cache.remove("light.one")
        cache.abandon("lost its connection")
        await call.all()
    assert [effect.error for effect in call.effects()] == ["One is no longer there", "Two lost its connection"]
    assert not cache.states.known


async def test_silence_is_an_answer_too() -> None:
    cache = live(one=OFF, two=OFF)
    with waiting(cache) as call, pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await call.all()
    assert {effect.error for effect in call.effects()} == {"One did not answer", "Two did not answer"}


def test_what_was_so_before_is_confirmed_by_the_home_taking_the_call() -> None:
    cache = live(one=ON, two=OFF)
    with waiting(cache) as call:
        call.accepted()
        assert call.open == ["light.two"]
        call.take_word_for_it("light.two")
    assert all(effect.confirmed for effect in call.effects())


def test_nobody_waits_once_the_call_is_over() -> None:
    cache = live(one=OFF, two=OFF)
    with waiting(cache) as call:
        pass
    cache.update("light.one", ON)
    assert not call.confirmed


def test_two_calls_to_one_device_wait_each_for_its_own() -> None:
    cache = live(one=OFF, two=OFF)
    off = Action("light.turn_off", ("light.one",))
    with waiting(cache, Action("light.turn_on", ("light.one",))) as first, waiting(cache, off) as second:
        cache.update("light.one", ON)
        assert (first.confirmed, second.confirmed) == (True, False)
        cache.update("light.one", OFF)
        assert second.confirmed


async def test_listeners_hear_every_change_until_they_leave() -> None:
    cache = live(one=OFF)
    staying, leaving = cache.changes(), cache.changes()
    cache.update("light.one", ON)
    leaving.close()
    cache.remove("light.one")
    cache.tell("")
    cache.close()
    assert [entity async for entity in staying] == ["light.one", "light.one", ""]
    assert [entity async for entity in leaving] == ["light.one"]


def test_a_slow_listener_loses_the_oldest_and_the_home_waits_for_none() -> None:
    cache = live(one=OFF)
    slow = cache.changes()
    for _ in range(ROOM + 5):
        cache.update("light.one", ON)
    assert (len(slow), slow.dropped) == (ROOM, 5)


@given(st.lists(st.sampled_from([("light.one", ON), ("light.one", OFF), ("light.two", ON), ("light.two", OFF)])))
def test_confirmed_is_what_was_reported_once_and_nothing_else(reports: list[tuple[str, State]]) -> None:
    cache = live(one=OFF, two=OFF)
    with waiting(cache) as call:
        for entity, state in reports:
            cache.update(entity, state)
    confirmed = {effect.entity for effect in call.effects() if effect.confirmed}
    assert confirmed == {entity for entity, state in reports if state == ON}
