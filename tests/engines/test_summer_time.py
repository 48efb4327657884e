"""Seven o'clock is seven on the wall, whatever the clocks do in between: over a year, in zones that change and not."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repartee.core.wall import later, on_the_wall, unix
from repartee.engines.home.household import Household, next_time
from tests import virtual_time
from tests.engines.test_household import Paper, call, heard

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "America/Santiago",  # changes at midnight
    "Africa/Casablanca",  # Ramadan
    "Asia/Kolkata",
    "Pacific/Apia",
    "UTC",
)
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
}
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))


def exists(at: datetime, zone: ZoneInfo) -> bool:
    return on_the_wall(unix(at, zone), zone) == at


def rings(zone: ZoneInfo, set_at: float, **data: object) -> datetime:
    """What the clock on the wall shows when an alarm that is set at this Unix time rings, a restart in between."""

    async def ring() -> datetime:
        paper = Paper()

        def wall() -> float:
            return asyncio.get_running_loop().time() + set_at

        async with Household(paper, wall=wall, zone=zone) as home:
            effect = await call(home, "alarm.set", **data)
            assert effect.confirmed, effect.error
            await asyncio.sleep(3600)
        async with Household(paper, wall=wall) as home:  # by the zone it was set in, wherever we are now
            await heard(home)
            return on_the_wall(wall(), zone).replace(microsecond=0)

    return virtual_time.run(ring())


@given(zones, days, clocks, st.floats(2, 30))
@settings(max_examples=60)
@example(ZoneInfo("Europe/Berlin"), date(2026, 3, 29), time(7), 12)
@example(ZoneInfo("Europe/Berlin"), date(2026, 10, 25), time(7), 12)
@example(ZoneInfo("America/New_York"), date(2026, 11, 1), time(7), 11)
@example(ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5), time(7), 11)
def test_an_alarm_rings_at_its_time_on_the_wall(zone: ZoneInfo, day: date, clock: time, hours: float) -> None:
    at = datetime.combine(day, clock)
    rang = rings(zone, unix(at, zone) - hours * 3600, at=at.isoformat())
    expected = at if exists(at, zone) else on_the_wall(unix(at, zone), zone)
    assert timedelta(0) <= rang - expected <= timedelta(seconds=1)


@given(zones, days, clocks)
@settings(max_examples=30)
def test_one_with_an_offset_is_kept_on_the_wall_too(zone: ZoneInfo, day: date, clock: time) -> None:
    at = datetime.combine(day, clock)
    rang = rings(zone, unix(at, zone) - 9 * 3600, at=at.replace(tzinfo=zone).isoformat())
    assert timedelta(0) <= rang - on_the_wall(unix(at, zone), zone) <= timedelta(seconds=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", [time(7), time(2, 30), time(0, 0), time(23, 59)])
def test_a_daily_alarm_rings_once_a_day_for_a_year_at_the_same_time(zone: str, clock: time) -> None:
    where, at = ZoneInfo(zone), datetime.combine(date(2026, 1, 1), clock)
    now, rang = unix(at, where), [at]
    for _ in range(365):
        soon = next_time(rang[-1], "daily", now + 0.5, where)
        assert soon is not None
        rang.append(soon)
        now = unix(soon, where)
    assert [when.date() for when in rang] == [date(2026, 1, 1) + timedelta(days=day) for day in range(366)]
    assert {when.time() for when in rang} == {clock}


@given(zones, days, clocks, st.floats(60, 100_000))
def test_three_hours_from_now_are_three_hours(zone: ZoneInfo, day: date, clock: time, seconds: float) -> None:
    now = datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)
    assert later(now, seconds).timestamp() - now.timestamp() == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize(("zone", "change"), [(z, day) for z, days in CHANGES.items() for day in days])
def test_the_hour_that_comes_twice_or_never_rings_once(zone: str, change: date) -> None:
    where, at = ZoneInfo(zone), datetime.combine(change, time(2, 30))
    soon = next_time(at - timedelta(days=1), "daily", unix(at - timedelta(days=1), where) + 1, where)
    assert soon == at
    assert next_time(at, "daily", unix(at, where) + 0.5, where) == at + timedelta(days=1)
