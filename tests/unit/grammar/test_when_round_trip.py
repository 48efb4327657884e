"""What we say of a time is read back as the same, in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from repartee.core.schedule import DAYTIME, hours_of
from repartee.core.when import EVERY_DAY, WEEKDAYS, WEEKEND, Moment, Repeat, When
from repartee.grammar.text import words
from repartee.grammar.when import timing_of
from repartee.languages.when_text import told_when

LANGUAGES = ("en", "de", "fr", "es", "nl")
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def clocks() -> some.SearchStrategy[Moment]:
    def moment(hour: int, minute: int, known: bool) -> Moment:
        if not known and 1 <= hour <= 12:
            return Moment(hour, minute)
        return Moment(hour, minute, "am" if 0 < hour < 12 else "pm" if hour == 12 else "")

    return some.builds(moment, some.integers(0, 23), some.integers(0, 59), some.booleans())


def lengths(least: int = 1) -> some.SearchStrategy[float]:
    return some.integers(least, 5 * 86400).map(float)


def days() -> some.SearchStrategy[dict[str, int]]:
    return some.one_of(
        some.just({}),
        some.integers(0, 9).map(lambda n: {"in_days": n}),
        some.integers(0, 6).map(lambda n: {"weekday": n}),
        some.integers(1, 12).flatmap(
            lambda month: some.integers(1, MONTH_DAYS[month - 1]).map(lambda day: {"month": month, "day": day})
        ),
    )


def moments() -> some.SearchStrategy[Moment]:
    suns = some.builds(
        lambda sun, minutes: Moment(sun=sun, offset=60.0 * minutes),
        some.sampled_from(("sunset", "sunrise")),
        some.integers(-90, 90),
    )
    return some.one_of(some.builds(lambda at, day: replace(at, **day), clocks(), days()), suns)


def repeats() -> some.SearchStrategy[Repeat]:
    one_day = some.integers(0, 6).map(lambda day: (day,))
    return some.one_of(one_day, some.sampled_from((EVERY_DAY, WEEKDAYS, WEEKEND))).map(Repeat)


def whens() -> some.SearchStrategy[When]:
    return some.one_of(
        lengths().map(lambda n: When(after=n)),
        lengths().map(lambda n: When(lasting=n)),
        lengths(60).map(lambda n: When(repeat=Repeat(every=n))),
        moments().map(lambda at: When(at=at)),
        moments().filter(lambda at: not at.offset).map(lambda at: When(until=at)),
        some.builds(lambda at, repeat: When(at=at, repeat=repeat), clocks(), repeats()),
        some.builds(lambda at, length: When(at=at, lasting=length), clocks(), lengths()),
    )


def same(when: When) -> object:
    """With "eight pm" and "20:00" alike."""

    def plain(moment: Moment | None) -> object:
        if moment is None or moment.hour is None:
            return moment
        return hours_of(moment, DAYTIME if moment.has_day else None), replace(moment, hour=None, half="", part="")

    return replace(when, at=None, until=None), plain(when.at), plain(when.until)


@pytest.mark.parametrize("language", LANGUAGES)
@given(when=whens())
def test_what_is_told_is_read_back(language: str, when: When) -> None:
    said = words(told_when(language, when))
    timing = timing_of(said, language)
    assert timing is not None, said
    assert timing.rest(said) == [], said
    assert same(timing.when) == same(when), said
