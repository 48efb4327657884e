"""A log that the same fault can't flood: so many lines of one kind a minute, the rest is counted."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from .clock import Time

AT_ONCE = 5
"""Lines of one kind that are written one after the other."""
EVERY = 60.0
"""Seconds after which as many may be written again."""
KINDS = 1000
"""Kinds that are remembered."""


class PerKind(logging.Filter):
    """Of one kind are lines with the same logger, level, wording (before its arguments) and type of error."""

    def __init__(self, time: Time = time.monotonic) -> None:
        super().__init__()
        self._time = time
        self._seen: OrderedDict[tuple[object, ...], tuple[float, int]] = OrderedDict()
        """Kind to when its minute began, and how many lines came since."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, record.levelno, str(record.msg)[:100], record.exc_info and record.exc_info[0])
        now = self._time()
        began, lines = self._seen.pop(kind, (now, 0))
        if now - began >= EVERY:
            if lines > AT_ONCE:
                record.msg, record.args = f"{record.getMessage()} ({lines - AT_ONCE} more like it were left out)", ()
            began, lines = now, 0
        self._seen[kind] = (began, lines + 1)
        if len(self._seen) > KINDS:
            self._seen.popitem(last=False)
        return lines < AT_ONCE
