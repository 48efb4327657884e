"""What is due is told to whoever is there, and done if it was a command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from repartee.assembly.alerts import TOO_LATE, AlertDispatcher
from repartee.assembly.orders import OrderRunner
from repartee.core.plan import Action, Alert
from repartee.core.turn import Event, Replying
from repartee.engines.home.household import DOMAINS, Household
from repartee.session import Session
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.confirmation import ConfirmationPolicy
from tests.house import House


class Home:
    def __init__(self, house: House, household: Household, attendant: AlertDispatcher) -> None:
        self.house, self.household, self.attendant = house, household, attendant
        self.said: list[str] = []
        """Sentences that waited for their time."""

    async def call(self, service: str, **data: object) -> None:
        (effect,) = await self.household.perform(Action(service, (), data))
        assert effect.confirmed, effect.error

    def joined(self, area: str | None = None) -> Session:
        session = self.house.session(area)
        self.attendant.join(session)
        return session


@asynccontextmanager
async def home() -> AsyncIterator[Home]:
    house = House()
    wall = asyncio.get_running_loop().time
    async with Household(wall=wall) as household:
        backends = Backends(house.home, dict.fromkeys(DOMAINS, household))
        runner = OrderRunner({}, ConfirmationPolicy(), Replies(), lambda: backends)
        attendant = AlertDispatcher(household, Replies(), lambda: backends, lambda alert: do(alert), runner)
        made = Home(house, household, attendant)

        async def do(alert: Alert) -> None:
            made.said.append(alert.message)

        async with attendant:
            yield made


async def texts(session: Session, count: int) -> list[str]:
    found: list[str] = []
    events = session.events()
    async with asyncio.timeout(3600):
        while len(found) < count:
            event: Event = await anext(events)
            if isinstance(event, Replying):
                found.append(event.text)
    return found


async def test_a_timer_is_told_aloud() -> None:
    async with home() as h:
        session = h.joined("kitchen")
        await h.call("timer.start", minutes=5, name="pizza")
        assert await texts(session, 1) == ["Your pizza timer is done"]
        await asyncio.sleep(1)
        assert h.house.sink.seconds > 0


async def test_what_came_due_with_nobody_there_waits_for_somebody() -> None:
    async with home() as h:
        await h.call("timer.start", seconds=5)
        await asyncio.sleep(120)
        session = h.house.session()
        told = asyncio.create_task(texts(session, 1))
        await asyncio.sleep(0)
        h.attendant.join(session)
        assert (await told)[0].startswith("Your timer is done")


async def test_a_message_is_for_the_other_rooms() -> None:
    async with home() as h:
        here, there = h.joined("kitchen"), h.joined("bedroom")
        heard_here = here.events()
        waiting = asyncio.create_task(texts(there, 1))
        await asyncio.sleep(0)
        await h.call("household.announce", message="dinner is ready", area="kitchen")
        assert await waiting == ["dinner is ready"]
        assert len(heard_here) == 0


async def test_kept_calls_are_made_when_their_time_has_come() -> None:
    async with home() as h:
        await h.call("timer.start", minutes=10, actions=(Action("light.turn_on", ("light.lamp",)),))
        await asyncio.sleep(599)
        assert h.house.state("light.lamp") == "off"
        await asyncio.sleep(2)
        assert h.house.state("light.lamp") == "on"
        assert not [e for e in h.household.home.entities if e.domain == "timer"]


async def test_a_sentence_that_waited_is_acted_on() -> None:
    async with home() as h:
        await h.call("timer.start", minutes=10, command="turn on the lamp")
        await asyncio.sleep(601)
        assert h.said == ["turn on the lamp"]


async def test_a_command_is_not_done_hours_later_but_told() -> None:
    async with home() as h:
        session = h.joined()
        told = asyncio.create_task(texts(session, 1))
        await asyncio.sleep(0)
        calls = (Action("light.turn_on", ("light.lamp",)),)
        await h.attendant._attend(Alert("command", actions=calls, late=TOO_LATE + 1))
        assert (await told)[0].startswith("I was away when something was to be done")
        assert h.house.state("light.lamp") == "off"


async def test_what_waits_for_a_person_keeps_nothing_else_waiting() -> None:
    async with home() as h:
        await h.call("timer.start", seconds=5)
        await h.call("timer.start", seconds=6, command="turn on the lamp")
        await asyncio.sleep(10)
        assert h.said == ["turn on the lamp"]


def test_how_late_it_is_is_told_in_round_words() -> None:
    replies = Replies()
    assert replies.alert(Alert("timer", name="tea", late=5)) == "Your tea timer is done"
    assert replies.alert(Alert("timer", late=40)) == "Your timer is done, 40 seconds late"
    assert replies.alert(Alert("alarm", late=3700)) == "Your alarm is ringing, 1 hour late"
    assert replies.alert(Alert("reminder", message="call mum", late=3 * 86400)) == "Reminder: call mum, 3 days late"
    assert replies.alert(Alert("timer", name="thee"), "nl") == "De timer thee is klaar"
