"""Answers that are no answers: another city's time, another day, another place's weather, sums of three."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.assembly.skills.cities import zone_of, zones
from repartee.assembly.skills.sums import OPERATIONS, evaluated
from tests.talking import talk

pytestmark = pytest.mark.real_time
SAID = {
    "en": ["what time is it in Tokyo", "what time is it in Smallville", "what day is it tomorrow",
           "what's the weather in Paris", "what is 12 plus 30 minus 4"],
    "de": ["wie spät ist es in Tokio", "wie spät ist es in Kleinkleckersdorf", "welcher Tag ist morgen",
           "wie ist das Wetter in Paris", "was ist 12 plus 30 minus 4"],
    "fr": ["quelle heure est-il à Tokyo", "quelle heure est-il à Trifouilly", "quel jour sommes-nous demain",
           "quel temps fait-il à Paris", "combien font 12 plus 30 moins 4"],
    "es": ["qué hora es en Tokio", "qué hora es en Villarriba", "qué día es mañana",
           "qué tiempo hace en París", "cuánto es 12 más 30 menos 4"],
    "nl": ["hoe laat is het in Tokio", "hoe laat is het in Lutjebroek", "welke dag is het morgen",
           "hoe is het weer in Parijs", "hoeveel is 12 plus 30 min 4"],
}  # fmt: skip


@pytest.mark.parametrize("language", SAID)
async def test_right_or_an_honest_no(language: str) -> None:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    async with talk(language=language) as say:
        tokyo, nowhere, tomorrow, paris, total = [await say(text) for text in SAID[language]]
    there = datetime.now(ZoneInfo("Asia/Tokyo"))
    assert tokyo[:5] in {f"{there - timedelta(minutes=m):%H:%M}" for m in (0, 1)}
    assert not re.search(r"\d", nowhere), nowhere
    assert str((datetime.now() + timedelta(days=1)).day) in tomorrow
    assert not re.search(r"\d", paris), paris
    assert total == "38"


def test_every_zone_of_the_table_is_known() -> None:
    assert [name for name in zones() if zone_of(name) is None] == []


@given(st.text(max_size=30))
def test_any_text_may_be_a_city(text: str) -> None:
    zone_of(text)


@given(
    st.lists(st.integers(1, 50), min_size=2, max_size=4),
    st.lists(st.sampled_from(["plus", "minus", "times"]), min_size=3, max_size=3),
)
def test_sums_are_those_of_python(numbers: list[int], signs: list[str]) -> None:
    used = signs[: len(numbers) - 1]
    symbols = {"plus": "+", "minus": "-", "times": "*"}
    text = str(numbers[0]) + "".join(f" {symbols[s]} {n}" for s, n in zip(used, numbers[1:], strict=True))
    assert evaluated(numbers, used) == eval(text)  # noqa: S307  # our own numbers and signs
    assert set(used) <= OPERATIONS.keys()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "mets le chauffage sur vingt et un degrés et demi"),
        ("fr", "mets un minuteur spécial"),
        ("es", "pon un temporizador de hora y media"),
    ],
)
async def test_a_timer_is_no_music(language: str, text: str) -> None:
    async with talk(area="Living Room", language=language) as say:
        await say(text)
        assert say.record is not None
        assert [effect for effect in say.record.effects if effect.service.startswith("media_player.")] == []


async def test_help_is_about_this_home() -> None:
    async with talk() as say:
        names = [name for entity in say.assistant.backend.home.entities for name in entity.names]
        reply = await say("what can you do")
        assert any(name in reply for name in names), reply
