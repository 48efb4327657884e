"""When a time that was said comes due: halves of the day, days, parts of a day, the sun, and summer time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from repartee.core.schedule import NoSun, NoTime, PastTime, end_of, next_due
from repartee.core.when import EVERY_DAY, WEEKDAYS, Moment, Repeat, When

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=BERLIN)
"""A Wednesday."""


def due(when: When, now: datetime = NOON) -> str:
    return next_due(when, now).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When(after=90), "Wed 04 12:01"),
        (When(at=Moment(10)), "Wed 04 22:00"),
        (When(at=Moment(1, 30)), "Wed 04 13:30"),
        (When(at=Moment(11, 59, "am")), "Thu 05 11:59"),
        (When(at=Moment(12)), "Thu 05 00:00"),
        (When(at=Moment(12, half="pm")), "Thu 05 12:00"),
        (When(at=Moment(0)), "Thu 05 00:00"),
        (When(at=Moment(0, part="tonight", in_days=0)), "Thu 05 00:00"),
        (When(at=Moment(7, in_days=1)), "Thu 05 07:00"),
        (When(at=Moment(2, in_days=1)), "Thu 05 14:00"),
        (When(at=Moment(2, part="night")), "Thu 05 02:00"),
        (When(at=Moment(8, part="tonight", in_days=0)), "Wed 04 20:00"),
        (When(at=Moment(part="tonight", in_days=0)), "Wed 04 20:00"),
        (When(at=Moment(part="morning", in_days=1)), "Thu 05 08:00"),
        (When(at=Moment(part="morning")), "Thu 05 08:00"),
        (When(at=Moment(10, weekday=2)), "Wed 11 10:00"),
        (When(at=Moment(10, weekday=4)), "Fri 06 10:00"),
        (When(at=Moment(9, month=2, day=3)), "Wed 03 09:00"),
        (When(at=Moment(7), repeat=Repeat(WEEKDAYS)), "Thu 05 07:00"),
        (When(at=Moment(11, part="night"), repeat=Repeat(EVERY_DAY)), "Wed 04 23:00"),
        (When(repeat=Repeat(every=3600)), "Wed 04 13:00"),
    ],
)
def test_the_next_time_that_fits(when: When, expected: str) -> None:
    assert due(when) == expected


def test_what_is_over_or_has_no_time_is_told_so() -> None:
    with pytest.raises(PastTime):
        next_due(When(at=Moment(9, half="am", in_days=0)), NOON)
    with pytest.raises(NoTime):
        next_due(When(at=Moment(in_days=1)), NOON)
    with pytest.raises(NoSun):
        next_due(When(at=Moment(sun="sunset")), NOON)


def test_the_sun_is_asked_for_the_day() -> None:
    def sun(day: date, event: str) -> datetime:
        return datetime(day.year, day.month, day.day, 6 if event == "sunrise" else 18, 11, tzinfo=BERLIN)

    assert next_due(When(at=Moment(sun="sunset", offset=-1200)), NOON, sun).strftime("%d %H:%M") == "04 17:51"
    assert next_due(When(at=Moment(sun="sunrise")), NOON, sun).strftime("%d %H:%M") == "05 06:11"


def test_a_place_where_the_sun_does_not_set() -> None:
    with pytest.raises(NoSun):
        next_due(When(at=Moment(sun="sunset")), NOON, lambda _day, _event: None)


def test_what_is_taken_back() -> None:
    assert end_of(When(lasting=600), NOON) == NOON + timedelta(minutes=10)
    end = end_of(When(until=Moment(8)), NOON)
    assert end is not None
    assert end.strftime("%d %H:%M") == "04 20:00"
    assert end_of(When(at=Moment(8)), NOON) is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@given(start=some.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), hour=some.integers(13, 23))
def test_wall_time_stays_wall_time_all_year(zone: str, start: datetime, hour: int) -> None:
    now = start.replace(tzinfo=ZoneInfo(zone))
    at = next_due(When(at=Moment(hour, in_days=1)), now)
    assert (at.date() - now.date(), at.hour, at.minute) == (timedelta(days=1), hour, 0)


def test_an_hour_that_the_clocks_skip_comes_as_much_later() -> None:
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN)
    assert next_due(When(at=Moment(2, 30, part="night")), evening).strftime("%d %H:%M") == "29 03:30"


def test_a_while_is_as_long_as_it_is_when_the_clocks_change() -> None:
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=BERLIN)
    assert next_due(When(after=12 * 3600), evening).strftime("%d %H:%M") == "25 07:00"
