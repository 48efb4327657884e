"""One stream of what happens: every subscriber has its own pick and its own pace, and publishing never waits."""

from __future__ import annotations

from repartee.core.feed import Feed, Happening, HomeChanged, HouseholdChanged
from repartee.core.turn import Started

LAMP, HOME = Happening(HomeChanged("light.lamp")), Happening(HouseholdChanged())
MINE = Happening(Started("a turn"), "me")


async def test_each_subscriber_gets_what_it_picks() -> None:
    feed = Feed()
    everything = feed.subscribe(lambda happening: happening)
    devices = feed.subscribe(lambda h: h.what.entity if isinstance(h.what, HomeChanged) else None)
    for happening in (LAMP, MINE, HOME):
        feed.publish(happening)
    for channel in (everything, devices):
        channel.close()
    assert [happening async for happening in everything] == [LAMP, MINE, HOME]
    assert [entity async for entity in devices] == ["light.lamp"]


async def test_what_was_before_is_not_told_and_who_has_left_gets_nothing() -> None:
    feed = Feed()
    feed.publish(LAMP)
    late = feed.subscribe(lambda happening: happening)
    late.close()
    feed.publish(HOME)
    assert [happening async for happening in late] == []


def test_a_slow_subscriber_loses_the_oldest_and_no_other_does() -> None:
    feed = Feed(capacity=100)
    slow, quick = feed.subscribe(lambda h: h, capacity=2), feed.subscribe(lambda h: h)
    for _ in range(5):
        feed.publish(LAMP)
    assert (len(slow), slow.dropped) == (2, 3)
    assert (len(quick), quick.dropped) == (5, 0)
