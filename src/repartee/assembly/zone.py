"""The zone of the home's clocks. By its name seven o'clock stays seven, whatever summer time does."""

from __future__ import annotations

import logging
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal import reload_localzone

log = logging.getLogger(__name__)


def known_zone(name: str) -> str:
    """The IANA name as it is. Raises `ValueError` for one that this machine has no rules for."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no time zone of this name is known here; it is one like Europe/Berlin") from error
    return name


def zone_of(name: str | None) -> tzinfo | None:
    """`name`: as settings have it; None: the machine's. None comes back where the machine's has no name."""
    if name:
        return ZoneInfo(name)
    try:
        zone = reload_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        log.warning("this machine's time zone has no name (%s): set `time_zone` in [home]", error)
        return None
    return zone if getattr(zone, "key", None) else None
