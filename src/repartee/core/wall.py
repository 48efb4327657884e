"""Times on the wall: what people mean by seven o'clock, whatever summer time does to the seconds between.

A zone of None is the machine's own, by the rules of its C library.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def unix(at: datetime, zone: tzinfo | None) -> float:
    """Unix seconds of a time on the wall (without a zone of its own).

    What the clocks pass over in spring comes as late as if they had not; of an hour that comes twice `at.fold` tells
    which, the first where nothing was said (PEP 495).
    """
    return at.replace(tzinfo=zone).timestamp()


def on_the_wall(at: float, zone: tzinfo | None) -> datetime:
    """What the clock shows at these Unix seconds."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)


def later(now: datetime, seconds: float) -> datetime:
    """After so many real seconds, in the zone of `now`. Adding a `timedelta` to it would turn the hands instead."""
    return (now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(now.tzinfo)
