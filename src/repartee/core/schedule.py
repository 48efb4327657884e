"""When something that was said comes due: the next time on the wall that fits.

Wall times are reckoned in the zone of `now`; seven stays seven when summer time comes. An hour that may be of either
half of the day is the next one; where a day was said, 1 to 5 is the afternoon, 6 to 12 is as it was said. A part of a
day without an hour has usual ones, of which the next counts. People are woken in the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from .wall import unix
from .when import Moment, Repeat, When

SunTime = Callable[[date, str], datetime | None]
"""When the sun does it (`sunrise`, `sunset`) on a day; None where it does not, or nobody knows."""
USUAL = {
    "morning": ("08:00", "11:00"),
    "afternoon": ("15:00", "17:00"),
    "evening": ("19:00", "21:00", "22:30"),
    "night": ("22:00", "23:30"),
    "tonight": ("20:00", "22:00", "23:30"),
}
"""What a part of the day means without an hour; the later ones where the first is over."""
LOOK_AHEAD = 370
"""Days."""
DAYTIME, WAKING, ANY = 6, 4, 1
"""First hour that is taken for the morning: where a day was said; for who wants to be woken; and where both are so."""


class NoSun(ValueError):
    """Nobody knows when the sun rises or sets here."""


class NoTime(ValueError):
    """A day was said, and no time."""


class PastTime(ValueError):
    """It is over already."""


def next_due(when: When, now: datetime, sun: SunTime | None = None, waking: bool = False) -> datetime:
    """The next time at which the deed is to be done; `waking`: somebody wants to be woken.

    Raises `NoSun`, `NoTime` or `PastTime`.
    """
    wait = when.after or (when.repeat.every if when.repeat else 0.0)
    if wait:
        return seconds_on(now, wait)
    return next_moment(when.at or Moment(), now, sun, when.repeat, waking)


def end_of(when: When, begin: datetime, sun: SunTime | None = None) -> datetime | None:
    """When what began then is taken back; None: never."""
    if when.lasting:
        return seconds_on(begin, when.lasting)
    return next_moment(when.until, begin, sun) if when.until else None


def next_moment(
    moment: Moment, now: datetime, sun: SunTime | None = None, repeat: Repeat | None = None, waking: bool = False
) -> datetime:
    """The next time after `now` that fits. Raises `NoSun`, `NoTime` or `PastTime`."""
    if not moment.has_time:
        raise NoTime
    if moment.sun and sun is None:
        raise NoSun
    on_a_day = moment.has_day or repeat is not None
    first = (ANY if on_a_day else WAKING) if waking else DAYTIME if on_a_day else None
    times = (at for day in _days(moment, now.date(), repeat) for at in _times(moment, day, now, sun, first))
    soonest = next((at for at in times if at.timestamp() > now.timestamp()), None)
    if soonest is None:
        raise NoSun if moment.sun and sun and sun(now.date(), moment.sun) is None else PastTime
    return soonest


def seconds_on(now: datetime, seconds: float) -> datetime:
    """So many seconds later, whatever the clock on the wall does meanwhile."""
    return _shown(now.timestamp() + seconds, _zone(now))


def on_day(day: date, at: time, now: datetime) -> datetime:
    """That time of that day, where `now` is."""
    zone = _zone(now)
    return _shown(unix(datetime.combine(day, at), zone), zone)


def _zone(now: datetime) -> tzinfo | None:
    """None is the machine's own, of which `astimezone` tells only how far it is from UTC now."""
    return None if isinstance(now.tzinfo, timezone) and now.tzinfo is not UTC else now.tzinfo


def _shown(at: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, zone) if zone else datetime.fromtimestamp(at).astimezone()


def _days(moment: Moment, today: date, repeat: Repeat | None) -> Iterator[date]:
    days: Iterable[date] = (today + timedelta(days=n) for n in range(LOOK_AHEAD))
    if moment.in_days is not None:
        days = (today + timedelta(days=moment.in_days),)
    for day in days:
        if moment.weekday not in (None, day.weekday()) or (repeat and day.weekday() not in repeat.days):
            continue
        if moment.day in (None, day.day) and moment.month in (None, day.month):
            yield day


def _times(moment: Moment, day: date, now: datetime, sun: SunTime | None, daytime: int | None) -> Iterator[datetime]:
    """Those of one day that may be meant, in order."""
    if moment.sun:
        event = sun(day, moment.sun) if sun else None
        if event is not None:
            yield _shown(event.timestamp() + moment.offset, _zone(now))
        return
    if moment.hour is None:
        yield from (on_day(day, time.fromisoformat(usual), now) for usual in USUAL[moment.part])
        return
    for hour in hours_of(moment, daytime):
        yield on_day(day + timedelta(days=hour // 24), time(hour % 24, moment.minute), now)


def hours_of(moment: Moment, daytime: int | None = None) -> Sequence[int]:
    """The hours of a day that may be meant; 24 is the midnight that ends it. `daytime`: of an hour that may be of
    either half, the first that is taken for the morning; None: both halves may be meant."""
    assert moment.hour is not None
    hour = moment.hour
    if not 1 <= hour <= 12:
        return (hour if hour or moment.part not in ("night", "tonight", "evening") else 24,)
    half = moment.half or _half_of(moment.part, hour)
    if half:
        ends_day = hour == 12 and moment.part in ("night", "tonight", "evening") and half == "am"
        return (24,) if ends_day else (hour % 12 + (12 if half == "pm" else 0),)
    if daytime is not None:
        return (hour + 12,) if hour < daytime else (hour,)
    return (hour % 12, hour % 12 + 12)


def _half_of(part: str, hour: int) -> str:
    """The half of the day that a part of it says: eleven at night is pm, two at night is am."""
    if part == "morning":
        return "pm" if hour == 12 else "am"
    if part in ("night", "tonight"):
        return "am" if hour == 12 or hour < DAYTIME else "pm"
    if part == "evening":
        return "am" if hour == 12 else "pm"
    return "pm" if part else ""
