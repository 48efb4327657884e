"""The whole assistant in a home in which nothing has happened, at a moment of our choosing."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, tzinfo
from unittest import mock

from repartee.assembly.assistant import Assistant
from repartee.assembly.homes import of_file
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Settings
from repartee.core.home_file import HomeFile
from repartee.core.plan import Effect
from repartee.core.turn import TurnRecord
from repartee.engines.home.household import DOMAINS, Household

NIGHT = "2026-11-25T03:00:00"
"""A night, so that "twenty past six" is the next one."""


@asynccontextmanager
async def typed_assistant() -> AsyncIterator[Assistant]:
    """Without ears, voice and disk."""
    settings = Settings.model_validate({"brain": {"stt": "fake", "tts": "fake"}, "system": {"data": "-"}})
    async with open_assistant(settings) as assistant:
        yield assistant


@asynccontextmanager
async def fresh_home(assistant: Assistant, file: HomeFile) -> AsyncIterator[Assistant]:
    """The assistant in a home in which nothing has happened; the file's own states stay as they are."""
    file = replace(file, states=deepcopy(file.states))
    async with Household(None, file.timers, time.time) as household:
        yield replace(assistant, backend=of_file(file).backend, household=household, alerts=None)


@contextmanager
def wall_clock(zone: str | None = None, now: str | None = None) -> Iterator[None]:
    """The place and moment on the wall; else a night in UTC."""
    kept = os.environ.get("TZ")
    os.environ["TZ"] = zone or "UTC"
    time.tzset()
    moment = datetime.fromisoformat(now or NIGHT).astimezone()

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Then:
            return cls.fromtimestamp(moment.timestamp(), tz)

    try:
        with (
            mock.patch("repartee.stages.act.datetime", Then),
            mock.patch("time.time", return_value=moment.timestamp()),
        ):
            yield
    finally:
        os.environ.pop("TZ")
        if kept is not None:
            os.environ["TZ"] = kept
        time.tzset()


def in_the_home(record: TurnRecord) -> list[Effect]:
    """What was done to devices: not to timers, orders and lists."""
    return [e for e in record.effects if e.service.partition(".")[0] not in DOMAINS and "todo" not in e.service]
