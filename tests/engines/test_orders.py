"""Standing orders in the household: due in time, again, paused, across restarts, and when clocks are set."""

from __future__ import annotations

from datetime import datetime

import pytest

from repartee.core.intent import Intent, Part
from repartee.core.order import order_as_json, order_from_json
from repartee.core.plan import Action, Order
from repartee.core.schedule import next_due
from repartee.core.when import EVERY_DAY, Condition, Moment, Repeat, When
from repartee.engines.home.household import Household
from tests.engines.test_household import Paper, Wall, call, heard

ON = Part(Intent("HassTurnOn", {"name": "Lamp", "domain": ("light", "switch")}, entities=("light.lamp",)))


def wall_now(wall: Wall) -> datetime:
    return datetime.fromtimestamp(wall()).astimezone()


def order(when: When, wall: Wall, **more: object) -> dict[str, object]:
    due = None if when.condition else next_due(when, wall_now(wall)).timestamp()
    return order_as_json(Order("turn on the lamp", when, ON, due=due, area="kitchen", **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kept",
    [
        Order("a", When(after=5.0), ON, due=7.0),
        Order(
            "b", When(lasting=60.0), None, (Action("light.turn_off", ("light.lamp",), {"x": 1}),), "kitchen", "de", 9.0
        ),
        Order("c", When(condition=Condition(("light.lamp",), "it is on", ("on",), above=1.5)), ON, was=False),
    ],
)
def test_an_order_is_kept_as_json(kept: Order) -> None:
    assert order_from_json(order_as_json(kept)) == kept


async def test_a_wait_is_a_timer_with_a_deed() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        effect = await call(home, "timer.start", minutes=10, order=order(When(after=600.0), wall))
        assert effect.confirmed
        assert effect.entity.startswith("household.")
        assert not [entity for entity in home.home.entities if entity.domain == "timer"]
        wall.ahead += 7200  # somebody sets the clock: the wait is as long as it was
        alert, at = await heard(home)
        assert at == pytest.approx(600, abs=0.05)
        assert (alert.kind, alert.name, alert.area) == ("order", "turn on the lamp", "kitchen")
        assert alert.order is not None
        assert alert.order.part == ON
        assert effect.entity not in home.home.by_id


async def test_a_time_on_the_wall_follows_the_wall() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        await call(home, "household.schedule", order=order(When(at=Moment(13)), wall))
        wall.ahead += 1800
        _, at = await heard(home)
        assert at == pytest.approx(1800, abs=25)


async def test_every_day_comes_again_the_next_day() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        when = When(at=Moment(13), repeat=Repeat(EVERY_DAY))
        entity = (await call(home, "household.schedule", order=order(when, wall))).entity
        alerts = home.alerts()
        await anext(alerts)
        assert home.states[entity].value == "waiting"
        await anext(alerts)
        assert wall_now(wall).strftime("%d %H:%M") == "03 13:00"


async def test_a_paused_order_is_not_due_and_goes_on_at_its_next_time() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        when = When(at=Moment(13), repeat=Repeat(EVERY_DAY))
        entity = (await call(home, "household.schedule", order=order(when, wall))).entity
        await call(home, "household.pause", entity)
        wall.ahead += 3 * 3600
        assert (await call(home, "household.resume", entity)).confirmed
        assert datetime.fromtimestamp(home.states[entity].attributes["due"]).strftime("%d %H:%M") == "03 13:00"
        once = (await call(home, "household.schedule", order=order(When(after=60.0), wall))).entity
        await call(home, "household.pause", once)
        wall.ahead += 120
        assert (await call(home, "household.resume", once)).error == "its time is over"


async def test_an_order_outlives_the_process_and_is_late_when_nobody_was_there() -> None:
    paper, wall = Paper(), Wall()
    async with Household(paper, wall=wall) as home:
        await call(home, "household.schedule", order=order(When(at=Moment(13)), wall))
    assert len(paper.pages["household"]) == 1
    wall.ahead += 2 * 3600
    async with Household(paper, wall=wall) as home:
        alert, _ = await heard(home)
        assert alert.kind == "order"
        assert alert.late == pytest.approx(3600, abs=1)
        await home.keeper.close()
    assert not paper.pages["household"]


async def test_a_cancelled_order_is_gone_for_good() -> None:
    paper, wall = Paper(), Wall()
    async with Household(paper, wall=wall) as home:
        entity = (await call(home, "household.schedule", order=order(When(after=60.0), wall))).entity
        assert (await call(home, "household.cancel", entity)).confirmed
        assert not paper.pages["household"]


async def test_a_condition_waits_until_it_is_set_off() -> None:
    wall = Wall()
    rule = When(condition=Condition(("light.lamp",), "the lamp is on", ("on",), always=True))
    once = When(condition=Condition(("light.lamp",), "the lamp is on", ("on",)))
    async with Household(wall=wall) as home:
        kept = (await call(home, "household.schedule", order=order(rule, wall))).entity
        gone = (await call(home, "household.schedule", order=order(once, wall))).entity
        alerts = home.alerts()
        home.fire(kept)
        home.fire(gone)
        assert {(await anext(alerts)).entity, (await anext(alerts)).entity} == {kept, gone}
        assert (kept in home.home.by_id, gone in home.home.by_id) == (True, False)


@pytest.mark.parametrize("data", [{}, {"order": None}, {"order": {"name": "x"}}, {"order": {"name": "x", "when": 3}}])
async def test_what_is_no_order_is_refused(data: dict[str, object]) -> None:
    async with Household(wall=Wall()) as home:
        effect = await call(home, "household.schedule", **data)
        assert not effect.confirmed
        assert effect.error


async def test_an_order_that_makes_no_sense_is_put_aside() -> None:
    paper = Paper()
    await paper.write("household", "household.1", {"state": "waiting", "attributes": {"name": "x"}})
    async with Household(paper, wall=Wall()) as home:
        assert "household.1" not in home.home.by_id
        await home.keeper.close()
    assert "household.1" in paper.pages["damaged household"]
