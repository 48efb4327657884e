"""Teaching: sentences and names of one's own, applied at once, kept, listed, forgotten; bad lessons are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.assembly.skills.teaching import reading_as_text, reading_from
from repartee.core.intent import Intent, Part, Reading
from tests.talking import talk

pytestmark = pytest.mark.real_time
LESSONS = {
    "en": ("when I say movie time, dim the reading lamp and close the living room blinds", "movie time",
           "call the counter light Fred", "turn on Fred", "forget movie time"),
    "de": ("wenn ich Filmabend sage, schalte Living Room Lamp aus", "Filmabend",
           "nenne Counter Light Fritz", "schalte Fritz ein", "vergiss Filmabend"),
    "fr": ("quand je dis cinéma, éteins Living Room Lamp", "cinéma",
           "appelle Counter Light Fred", "allume Fred", "oublie cinéma"),
    "es": ("cuando diga cine, apaga Living Room Lamp", "cine",
           "llama a Counter Light Fred", "enciende Fred", "olvida cine"),
    "nl": ("als ik filmavond zeg, doe Living Room Lamp uit", "filmavond",
           "noem Counter Light Fred", "doe Fred aan", "vergeet filmavond"),
}  # fmt: skip


@pytest.mark.parametrize("language", LESSONS)
async def test_a_lesson_holds_at_once_and_over_a_restart_until_it_is_forgotten(language: str, tmp_path: Path) -> None:
    lesson, phrase, naming, by_name, forgetting = LESSONS[language]
    async with talk(language=language, data=tmp_path) as say:
        await say(lesson)
        assert [service for service, _ in say.calls] == ["taught.phrase"]
        await say(phrase)
        assert say.calls, phrase
        await say(naming)
        await say(by_name)
        assert say.calls == [("light.turn_on", "light.counter_light")]
    async with talk(language=language, data=tmp_path) as say:
        await say(by_name)
        assert say.calls == [("light.turn_on", "light.counter_light")]
        await say(phrase)
        assert say.calls
        await say(forgetting)
        assert [service for service, _ in say.calls] == ["taught.forget"]
        await say(phrase)
        assert say.calls == []


async def test_what_was_taught_is_one_deed() -> None:
    async with talk("Living Room") as say:
        await say("when I say movie time, turn off the living room lamp and close the living room blinds")
        assert await say("what have I taught you") == (
            "“movie time” means: turn off the living room lamp and close the living room blinds"
        )
        await say("movie time")
        lamp, blinds = "light.living_room_lamp", "cover.living_room_blinds"
        assert (say.state(lamp).value, say.state(blinds).value) == ("off", "closed")
        await say("undo that")
        assert (say.state(lamp).value, say.state(blinds).value) == ("on", "open")


async def test_without_a_pause_the_longest_command_is_the_command() -> None:
    async with talk() as say:
        await say("when I say good evening lock the back door and turn on the reading lamp")
        await say("good evening")
        assert say.calls == [("lock.lock", "lock.back_door"), ("light.turn_on", "light.reading_lamp")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("when I say turn on the counter light, turn off the tv", "means something already"),
        ("when I say blub, frobnicate the wug", "don't understand what to do"),
        ("call the counter light Garage Light", "something else is called so|means something"),
        ("call the counter light in the kitchen", "no name"),
        ("call the counter light stop", "means something already"),
    ],
)
async def test_bad_lessons_are_refused(text: str, why: str) -> None:
    async with talk() as say:
        reply = await say(text)
        assert any(part in reply for part in why.split("|")), reply
        assert say.calls == []


async def test_no_lesson_leads_to_itself() -> None:
    async with talk() as say:
        await say("when I say movie time, turn off the tv")
        await say("when I say party, movie time")
        assert "lead to itself" in await say("when I say movie time, party")
        await say("party")
        assert say.calls == [("media_player.turn_off", "media_player.tv")]
        await say("forget movie time")
        await say("party")
        assert say.calls == []


async def test_a_lesson_unlocks_nothing_without_a_yes() -> None:
    async with talk() as say:
        await say("when I say open sesame, unlock the front door")
        assert (await say("open sesame")).endswith("?")
        assert say.calls == []
        await say("yes")
        assert say.calls == [("lock.unlock", "lock.front_door")]


async def test_the_same_correction_twice_is_learnt_for_this_room() -> None:
    async with talk("Living Room") as say:
        for _ in range(2):
            await say("turn on the ceiling light")
            await say("no, the reading lamp")
            assert say.calls == [("light.turn_on", "light.reading_lamp")]
        await say("turn on the ceiling light")
        assert say.calls == [("light.turn_on", "light.reading_lamp")]
        assert "turn on the ceiling light" in await say("what have I taught you")
        say.session = say.assistant.session(say.session._sink, "Kitchen")
        await say("turn on the ceiling light")
        assert ("light.turn_on", "light.reading_lamp") not in say.calls
        await say("forget everything I taught you")
        say.session = say.assistant.session(say.session._sink, "Living Room")
        await say("turn on the ceiling light")
        assert say.calls == [("light.turn_on", "light.ceiling_light")]


def test_what_was_learnt_can_be_kept() -> None:
    reading = Reading((Part(Intent("HassTurnOn", {"name": "A", "domain": ("light", "fan")}, entities=("light.a",))),))
    kept = reading_from(reading_as_text(reading))
    assert kept is not None
    assert kept.parts == reading.parts
    assert reading_from("nonsense") is None
    assert reading_from("[{}]") is None
