"""Times in people's words: clock times, days, repetitions, whiles, the sun; and what is no time."""

from __future__ import annotations

import pytest

from repartee.core.when import EVERY_DAY, WEEKDAYS, Moment, Repeat, When, when_as_json, when_from_json
from repartee.grammar.text import words
from repartee.grammar.when import time_spans, timing_of

ENGLISH = [
    ("turn on the oven at ten", When(at=Moment(10))),
    ("turn on the oven at half past six", When(at=Moment(6, 30))),
    ("turn on the oven at ten past seven", When(at=Moment(7, 10))),
    ("turn on the oven at five to eight", When(at=Moment(7, 55))),
    ("turn on the oven at quarter to one", When(at=Moment(12, 45))),
    ("turn on the oven at seven thirty", When(at=Moment(7, 30))),
    ("turn on the oven at 730", When(at=Moment(7, 30))),
    ("turn on the oven at noon", When(at=Moment(12, half="pm"))),
    ("turn on the oven at midnight", When(at=Moment(0))),
    ("turn on the oven at 6 p.m.", When(at=Moment(6, half="pm"))),
    ("turn on the oven tonight", When(at=Moment(part="tonight", in_days=0))),
    ("tomorrow turn on the oven at seven", When(at=Moment(7, in_days=1))),
    ("turn on the oven tomorrow morning", When(at=Moment(part="morning", in_days=1))),
    ("turn on the oven on friday", When(at=Moment(weekday=4))),
    ("turn on the oven every weekday at seven", When(at=Moment(7), repeat=Repeat(WEEKDAYS))),
    ("turn on the oven every night at eleven", When(at=Moment(11, part="night"), repeat=Repeat(EVERY_DAY))),
    ("turn on the oven every hour", When(repeat=Repeat(every=3600.0))),
    ("turn on the oven in half an hour", When(after=1800.0)),
    ("turn on the oven in three quarters of an hour", When(after=2700.0)),
    ("turn on the oven for an hour and a half", When(lasting=5400.0)),
    ("turn on the oven for 1h30", When(lasting=5400.0)),
    ("turn on the oven for 90 minutes", When(lasting=5400.0)),
    ("turn on the oven for 1 hour 20 minutes and 5 seconds", When(lasting=4805.0)),
    ("turn on the oven until eight", When(until=Moment(8))),
    ("turn on the oven at sunset", When(at=Moment(sun="sunset"))),
    ("turn on the oven 20 minutes before sunset", When(at=Moment(sun="sunset", offset=-1200.0))),
    ("turn on the oven at ten for ten minutes", When(at=Moment(10), lasting=600.0)),
    ("turn on the oven later", When(vague="vague")),
    ("turn on the oven every other day", When(vague="vague")),
]


@pytest.mark.parametrize(("sentence", "when"), ENGLISH)
def test_a_time_is_read_whole_and_leaves_the_deed(sentence: str, when: When) -> None:
    said = words(sentence)
    timing = timing_of(said, "en")
    assert timing is not None
    assert timing.when == when
    assert timing.rest(said) == ["turn", "on", "the", "oven"]


@pytest.mark.parametrize(
    "sentence",
    [
        "turn on light 1",
        "set the light to red at 50 percent",
        "turn it to 51 percent",
        "at 25 turn it on",
        "",
        "every second",
    ],
)
def test_what_is_no_time_is_none(sentence: str) -> None:
    assert timing_of(words(sentence), "en") is None


def test_two_times_that_contradict_are_none() -> None:
    assert timing_of(words("at seven turn it on at eight"), "en") is None


def test_spans_come_longest_first() -> None:
    spans = time_spans(words("turn it on at ten past seven tomorrow"), "en")
    assert (spans[0].start, spans[0].stop) == (3, 8)
    assert [span.stop - span.start for span in spans] == sorted((s.stop - s.start for s in spans), reverse=True)


@pytest.mark.parametrize("when", [when for _, when in ENGLISH])
def test_a_time_is_kept_as_json(when: When) -> None:
    assert when_from_json(when_as_json(when)) == when
