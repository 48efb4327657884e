"""Timers, alarms, reminders and lists: on virtual time, across restarts, and when clocks are set."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from repartee.core.plan import Action, Alert, Effect
from repartee.engines.home.household import MAX_THINGS, Household, next_time

START = datetime(2026, 3, 2, 12, 0).timestamp()


class Paper:
    """A notebook that keeps what a process left behind."""

    def __init__(self) -> None:
        self.pages: dict[str, dict[str, Mapping[str, object]]] = {}

    async def write(self, kind: str, key: str, value: Mapping[str, object] | None) -> None:
        page = self.pages.setdefault(kind, {})
        if value is None:
            page.pop(key, None)
        else:
            page[key] = value

    async def read(self, kind: str) -> Mapping[str, Mapping[str, object]]:
        return dict(self.pages.get(kind, {}))


class Wall:
    """The clock on the wall of a virtual house; hands can set it."""

    def __init__(self) -> None:
        self.ahead = START

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


async def call(home: Household, service: str, *entities: str, **data: object) -> Effect:
    (effect,) = await home.perform(Action(service, entities, data))
    return effect


async def heard(home: Household) -> tuple[Alert, float]:
    """The next alert, and the loop's time at which it came."""
    alert = await anext(home.alerts())
    return alert, asyncio.get_running_loop().time()


async def test_a_timer_rings_in_time_and_in_its_place() -> None:
    async with Household(wall=Wall()) as home:
        effect = await call(home, "timer.start", hours=1, name="pizza", area="kitchen")
        assert effect.confirmed
        assert home.states[effect.entity].value == "active"
        alert, at = await heard(home)
        assert at == pytest.approx(3600, abs=0.05)
        assert (alert.kind, alert.name, alert.area, alert.seconds) == ("timer", "pizza", "kitchen", 3600)
        assert alert.late < 0.05


async def test_a_timer_does_not_care_that_the_wall_clock_is_set() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        await call(home, "timer.start", minutes=10)
        wall.ahead += 7200
        _, at = await heard(home)
        assert at == pytest.approx(600, abs=0.05)


async def test_several_timers_ring_in_their_order() -> None:
    async with Household(wall=Wall()) as home:
        for minutes in (5, 1, 3):
            await call(home, "timer.start", minutes=minutes)
        alerts = home.alerts()
        assert [(await anext(alerts)).seconds for _ in range(3)] == [60, 180, 300]


async def test_a_paused_timer_waits_and_goes_on_with_what_was_left() -> None:
    async with Household(wall=Wall()) as home:
        timer = (await call(home, "timer.start", seconds=100)).entity
        await asyncio.sleep(40)
        await call(home, "timer.pause", timer)
        assert home.left(home.states[timer]) == pytest.approx(60)
        await asyncio.sleep(1000)
        await call(home, "timer.resume", timer)
        _, at = await heard(home)
        assert at == pytest.approx(1100, abs=0.05)


@pytest.mark.parametrize(("seconds", "at"), [(60, 160), (-30, 70), (-1000, 10)])
async def test_a_timer_is_made_longer_and_shorter(seconds: float, at: float) -> None:
    async with Household(wall=Wall()) as home:
        timer = (await call(home, "timer.start", seconds=100)).entity
        await asyncio.sleep(10)
        await call(home, "timer.add", timer, seconds=seconds)
        _, rang = await heard(home)
        assert rang == pytest.approx(at, abs=0.05)


async def test_a_cancelled_timer_is_gone() -> None:
    async with Household(wall=Wall()) as home:
        timer = (await call(home, "timer.start", seconds=100)).entity
        assert (await call(home, "timer.cancel", timer)).confirmed
        assert timer not in home.home.by_id
        assert (await call(home, "timer.cancel", timer)).error == "there is no such thing any more"
        await asyncio.sleep(200)
        assert len(home.alerts()) == 0


async def test_a_timer_that_has_rung_is_stopped_or_stops_by_itself() -> None:
    async with Household(wall=Wall()) as home:
        timer = (await call(home, "timer.start", seconds=5)).entity
        await heard(home)
        assert home.states[timer].value == "ringing"
        await call(home, "household.stop")
        assert timer not in home.home.by_id
        await call(home, "timer.start", seconds=5)
        await asyncio.sleep(120)
        assert not [entity for entity in home.home.entities if entity.domain == "timer"]


async def test_a_command_comes_back_when_its_time_has_come() -> None:
    async with Household(wall=Wall()) as home:
        await call(home, "timer.start", minutes=10, command="turn off the lights", area="office")
        alert, _ = await heard(home)
        assert (alert.kind, alert.message, alert.area) == ("command", "turn off the lights", "office")


