"""What the household says by itself, heard in the sessions it concerns, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from repartee.assembly.announcer import WAITING, Announcer
from repartee.core.channel import Channel
from repartee.core.intent import Context
from repartee.core.plan import Action, Alert
from repartee.engines.home.household import Household
from repartee.stages.reply import Replies
from tests.house import House


class Room:
    """A session that remembers what was said in it."""

    def __init__(self, area: str | None = None) -> None:
        self.context = Context(area)
        self.said: list[str] = []

    async def say(self, text: str) -> None:
        self.said.append(text)


async def told(announcer: Announcer, *alerts: Alert) -> None:
    channel = Channel[Alert](100)
    for alert in alerts:
        channel.push(alert)
    channel.close()
    await announcer.run(channel)
    await asyncio.sleep(0.1)


async def nothing(alert: Alert) -> None:
    raise AssertionError(f"{alert} is no command")


async def test_a_timer_that_is_over_is_said_to_everybody_who_is_there() -> None:
    announcer, kitchen, office = Announcer(Replies(), nothing), Room("kitchen"), Room("office")
    with announcer.present(kitchen), announcer.present(office):
        await told(announcer, Alert("timer", "timer.1", "pizza", "kitchen"))
    assert len(kitchen.said) == len(office.said) == 1
    assert "pizza" in kitchen.said[0]


async def test_an_announcement_is_for_the_other_rooms() -> None:
    announcer, kitchen, office = Announcer(Replies(), nothing), Room("kitchen"), Room("office")
    with announcer.present(kitchen), announcer.present(office):
        await told(announcer, Alert("announcement", area="kitchen", message="dinner is ready"))
    assert kitchen.said == []
    assert "dinner is ready" in office.said[0]


async def test_what_nobody_heard_is_said_to_the_first_who_comes() -> None:
    announcer = Announcer(Replies(), nothing)
    await told(announcer, *[Alert("reminder", message=f"thing {n}") for n in range(WAITING + 5)])
    first, second = Room(), Room()
    with announcer.present(first):
        await asyncio.sleep(0.1)
        with announcer.present(second):
            await asyncio.sleep(0.1)
    assert len(first.said) == WAITING
    assert "thing 54" in first.said[-1]
    assert second.said == []


async def test_a_command_whose_time_has_come_is_done_once() -> None:
    done: list[Alert] = []

    async def do(alert: Alert) -> None:
        done.append(alert)

    announcer = Announcer(Replies(), do)
    with announcer.present(Room()), announcer.present(Room()):
        await told(announcer, Alert("command", message="turn off the lamp"))
    assert [alert.message for alert in done] == ["turn off the lamp"]


async def test_a_real_timer_is_heard_in_a_real_session() -> None:
    house = House()
    session = house.session()
    events = session.events()
    async with Household() as household:
        announcer = Announcer(Replies(), nothing)
        running = asyncio.create_task(announcer.run(household.alerts()))
        with announcer.present(session):
            await household.perform(Action("timer.start", (), {"seconds": 600, "name": "tea"}))
            await asyncio.sleep(590)
            assert not house.sink.played
            await asyncio.sleep(20)
    await running
    assert house.sink.seconds > 0.5
    assert "tea" in (await anext(events)).text  # type: ignore[union-attr]


async def test_it_waits_until_nobody_speaks_and_may_be_stopped() -> None:
    house = House()
    session = house.session()
    asking = asyncio.create_task(session.ask("what time is it"))
    await asyncio.sleep(0.05)
    saying = asyncio.create_task(session.say("The timer is over, and this goes on for quite a while."))
    await asking
    before = house.sink.seconds
    await asyncio.sleep(0.5)
    assert house.sink.seconds > before
    session.stop()
    await saying
    assert house.sink.stopped


@pytest.mark.parametrize("alerts", [[], [Alert("timer")]])
async def test_it_ends_with_the_household(alerts: Sequence[Alert]) -> None:
    await told(Announcer(Replies(), nothing), *alerts)
