"""Deeds with a time, from the sentence to the home: said, asked about, kept, done, taken back, listed, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from repartee.assembly.alerts import AlertDispatcher
from repartee.assembly.orders import ConditionMonitor, OrderRunner
from repartee.assembly.skills import load_skills
from repartee.core.conversation import Conversation
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.core.ports import Understanding
from repartee.core.schedule import SunTime
from repartee.core.turn import TurnRecord
from repartee.engines.audio import nowhere
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.household import DOMAINS, Household
from repartee.engines.tts import fake as tts
from repartee.engines.vad import fake as vad
from repartee.grammar.compiled import compile_home
from repartee.languages.data import sentences
from repartee.session import Ear, Session
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.confirmation import ConfirmationPolicy
from repartee.stages.understand.interpret import Interpreter
from repartee.turn import TurnServices
from tests.engines.test_household import Paper

HOME: dict[str, Any] = {
    "areas": [{"name": "Kitchen", "id": "kitchen"}],
    "entities": [
        {"name": "Lamp", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Front Door", "domain": "lock", "area": "Kitchen", "state": "locked"},
        {"name": "Washer", "domain": "switch", "area": "Kitchen", "state": "on"},
    ],
}
START = datetime(2026, 3, 4, 15, 0)
NAMES = {"de": "Lampe", "fr": "Lampe", "es": "Lámpara", "nl": "Lamp"}


class House:
    """The grammar, the skills, a demo home, a household and what watches over both."""

    def __init__(
        self,
        home: DemoHome,
        household: Household,
        understanding: Understanding,
        sun: SunTime | None,
        wall: Callable[[], float],
    ) -> None:
        self.home, self.household, self.understanding, self.sun, self.wall = home, household, understanding, sun, wall
        self.policy = ConfirmationPolicy()
        self.skills = load_skills()
        self.records: list[TurnRecord] = []

    @property
    def backends(self) -> Backends:
        return Backends(self.home, dict.fromkeys(DOMAINS, self.household), self.sun, wall=self.wall)

    def services(self) -> TurnServices:
        interpreter = Interpreter(self.understanding, self.skills, self.policy)
        return TurnServices(None, interpreter, self.backends, Replies(), tts.Engine())  # type: ignore[arg-type]

    def session(self, language: str = "en") -> Session:
        conversation = Conversation(Context("kitchen", language=language))
        return Session(self.services, Ear(vad.Engine), nowhere.Sink(), conversation, self.records.append)

    def state(self, entity: str) -> str | None:
        return self.home.states[entity].value

    @property
    def orders(self) -> list[str]:
        return [entity.name for entity in self.household.home.entities if entity.domain == "household"]


@asynccontextmanager
async def house(
    language: str = "en", paper: Paper | None = None, sun: SunTime | None = None, lamp: str = "Lamp"
) -> AsyncIterator[tuple[House, Session]]:
    loop = asyncio.get_running_loop()
    start = START.timestamp() - loop.time()
    async with opened(language, paper, sun, lamp, lambda: start + loop.time()) as made:
        yield made


@asynccontextmanager
async def opened(
    language: str, paper: Paper | None, sun: SunTime | None, lamp: str, wall: Callable[[], float]
) -> AsyncIterator[tuple[House, Session]]:
    rows = [{**row, "name": lamp} if row["name"] == "Lamp" else row for row in HOME["entities"]]
    home = DemoHome(home_from({**HOME, "entities": rows}))
    async with Household(paper, wall=wall, sun=sun) as household:
        made = House(home, household, compile_home(home.home, language, sentences(language)), sun, wall)
        runner = OrderRunner(made.skills, made.policy, Replies(), lambda: made.backends)

        async def never(_alert: object) -> None:
            raise AssertionError("an order is no sentence")

        dispatcher = AlertDispatcher(household, Replies(), lambda: made.backends, never, runner)
        async with dispatcher, ConditionMonitor(household, lambda: made.backends):
            session = made.session(language)
            dispatcher.join(session)
            yield made, session


LATER = [
    ("en", "turn on the lamp in 10 minutes", "In 10 minutes"),
    ("en", "in ten minutes turn on the lamp", "In 10 minutes"),
    ("de", "schalte die lampe in 10 minuten ein", "In 10 Minuten"),
    ("fr", "allume la lampe dans 10 minutes", "Dans 10 minutes"),
    ("es", "enciende la lámpara dentro de 10 minutos", "Dentro de 10 minutos"),
    ("nl", "zet de lamp over 10 minuten aan", "Over 10 minuten"),
]


@pytest.mark.parametrize(("language", "text", "when"), LATER)
async def test_what_is_to_be_done_later_is_done_later(language: str, text: str, when: str) -> None:
    async with house(language, lamp=NAMES.get(language, "Lamp")) as (home, session):
        record = await session.ask(text)
        assert record.reply.startswith(f"{when}: ")
        (light,) = [e.id for e in home.home.home.entities if e.domain == "light"]
        assert home.state(light) == "off"
        assert len(home.orders) == 1
        await asyncio.sleep(590)
        assert home.state(light) == "off"
        await asyncio.sleep(15)
        assert home.state(light) == "on"
        assert not home.orders


async def test_for_a_while_is_taken_back() -> None:
    async with house() as (home, session):
        record = await session.ask("turn on the lamp for ten minutes")
        assert record.reply == "Done, for 10 minutes"
        assert home.state("light.lamp") == "on"
        await asyncio.sleep(595)
        assert home.state("light.lamp") == "on"
        await asyncio.sleep(10)
        assert home.state("light.lamp") == "off"


async def test_later_for_a_while() -> None:
    async with house() as (home, session):
        await session.ask("in an hour turn on the lamp for ten minutes")
        await asyncio.sleep(3605)
        assert home.state("light.lamp") == "on"
        await asyncio.sleep(600)
        assert home.state("light.lamp") == "off"


async def test_what_was_so_before_stays_so() -> None:
    async with house() as (home, session):
        await session.ask("turn on the lamp")
        await session.ask("turn on the lamp for ten minutes")
        await asyncio.sleep(700)
        assert home.state("light.lamp") == "on"


async def test_what_wants_a_yes_is_asked_now_and_done_later() -> None:
    async with house() as (home, session):
        record = await session.ask("unlock the front door in 5 seconds")
        assert record.decision == "asked"
        assert record.reply == "Really unlock Front Door in 5 seconds?"
        await asyncio.sleep(60)
        assert (home.state("lock.front_door"), home.orders) == ("locked", [])
        record = await session.ask("yes")
        assert home.state("lock.front_door") == "locked"
        await asyncio.sleep(6)
        assert home.state("lock.front_door") == "unlocked"


async def test_a_no_keeps_nothing() -> None:
    async with house() as (home, session):
        await session.ask("unlock the front door at ten pm")
        await session.ask("no")
        assert home.orders == []


async def test_what_may_never_be_done_is_not_kept_either() -> None:
    async with house() as (home, session):
        home.policy = ConfirmationPolicy(never=("lock.unlock",))
        record = await session.ask("unlock the front door in 5 seconds")
        assert record.decision == "rejected"
        assert home.orders == []


async def test_taking_a_lock_back_wants_its_yes_too() -> None:
    async with house() as (home, session):
        home.home.set_state("lock.front_door", State("unlocked"))
        record = await session.ask("lock the front door for ten minutes")
        assert record.decision == "asked"
        assert home.state("lock.front_door") == "unlocked"


async def test_orders_are_listed_paused_and_cancelled_by_name() -> None:
    async with house() as (home, session):
        await session.ask("turn on the lamp every day at noon")
        await session.ask("turn off the washer in two hours")
        assert (await session.ask("cancel all timers")).reply
        assert len(home.orders) == 2
        assert "turn on the lamp" in (await session.ask("what is scheduled")).reply
        record = await session.ask("pause the schedule to turn on the lamp")
        assert record.reply == "Paused: turn on the lamp"
        assert "(paused)" in (await session.ask("what is scheduled")).reply
        record = await session.ask("cancel the schedule to turn off the washer")
        assert record.reply == "Cancelled: turn off the washer"
        assert home.orders == ["turn on the lamp"]
        record = await session.ask("cancel the schedule to feed the cat")
        assert record.decision == "rejected"
        assert home.orders == ["turn on the lamp"]


async def test_cancel_that_is_about_the_last_order_and_else_undoes() -> None:
    async with house() as (home, session):
        await session.ask("turn off the washer in two hours")
        await session.ask("turn on the lamp in one hour")
        await session.ask("cancel that")
        assert home.orders == ["turn off the washer"]
        await session.ask("turn on the lamp")
        await session.ask("cancel that")
        assert (home.state("light.lamp"), home.orders) == ("off", ["turn off the washer"])


async def test_undo_takes_an_order_back() -> None:
    async with house() as (home, session):
        await session.ask("turn on the lamp at ten pm")
        await session.ask("undo that")
        assert home.orders == []


async def test_a_day_without_a_time_is_asked_about() -> None:
    async with house() as (home, session):
        record = await session.ask("turn on the lamp tomorrow")
        assert record.decision == "asked"
        assert record.alternatives == ("tomorrow at 8:00 am", "tomorrow at noon", "tomorrow at 7:00 pm")
        record = await session.ask("the second one")
        assert record.reply == "Tomorrow at noon: turn on the lamp"
        assert len(home.orders) == 1


async def test_later_is_asked_about() -> None:
    async with house() as (home, session):
        assert (await session.ask("turn on the lamp later")).decision == "asked"
        assert (home.state("light.lamp"), home.orders) == ("off", [])


@pytest.mark.parametrize("text", ["turn on the lamp at sunset", "is the lamp on tomorrow at ten"])
async def test_what_can_not_be_kept_is_said(text: str) -> None:
    async with house() as (home, session):
        record = await session.ask(text)
        assert record.decision == "rejected"
        assert record.reply
        assert (home.state("light.lamp"), home.orders) == ("off", [])


async def test_at_sunset_in_a_place_that_is_known() -> None:
    def sun(day: date, event: str) -> datetime:
        return datetime(day.year, day.month, day.day, 4 if event == "sunrise" else 18, tzinfo=UTC)

    async with house(sun=sun) as (home, session):
        assert (await session.ask("turn on the lamp at sunset")).reply == "At sunset: turn on the lamp"
        await asyncio.sleep(24 * 3600)
        assert home.state("light.lamp") == "on"


async def test_if_looks_and_says_why_not() -> None:
    async with house() as (home, session):
        record = await session.ask("if the washer is off turn on the lamp")
        assert (record.decision, home.state("light.lamp")) == ("rejected", "off")
        assert record.reply == "No, it is not so: the washer is off"
        await session.ask("if the washer is on turn on the lamp")
        assert home.state("light.lamp") == "on"


async def test_when_waits_for_its_moment_every_time() -> None:
    async with house() as (home, session):
        record = await session.ask("whenever the washer turns off turn on the lamp")
        assert record.reply == "Whenever the washer turns off: turn on the lamp"
        await asyncio.sleep(5)
        for _ in range(2):
            home.home.set_state("switch.washer", State("off"))
            await asyncio.sleep(5)
            assert home.state("light.lamp") == "on"
            home.home.set_state("light.lamp", State("off"))
            home.home.set_state("switch.washer", State("on"))
            await asyncio.sleep(120)
        assert len(home.orders) == 1


async def test_once_is_done_once_and_at_once_where_it_is_so() -> None:
    async with house() as (home, session):
        await session.ask("as soon as the washer is off turn on the lamp")
        await asyncio.sleep(5)
        assert home.state("light.lamp") == "off"
        home.home.set_state("switch.washer", State("off"))
        await asyncio.sleep(5)
        assert (home.state("light.lamp"), home.orders) == ("on", [])
        await session.ask("as soon as the washer is off turn off the lamp")
        assert (home.state("light.lamp"), home.orders) == ("off", [])


async def test_tell_me_when_is_told() -> None:
    async with house() as (home, session):
        await session.ask("tell me when the washer is done")
        await asyncio.sleep(5)
        home.home.set_state("switch.washer", State("off"))
        await asyncio.sleep(5)
        assert session.conversation.reply == "The washer is done"
        assert home.orders == []


async def test_a_deed_that_fails_at_its_time_is_told() -> None:
    async with house() as (home, session):
        await session.ask("turn on the lamp in 10 minutes")
        home.home.set_state("light.lamp", State("unavailable"))
        await asyncio.sleep(620)
        assert session.conversation.reply.startswith("This should have been done now: turn on the lamp")


async def test_what_was_missed_by_too_much_is_told_and_not_done() -> None:
    paper = Paper()
    async with house(paper=paper) as (_, session):
        await session.ask("turn on the lamp in 10 minutes")
    (note,) = paper.pages["household"].values()
    attributes = dict(note["attributes"])  # type: ignore[call-overload]
    attributes["due"] -= 3600
    paper.pages["household"]["household.late"] = {"state": "waiting", "attributes": attributes}
    paper.pages["household"].pop(next(key for key in paper.pages["household"] if key != "household.late"))
    async with house(paper=paper) as (home, session):
        await asyncio.sleep(5)
        assert home.state("light.lamp") == "off"
        assert session.conversation.reply.startswith("I was away at the time, so this was not done: turn on the lamp")


async def test_an_order_survives_a_restart() -> None:
    paper = Paper()
    async with house(paper=paper) as (_, session):
        await session.ask("turn on the lamp in 10 minutes")
    async with house(paper=paper) as (home, _):
        assert home.orders == ["turn on the lamp"]
        await asyncio.sleep(620)
        assert home.state("light.lamp") == "on"


async def test_two_deeds_each_at_its_time() -> None:
    async with house() as (home, session):
        await session.ask("turn on the lamp in one hour and turn off the washer in two hours")
        await asyncio.sleep(3700)
        assert (home.state("light.lamp"), home.state("switch.washer")) == ("on", "on")
        await asyncio.sleep(3600)
        assert home.state("switch.washer") == "off"