async def test_what_is_kept_outlives_the_process() -> None:
    paper, wall = Paper(), Wall()
    async with Household(paper, wall=wall) as home:
        await call(home, "timer.start", minutes=10, name="eggs")
        await call(home, "list.add_item", "list.shopping_list", item="milk")
        await asyncio.sleep(60)
    async with Household(paper, wall=wall) as home:
        (timer,) = [entity for entity in home.home.entities if entity.domain == "timer"]
        assert timer.name == "eggs"
        assert home.left(home.states[timer.id]) == pytest.approx(540)
        assert home.states["list.shopping_list"].value == "1"
        alert, at = await heard(home)
        assert at == pytest.approx(600, abs=0.05)
        assert alert.late < 0.05


async def test_what_came_due_while_we_were_away_is_told_with_how_late_it_is() -> None:
    paper, wall = Paper(), Wall()
    async with Household(paper, wall=wall) as home:
        await call(home, "timer.start", minutes=1, name="tea")
    await asyncio.sleep(600)
    async with Household(paper, wall=wall) as home:
        await asyncio.sleep(5)  # nobody listens yet
        alert, _ = await heard(home)
        assert alert.name == "tea"
        assert alert.late == pytest.approx(540, abs=0.1)


async def test_an_alarm_follows_the_clock_on_the_wall() -> None:
    wall = Wall()
    async with Household(wall=wall) as home:
        at = datetime.fromtimestamp(START + 3600).isoformat()
        assert (await call(home, "alarm.set", at=at, name="up")).confirmed
        await asyncio.sleep(600)
        wall.ahead += 1800  # somebody set the clock half an hour forward
        alert, rang = await heard(home)
        assert alert.kind == "alarm"
        assert rang == pytest.approx(1800, abs=21)


async def test_a_repeated_alarm_is_set_again() -> None:
    async with Household(wall=Wall()) as home:
        at = datetime.fromtimestamp(START + 60).isoformat()
        alarm = (await call(home, "alarm.set", at=at, repeat="daily")).entity
        await heard(home)
        await asyncio.sleep(60)
        assert home.states[alarm].value == "set"
        assert home.states[alarm].attributes["due"] == pytest.approx(START + 60 + 86400, abs=3601)


async def test_a_reminder_says_what_it_was_for() -> None:
    async with Household(wall=Wall()) as home:
        at = datetime.fromtimestamp(START + 60).isoformat()
        await call(home, "reminder.set", at=at, message="water the plants")
        alert, _ = await heard(home)
        assert (alert.kind, alert.message) == ("reminder", "water the plants")


@pytest.mark.parametrize(
    ("repeat", "days"), [("daily", 1), ("weekdays", 1), ("weekends", 5), ("", None), ("never heard of", None)]
)
def test_repeats_come_on_their_days(repeat: str, days: int | None) -> None:
    monday = datetime(2026, 6, 1, 7, 0)
    expected = None if days is None else monday + timedelta(days=days)
    assert next_time(monday, repeat, monday.timestamp() + 1) == expected


def test_a_repeat_missed_for_weeks_comes_at_its_time_of_day() -> None:
    monday = datetime(2026, 6, 1, 7, 0)
    soon = next_time(monday, "daily", datetime(2026, 6, 29, 12, 0).timestamp())
    assert soon == datetime(2026, 6, 30, 7, 0)


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("timer.start", {}),
        ("timer.start", {"seconds": -5}),
        ("timer.start", {"hours": 10_000}),
        ("timer.start", {"minutes": "five"}),
        ("alarm.set", {}),
        ("alarm.set", {"at": "tomorrow-ish"}),
        ("alarm.set", {"at": "1999-01-01T00:00"}),
        ("timer.juggle", {}),
    ],
)
async def test_a_wrong_call_is_an_error(service: str, data: dict[str, object]) -> None:
    async with Household(wall=Wall()) as home:
        effect = await call(home, service, **data)
        assert effect.error
        assert not effect.confirmed


async def test_there_is_an_end_to_how_many_timers_fit() -> None:
    async with Household(wall=Wall()) as home:
        for _ in range(MAX_THINGS):
            assert (await call(home, "timer.start", hours=1)).confirmed
        assert "already" in str((await call(home, "timer.start", hours=1)).error)


async def test_a_message_goes_to_all_who_listen() -> None:
    async with Household(wall=Wall()) as home:
        first, second = home.alerts(), home.alerts()
        await call(home, "household.announce", message="dinner", area="kitchen")
        for alerts in (first, second):
            assert await anext(alerts) == Alert("announcement", area="kitchen", message="dinner")


async def test_timers_of_a_homes_file_run() -> None:
    given: list[dict[str, object]] = [
        {"start_minutes": 5, "total_seconds_left": 200},
        {"start_hours": 1, "is_active": False, "name": "cake"},
    ]
    async with Household(timers=given, wall=Wall()) as home:
        states = [home.states[e.id] for e in home.home.entities if e.domain == "timer"]
        assert [(state.value, round(home.left(state))) for state in states] == [("active", 200), ("paused", 3600)]
