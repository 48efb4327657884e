"""What is said in the evening rings in the morning at the time that was said: over a year of zones, to the ear."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repartee.assembly.settings import read_settings
from repartee.assembly.skills import load_skills
from repartee.assembly.zone import zone_of
from repartee.core.errors import BadSettings
from repartee.core.intent import Context, Reading
from repartee.core.wall import on_the_wall, unix
from repartee.engines.home.demo import DemoHome, demo_home
from repartee.engines.home.household import DOMAINS, Household
from repartee.grammar.compiled import CompiledHome, compile_home
from repartee.languages.data import sentences
from repartee.stages.act import Backends, act
from repartee.stages.understand.planning import decide, plan
from tests import virtual_time

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC")
SAID = {
    "set an alarm for 7 am tomorrow": time(7),
    "wake me up at 6 30 am tomorrow": time(6, 30),
    "remind me to water the plants tomorrow at 9 am": time(9),
}


@lru_cache
def grammar() -> CompiledHome:
    return compile_home(demo_home().home, "en", sentences("en"))


@lru_cache
def reading(text: str) -> Reading:
    found = decide(grammar().parse(text, Context(area="kitchen")))
    assert found is not None, text
    return found


def rings(text: str, zone: ZoneInfo, evening: datetime) -> datetime:
    """What the clock on the wall shows when it rings."""

    async def ring() -> datetime:
        began = unix(evening, zone)

        def wall() -> float:
            return asyncio.get_running_loop().time() + began

        async with Household(wall=wall, zone=zone) as household:
            backends = Backends(DemoHome(demo_home()), dict.fromkeys(DOMAINS, household), zone=zone)
            situation = backends.situation(now=datetime.fromtimestamp(wall(), zone))
            (outcome,) = await act(plan(reading(text), load_skills(), situation), backends)
            assert outcome.done, outcome.effects
            await anext(household.alerts())
            return on_the_wall(wall(), zone).replace(microsecond=0)

    return virtual_time.run(ring())


@given(
    st.sampled_from(list(SAID)), st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2026, 12, 30)),
    st.times(time(17), time(23, 50)),
)  # fmt: skip
@settings(max_examples=40)
@example("set an alarm for 7 am tomorrow", "America/New_York", date(2026, 10, 31), time(20))
@example("set an alarm for 7 am tomorrow", "America/New_York", date(2026, 3, 7), time(20))
@example("set an alarm for 7 am tomorrow", "Europe/Berlin", date(2026, 3, 28), time(21))
@example("remind me to water the plants tomorrow at 9 am", "Europe/Berlin", date(2026, 10, 24), time(21))
@example("wake me up at 6 30 am tomorrow", "Australia/Lord_Howe", date(2026, 4, 4), time(22))
def test_what_is_said_in_the_evening_rings_at_its_time(text: str, zone: str, day: date, evening: time) -> None:
    rang = rings(text, ZoneInfo(zone), datetime.combine(day, evening.replace(second=0, microsecond=0, fold=0)))
    wanted = datetime.combine(day + timedelta(days=1), SAID[text])
    assert timedelta(0) <= rang - wanted <= timedelta(seconds=1)


def test_the_zone_is_the_homes_or_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert zone_of("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    monkeypatch.setenv("TZ", "Australia/Lord_Howe")
    assert zone_of(None) == ZoneInfo("Australia/Lord_Howe")
    monkeypatch.setenv("REPARTEE_HOME__TIME_ZONE", "Asia/Kolkata")
    assert read_settings().home.time_zone == "Asia/Kolkata"


@pytest.mark.parametrize("wrong", ["Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "7"])
def test_a_zone_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("REPARTEE_HOME__TIME_ZONE", wrong)
    with pytest.raises(BadSettings, match=r"home\.time_zone.*Europe/Berlin"):
        read_settings()
