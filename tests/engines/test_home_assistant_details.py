"""What a real Home Assistant keeps beside the states: items of lists, forecasts, the inside of scenes and scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from repartee.assembly.skills import load_skills
from repartee.core.conversation import NEW
from repartee.core.intent import Context
from repartee.core.plan import Plan
from repartee.engines.home.home_assistant import HomeAssistant
from repartee.engines.home.household import DOMAINS, Household
from repartee.grammar.compiled import CompiledHome, compile_home
from repartee.languages.data import sentences
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.confirmation import ConfirmationPolicy, confirm
from repartee.stages.understand.planning import decide, plan
from tests.engines.test_home_assistant import to, until
from tests.homes.home_assistant import Admin, HomeAssistantProcess

pytestmark = pytest.mark.real_time
LIST = "todo.shopping_list"
WEATHER = "weather.demo_weather_south"


class Person:
    """Speaks to a real home."""

    def __init__(self, home: HomeAssistant, household: Household, grammar: CompiledHome) -> None:
        self.home = home
        self.backends = Backends(home, dict.fromkeys(DOMAINS, household))
        self._grammar, self._skills, self._replies = grammar, load_skills(), Replies()
        self.now = datetime.now().astimezone()

    def plan(self, text: str, policy: ConfirmationPolicy = ConfirmationPolicy()) -> Plan:  # noqa: B008  # frozen
        reading = decide(self._grammar.parse(text, Context()))
        assert reading is not None, text
        situation = self.backends.situation(NEW, self.now)
        return confirm(plan(reading, self._skills, situation), reading, policy, situation)

    async def hear(self, text: str) -> str:
        outcomes = await act(self.plan(text), self.backends)
        situation = self.backends.situation(NEW, self.now)
        return self._replies.render(outcomes, self.home.home, situation.states)

    def items(self) -> dict[str, str]:
        items = self.home.states[LIST].attributes.get("items") or ()
        return {item["summary"]: item["status"] for item in items}

    async def sees(self, true: Callable[[], bool]) -> None:
        await until(self.home.changes(), true)


@asynccontextmanager
async def person(process: HomeAssistantProcess) -> AsyncIterator[Person]:
    async with to(process) as home, Household() as household:
        yield Person(home, household, compile_home(home.home, "en", sentences("en")))


async def test_things_are_put_on_the_homes_own_list_ticked_off_read_and_removed(
    home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    async with person(home_assistant) as somebody:
        assert await somebody.hear("add oat milk to my shopping list")
        admin.call("todo.add_item", LIST, {"item": "Brown Bread"})
        await somebody.sees(lambda: {"oat milk", "Brown Bread"} <= somebody.items().keys())
        read = await somebody.hear("what is on my shopping list")
        assert "oat milk" in read
        assert "Brown Bread" in read
        await somebody.hear("complete brown bread on my shopping list")
        await somebody.sees(lambda: somebody.items()["Brown Bread"] == "completed")
        assert "Brown Bread" not in await somebody.hear("what is on my shopping list")
        await somebody.hear("remove oat milk from my shopping list")
        await somebody.sees(lambda: "oat milk" not in somebody.items())
        assert "not on" in await somebody.hear("complete plutonium on my shopping list")
        await somebody.hear("clear my shopping list")
        await somebody.sees(lambda: not somebody.items())


async def test_the_forecast_of_the_home_is_told(home_assistant: HomeAssistantProcess, admin: Admin) -> None:
    admin.expose([WEATHER], yes=True)
    async with person(home_assistant) as somebody:
        await somebody.sees(lambda: bool(somebody.home.states[WEATHER].attributes.get("forecast")))
        rows = somebody.home.states[WEATHER].attributes["forecast"]
        first = datetime.fromisoformat(rows[0]["datetime"]).astimezone()
        somebody.now = first - timedelta(days=1)
        said = await somebody.hear("what will the weather be tomorrow")
        assert f"{round(rows[0]['temperature'])} °C" in said
        assert (await somebody.hear("will it rain tomorrow")).startswith(("Yes", "No"))
        somebody.now = first + timedelta(days=300)
        assert "no forecast" in await somebody.hear("will it rain tomorrow")


@pytest.mark.parametrize("text", ["turn on open house", "run let in", "unlock the garden gate"])
async def test_what_lets_somebody_in_is_asked_about_wherever_it_is_hidden(
    home_assistant: HomeAssistantProcess, admin: Admin, text: str
) -> None:
    admin.expose(["lock.garden_gate", "scene.open_house", "script.let_in"], yes=True)
    async with person(home_assistant) as somebody:
        question = somebody.plan(text).question
        assert question is not None
        assert question.key == "confirm"
        assert "Garden Gate" in str(question.facts["what"])


async def test_what_cannot_be_known_is_asked_about_where_the_settings_say_so(
    home_assistant: HomeAssistantProcess, admin: Admin
) -> None:
    admin.expose(["scene.reading_time", "script.guess"], yes=True)
    async with person(home_assistant) as somebody:
        assert somebody.plan("turn on reading time", ConfirmationPolicy(hidden=True)).question is None
        assert somebody.plan("run guess").question is None
        assert somebody.plan("run guess", ConfirmationPolicy(hidden=True)).question is not None
        assert somebody.plan("run guess", ConfirmationPolicy(ask=("script.guess",))).question is not None
