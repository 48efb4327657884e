"""What may happen to the household: a disk that takes nothing, a watch that is killed, notes that make no sense."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from repartee.core.errors import NotKept
from repartee.engines.home.household import Household
from repartee.engines.home.keeper import PATIENCE
from tests.engines.test_household import Paper, Wall, call, heard


class Faulty(Paper):
    """Paper that is not always to be written on."""

    def __init__(self, fault: BaseException | None = None, hangs: bool = False) -> None:
        super().__init__()
        self.fault, self.hangs = fault, hangs
        self.tries = 0

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fault:
            raise self.fault
        await super().write(kind, key, value)

    def on_paper(self) -> dict[str, Mapping[str, object]]:
        return {key: value for page in self.pages.values() for key, value in page.items()}


FAULTS = [
    NotKept("the disk is full"),
    RuntimeError("a mistake of ours"),
    asyncio.CancelledError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_timer_rings_though_nothing_can_be_written(fault: BaseException) -> None:
    paper = Faulty(fault)
    async with Household(paper, wall=Wall()) as home:
        effect = await call(home, "timer.start", minutes=10, name="pizza")
        assert (effect.confirmed, effect.kept, effect.error) == (True, False, None)
        alert, at = await heard(home)
        assert alert.name == "pizza"
        assert at == pytest.approx(600, abs=0.1)
        assert home.keeper.unkept == 1
        assert home.keeper.missed == 1


async def test_a_disk_that_hangs_holds_up_nobody() -> None:
    async with Household(Faulty(hangs=True), wall=Wall()) as home:
        for minutes in (1, 2, 3):
            before = asyncio.get_running_loop().time()
            effect = await call(home, "timer.start", minutes=minutes)
            assert (effect.confirmed, effect.kept) == (True, False)
            assert asyncio.get_running_loop().time() - before <= PATIENCE + 0.01
        alerts = home.alerts()
        assert [(await anext(alerts)).seconds for _ in range(3)] == [60, 120, 180]
        assert home.keeper.unkept


async def test_what_could_not_be_written_is_written_when_it_can() -> None:
    paper, wall = Faulty(NotKept("the disk is full")), Wall()
    async with Household(paper, wall=wall) as home:
        timer = (await call(home, "timer.start", hours=1, name="pizza")).entity
        gone = (await call(home, "timer.start", hours=2)).entity
        await call(home, "timer.cancel", gone)
        await call(home, "list.add_item", "list.shopping_list", item="milk")
        await call(home, "list.add_item", "list.shopping_list", item="eggs")
        await asyncio.sleep(30)
        assert paper.tries < 60  # it does not knock all the time
        paper.fault = None
        await asyncio.sleep(10)
        assert home.keeper.unkept == 0
        assert home.keeper.trouble is None
        assert set(paper.on_paper()) == {timer, "list.shopping_list"}
        assert (await call(home, "timer.start", hours=1)).kept
    async with Household(paper, wall=wall) as home:
        assert timer in home.home.by_id
        assert home.states["list.shopping_list"].value == "2"


async def test_a_write_error_when_it_is_due_ends_no_ringing() -> None:
    paper = Faulty()
    async with Household(paper, wall=Wall()) as home:
        for minutes in (1, 2, 3):
            assert (await call(home, "timer.start", minutes=minutes)).kept
        paper.fault = NotKept("the disk is full")
        alerts = home.alerts()
        assert [(await anext(alerts)).seconds for _ in range(3)] == [60, 120, 180]
        paper.fault = None
        await asyncio.sleep(100)
        assert paper.on_paper() == {}


async def test_whoever_set_a_timer_may_vanish_and_the_disk_knows_what_memory_knows() -> None:
    paper = Faulty()
    async with Household(paper, wall=Wall()) as home:
        for number in range(50):
            setting = asyncio.create_task(call(home, "timer.start", hours=1, name=f"t{number}"))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            setting.cancel()
            with suppress(asyncio.CancelledError):
                await setting
        await asyncio.sleep(1)
        in_memory = {entity.id for entity in home.home.entities if entity.domain == "timer"}
        assert in_memory == paper.on_paper().keys()
        names = [entity.name for entity in home.home.entities if entity.domain == "timer"]
        assert len(names) == len(set(names))


async def test_a_duty_that_is_killed_begins_again() -> None:
    async with Household(wall=Wall()) as home:
        await call(home, "timer.start", minutes=10)
        for _ in range(3):
            await asyncio.sleep(100)
            assert home.duty.task is not None
            home.duty.task.cancel()
        _, at = await heard(home)
        assert at == pytest.approx(600, abs=0.1)
        assert home.duty.restarts == 3


async def test_writing_that_is_killed_begins_again() -> None:
    paper = Faulty()
    async with Household(paper, wall=Wall()) as home:
        for _ in range(3):
            assert home.keeper.duty.task is not None
            home.keeper.duty.task.cancel()
            await asyncio.sleep(1)
        assert (await call(home, "timer.start", minutes=10)).kept
        assert home.keeper.duty.restarts == 3


async def test_killed_in_the_middle_of_writing_it_writes_all_the_same() -> None:
    paper = Faulty(hangs=True)
    async with Household(paper, wall=Wall()) as home:
        timer = (await call(home, "timer.start", minutes=10)).entity
        paper.hangs = False
        assert home.keeper.duty.task is not None
        home.keeper.duty.task.cancel()
        await asyncio.sleep(1)
        assert timer in paper.on_paper()


GOOD: Mapping[str, Any] = {"state": "active", "attributes": {"due": Wall().ahead + 600, "name": "eggs", "seconds": 600}}
NONSENSE: list[object] = [
    {},
    {"state": "active"},
    {"attributes": GOOD["attributes"]},
    {"state": "active", "attributes": {"name": "no due"}},
    {"state": "active", "attributes": {"due": None}},
    {"state": "active", "attributes": {"due": "soon"}},
    {"state": "active", "attributes": {"due": float("nan")}},
    {"state": "active", "attributes": [1]},
    {"state": "active", "attributes": {**GOOD["attributes"], "actions": [{"service": "light.turn_on"}]}},
    {"state": "active", "attributes": {**GOOD["attributes"], "seconds": "x"}},
]


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_note_that_makes_no_sense_is_put_aside(nonsense: Mapping[str, object]) -> None:
    paper, wall = Paper(), Wall()
    paper.pages = {
        "timer": {"timer.a": nonsense, "timer.b": GOOD},
        "alarm": {"alarm.c": {"state": "set", "attributes": {"due": GOOD["attributes"]["due"], "at": "seven"}}},
        "list": {"list.x": {"state": "1", "attributes": {"name": "X", "items": [{}]}}},
    }
    async with Household(paper, wall=wall) as home:
        alert, _ = await heard(home)
        assert alert.name == "eggs"
        assert home.states["list.shopping_list"].value == "0"
        await asyncio.sleep(1)
        assert paper.pages["damaged timer"] == {"timer.a": nonsense}
        assert "alarm.c" in paper.pages["damaged alarm"]
        assert paper.pages["alarm"] == {}
        assert "timer.a" not in home.home.by_id


async def test_fields_of_another_version_are_no_reason() -> None:
    paper = Paper()
    paper.pages = {"timer": {"timer.b": {**GOOD, "mood": 1, "attributes": {**GOOD["attributes"], "tone": "soft"}}}}
    async with Household(paper, wall=Wall()) as home:
        assert (await heard(home))[0].name == "eggs"


async def test_an_alarm_of_a_version_that_kept_only_seconds_still_repeats() -> None:
    paper, wall = Paper(), Wall()
    attributes = {"due": wall.ahead + 60, "name": "", "message": "", "repeat": "daily", "area": None}
    paper.pages = {"alarm": {"alarm.a": {"state": "set", "attributes": attributes}}}
    async with Household(paper, wall=wall) as home:
        await heard(home)
        await asyncio.sleep(5)
        assert home.states["alarm.a"].value == "set"


async def test_a_notebook_that_can_not_be_read_does_not_keep_the_household_from_starting() -> None:
    read: list[str] = []

    class Torn(Paper):
        async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
            read.append(kind)
            raise NotKept("it can't be read") if kind == "alarm" else OSError("torn")

    async with Household(Torn(), wall=Wall()) as home:
        assert (await call(home, "timer.start", minutes=1)).kept
        await heard(home)
        assert home.duty.failures == len(read)
