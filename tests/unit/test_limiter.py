"""The line before a back end: bounded, people before the background, nobody starves, nothing leaks."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import replace

import pytest

from repartee.core.limiter import PATIENCE, Overloaded, PriorityLimiter, background
from repartee.core.plan import Plan
from repartee.engines.home.demo import DemoHome
from repartee.homes.guarded import GuardedHome
from repartee.stages.act import Backends, act
from tests.house import House
from tests.unit.test_act import step


async def call(line: PriorityLimiter, told: list[str], name: str, seconds: float = 1.0) -> None:
    async with line:
        told.append(name)
        await asyncio.sleep(seconds)


def begin(
    line: PriorityLimiter, told: list[str], name: str, *, late: bool = False, seconds: float = 1.0
) -> asyncio.Task[None]:
    with background() if late else contextlib.nullcontext():
        return asyncio.create_task(call(line, told, name, seconds))


async def test_people_overtake_the_background() -> None:
    line, told = PriorityLimiter("home", at_once=1), list[str]()
    tasks = [begin(line, told, "first")]
    await asyncio.sleep(0)
    tasks += [begin(line, told, f"reading {n}", late=True) for n in range(2)]
    await asyncio.sleep(0.1)
    tasks += [begin(line, told, "voice")]
    await asyncio.gather(*tasks)
    assert told == ["first", "voice", "reading 0", "reading 1"]
    assert (line.health.overtaken, line.health.refused, line.health.under_way, line.health.waiting) == (2, 0, 0, 0)


async def test_background_waits_while_people_are_served_though_there_is_room() -> None:
    line, told = PriorityLimiter("home", at_once=8), list[str]()
    tasks = [begin(line, told, "voice", seconds=2)]
    await asyncio.sleep(0)
    tasks += [begin(line, told, "reading", late=True)]
    await asyncio.sleep(1)
    tasks += [begin(line, told, "more voice", seconds=2)]
    await asyncio.sleep(0.1)
    assert told == ["voice", "more voice"]
    await asyncio.gather(*tasks)
    assert told[-1] == "reading"


async def test_background_does_not_starve() -> None:
    line, told = PriorityLimiter("home", at_once=8), list[str]()
    now = asyncio.get_running_loop().time
    began = now()
    voices = [begin(line, told, "voice", seconds=60)]
    await asyncio.sleep(0)
    await begin(line, told, "reading", late=True, seconds=0)
    assert now() - began == pytest.approx(PATIENCE, abs=0.01)
    voices[0].cancel()
    await asyncio.gather(*voices, return_exceptions=True)


async def test_a_full_line_refuses_says_so_and_counts() -> None:
    line, told = PriorityLimiter("home", at_once=1, waiting=2), list[str]()
    tasks = [begin(line, told, str(n)) for n in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="2 calls wait for home already"):
        await call(line, told, "one too many")
    with background():  # the background has a line of its own
        late = begin(line, told, "late", late=True)
    await asyncio.gather(*tasks, late)
    assert line.health.refused == 1
    assert told == ["0", "1", "2", "late"]


async def test_whoever_goes_away_leaves_no_gap() -> None:
    """Cancelled at any moment, waiting or under way: at the end the line is as new."""
    line, dice = PriorityLimiter("home", at_once=2, waiting=50), random.Random(1)
    for _ in range(50):
        told: list[str] = []
        tasks = [begin(line, told, str(n), late=dice.random() < 0.5, seconds=dice.random()) for n in range(20)]
        for task in tasks:
            await asyncio.sleep(dice.random() / 20)
            if dice.random() < 0.5:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (line.health.under_way, line.health.waiting) == (0, 0)


async def test_a_home_that_is_asked_too_much_says_so_in_words() -> None:
    home = GuardedHome(DemoHome(delay=1), "upstairs")
    home.limiter = PriorityLimiter("upstairs", at_once=1, waiting=0)
    lamp = step("light.turn_on", "light.bed_light")
    first = asyncio.create_task(act(Plan((lamp,)), Backends(home)))
    await asyncio.sleep(0.1)
    (refused,) = await act(Plan((lamp,)), Backends(home))
    assert "too much is going on" in (refused.effects[0].error or "")
    (done,) = await first
    assert done.done


async def test_a_turn_too_many_is_told_and_not_lost() -> None:
    house = House(delay=2)
    line = PriorityLimiter("turns", at_once=1, waiting=0)
    services = house.services
    house.services = lambda: replace(services(), limiter=line)  # type: ignore[method-assign]
    first = asyncio.create_task(house.session().ask("turn on the lamp"))
    await asyncio.sleep(0.1)
    second = await house.session().ask("turn on the fan")
    assert second.reply == "Sorry, too much is going on at once."
    assert (await first).effects[0].confirmed
