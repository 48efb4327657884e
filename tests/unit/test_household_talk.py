"""What people say to a house beside commands: again, a bit more, undo twice, warmer, pause without a name."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from repartee.engines.home.demo import on_dates
from tests.talking import talk

pytestmark = pytest.mark.real_time
AGAIN = {
    "en": ("do it again", "a bit more", "a little less", "undo"),
    "de": ("mach das noch einmal", "etwas mehr", "etwas weniger", "mach das rückgängig"),
    "fr": ("refais ça", "un peu plus", "un peu moins", "annule ça"),
    "es": ("hazlo otra vez", "un poco más", "un poco menos", "deshaz"),
    "nl": ("doe dat nog eens", "een beetje meer", "een beetje minder", "maak dat ongedaan"),
}
LIGHT = "light.kitchen_ceiling_light"


@pytest.mark.parametrize("language", AGAIN)
async def test_again_more_less_and_undo_as_often_as_something_was_done(language: str) -> None:
    again, more, less, undo = AGAIN[language]
    async with talk(language="en") as english:
        service, data = "light.turn_on", {"brightness_step_pct": -10}
        await english("dim the kitchen ceiling light")
        first = english.state(LIGHT).attributes["brightness"]
        other = english.assistant.session(english.session._sink, "Kitchen", language)
        other.conversation = english.session.conversation
        english.session = other
        await english(again)
        assert english.calls == [(service, LIGHT)], data
        second = english.state(LIGHT).attributes["brightness"]
        await english(more)
        third = english.state(LIGHT).attributes["brightness"]
        await english(less)
        assert first > second > third
        assert english.state(LIGHT).attributes["brightness"] == second
        for brightness in (third, second, first, 180):
            await english(undo)
            assert english.state(LIGHT).attributes["brightness"] == brightness
        await english(undo)
        assert english.calls == []  # all is as it was; nothing else is undone


async def test_more_goes_on_in_the_direction_of_the_last_deed() -> None:
    async with talk("Living Room") as say:
        await say("set the thermostat to 22 degrees")
        await say("more")
        assert say.state("climate.thermostat").attributes["temperature"] == 23
        await say("set the living room blinds to 50 percent")
        await say("a bit more")
        assert say.state("cover.living_room_blinds").attributes["current_position"] == 30
        await say("a bit less")
        assert say.state("cover.living_room_blinds").attributes["current_position"] == 50


async def test_nothing_was_done_yet() -> None:
    async with talk() as say:
        assert await say("do it again") == "I have not done anything yet"
        await say("a bit more")
        assert say.calls == []


async def test_warmer_here_or_asks_where() -> None:
    async with talk("Bedroom") as say:
        assert await say("make it warmer") == "Set to 19 degrees"
    async with talk("Kitchen") as say:
        assert "Which one" in await say("make it warmer")
        await say("the first one")
        assert say.calls == [("climate.set_temperature", "climate.thermostat")]


async def test_pause_is_about_what_plays_wherever_it_is() -> None:
    async with talk("Kitchen") as say:  # where a speaker is paused, while the television plays in the living room
        await say("pause")
        assert say.calls == [("media_player.media_pause", "media_player.tv")]


async def test_toggle_and_stop() -> None:
    async with talk() as say:
        assert await say("toggle the counter light") == "On"
        assert await say("toggle the counter light") == "Off"
        await say("stop the living room blinds")
        assert say.calls == [("cover.stop_cover", "cover.living_room_blinds")]


async def test_the_demo_home_has_a_forecast_and_a_calendar() -> None:
    async with talk() as say:
        assert (await say("will it rain tomorrow")).startswith("Yes, rain")
        assert "Dentist at 09:00" in await say("what's on my calendar tomorrow")
        assert await say("which batteries are low") == "Smoke Detector Battery"


def test_days_are_counted_from_today() -> None:
    now = datetime(2026, 12, 31, 23, 59).astimezone()
    rows = on_dates([{"in_days": 1, "condition": "sunny"}, {"in_days": 0, "at": "18:00", "summary": "Tea"}], now)
    assert rows[0]["datetime"].startswith("2027-01-01")
    assert rows[1]["start"].startswith("2026-12-31T18:00")
    assert on_dates([{"datetime": "2026-01-01"}], now + timedelta(days=1)) == [{"datetime": "2026-01-01"}]


REMIND = {
    "en": ("remind me to feed the cat", "tomorrow at seven", "feed the cat"),
    "de": ("erinnere mich daran die Katze zu füttern", "morgen um sieben", "die Katze zu füttern"),
    "fr": ("rappelle-moi de nourrir le chat", "demain à sept heures", "nourrir le chat"),
    "es": ("recuérdame dar de comer al gato", "mañana a las siete", "dar de comer al gato"),
    "nl": ("herinner me eraan om de kat te voeren", "morgen om zeven uur", "de kat te voeren"),
}


@pytest.mark.parametrize("language", REMIND)
async def test_a_reminder_without_a_time_asks_when(language: str) -> None:
    asked, answer, task = REMIND[language]
    async with talk(language=language) as say:
        assert (await say(asked)).endswith("?")
        assert say.calls == []
        await say(answer)
        assert [service for service, _ in say.calls] == ["reminder.set"]
        (kept,) = [s for e, s in say.assistant.household.states.items() if e.startswith("reminder.")]
        assert kept.attributes["message"] == task
        due = datetime.now() + timedelta(days=1)
        assert str(kept.attributes["at"]).startswith(f"{due:%Y-%m-%d}T07:00")


async def test_what_was_said_of_the_time_is_kept_when_the_rest_is_asked_for() -> None:
    async with talk() as say:
        assert (await say("remind me of the dentist on friday")).endswith("?")
        assert "Friday at 10:00" in await say("at ten in the morning")


async def test_no_time_no_reminder_and_another_command_is_none() -> None:
    async with talk() as say:
        await say("remind me to feed the cat")
        await say("turn on the counter light")
        assert say.calls == [("light.turn_on", "light.counter_light")]
        await say("remind me to feed the cat")
        assert "time" in await say("purple")
        await say("remind me to feed the cat")
        await say("no")
        assert not [e for e in say.assistant.household.states if e.startswith("reminder.")]


@pytest.mark.parametrize(
    ("language", "text", "service"),
    [
        ("en", "pause the music", "media_player.media_pause"),
        ("en", "skip this track", "media_player.media_next_track"),
        ("de", "pausiere die Musik", "media_player.media_pause"),
        ("fr", "mets la musique en pause", "media_player.media_pause"),
        ("es", "pausa la música", "media_player.media_pause"),
        ("nl", "pauzeer de muziek", "media_player.media_pause"),
    ],
)
async def test_the_player_that_plays_needs_no_name_and_nobody_need_stand_anywhere(
    language: str, text: str, service: str
) -> None:
    async with talk(None, language) as say:
        await say(text)
        assert say.calls == [(service, "media_player.tv")]


async def test_timers_that_can_be_told_apart_are_asked_about_and_others_are_not() -> None:
    async with talk() as say:
        await say("set a timer for 10 minutes")
        await say("set a timer for 10 minutes")
        await say("cancel the 10 minute timer")
        assert [service for service, _ in say.calls] == ["timer.cancel"]
        await say("set a timer for 20 minutes")
        assert await say("cancel the timer") == "Which one: 10 minutes or 20 minutes?"
        await say("20 minutes")
        assert [service for service, _ in say.calls] == ["timer.cancel"]
        assert await say("how many timers are running") == "1 timer: one with 10 min left"


async def test_things_are_asked_about_by_place_and_kind() -> None:
    async with talk() as say:
        assert await say("is the garage door open") == "No, closed"
        assert (await say("is the light in the office on")).startswith("Yes")
        assert await say("stop the robot") == "Stopped"
