"""What the household adds to the sentence data: undo, repeat, stop, alarms, reminders, sums, lists, "is anything"."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.assembly.skills import load_skills
from repartee.assembly.skills.alarms import moment, with_time
from repartee.assembly.skills.sums import converted, spoken
from repartee.core.conversation import NEW
from repartee.core.home import State
from repartee.core.home_file import home_from
from repartee.core.intent import Context, Intent
from repartee.core.restoring import restored
from repartee.core.skill import Doubtful
from repartee.engines.home.demo import DemoHome, demo_home
from repartee.engines.home.household import DOMAINS, Household
from repartee.grammar.compiled import CompiledHome, compile_home
from repartee.languages.clock import told_time
from repartee.languages.data import own_data, sentences
from repartee.proof.compare.slots import same_slots
from repartee.stages.act import Backends, act
from repartee.stages.reply import Replies
from repartee.stages.understand.planning import decide, plan

MONDAY = datetime(2026, 3, 2, 14, 30).astimezone()


class House:
    """A person talks to the demo home."""

    def __init__(self, home: DemoHome, household: Household) -> None:
        self.home, self.household = home, household
        self.backends = Backends(home, dict.fromkeys(DOMAINS, household))
        self.conversation = NEW
        self.now = MONDAY
        self.skills, self._replies = load_skills(), Replies()

    def items(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.home.states["todo.shopping_list"].attributes["items"]
        return found

    async def hear(self, text: str, area: str | None = "kitchen") -> str:
        conversation = replace(self.conversation, context=Context(area=area))
        reading = decide(GRAMMAR.parse(text, conversation.context))
        assert reading is not None, text
        situation = self.backends.situation(conversation, self.now)
        outcomes = await act(plan(reading, self.skills, situation), self.backends)
        said = self._replies.render(outcomes, self.home.home, situation.states)
        self.conversation = replace(conversation.did(outcomes), reply=said)
        return said


GRAMMAR: CompiledHome = compile_home(demo_home().home, "en", sentences("en"))


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    zero = asyncio.get_running_loop().time()
    wall = lambda: MONDAY.timestamp() + asyncio.get_running_loop().time() - zero  # noqa: E731
    async with DemoHome() as home, Household(wall=wall) as household:
        yield House(home, household)


def test_there_is_a_folder_of_sentences_for_what_we_speak() -> None:
    assert sentences("en-GB") == sentences("en")
    assert all((sentences(language) or Path()).is_dir() for language in ("en", "fr", "nl", "de"))
    assert sentences("xx") is None


@pytest.mark.parametrize("language", ["en", "fr", "nl", "de", "es"])
def test_every_own_sentence_has_a_skill_and_words_for_its_reply(language: str) -> None:
    compiled = compile_home(demo_home().home, language, sentences(language))
    intents = {b.intent for b in compiled.language.sentences.blocks if "home_assistant_intents" not in b.where}
    assert intents <= load_skills().keys()
    told_otherwise = {"RepAnything", "RepEverythingLocked", "RepSums"}
    own = {intent for intent in intents if intent.startswith("Rep")}
    assert own - told_otherwise <= own_data(language, "replies").keys()


async def test_undo_takes_back_what_was_just_done() -> None:
    async with house() as house_:
        before = dict(house_.home.states)
        await house_.hear("turn off all the lights")
        assert house_.home.states["light.kitchen_ceiling_light"].value == "off"
        assert await house_.hear("undo that") == "Undone"
        for entity, state in before.items():
            if entity.startswith("light."):
                assert house_.home.states[entity].value == state.value
        assert house_.home.states["light.bed_light"].attributes["brightness"] == 90


async def test_undo_takes_back_timers_and_list_items() -> None:
    async with house() as house_:
        before = house_.items()
        for sentence in ("add eggs to the shopping list", "check off milk from the shopping list"):
            await house_.hear(sentence)
            assert await house_.hear("undo that") == "Undone"
            assert house_.items() == before
        await house_.hear("remove milk from my shopping list")
        await house_.hear("undo")
        assert sorted(item["summary"] for item in house_.items()) == ["bread", "milk"]
        await house_.hear("set a timer for 5 minutes")
        await house_.hear("undo that")
        assert not [e for e in house_.household.home.entities if e.domain == "timer"]


async def test_undo_with_nothing_done_says_so() -> None:
    async with house() as house_:
        assert await house_.hear("undo") == "There is nothing to undo"


@pytest.mark.parametrize(
    ("entity", "state", "service", "data"),
    [
        ("light.a", State("off", {"brightness": None}), "light.turn_off", {}),
        ("light.a", State("on", {"brightness": 9, "rgb_color": None}), "light.turn_on", {"brightness": 9}),
        ("cover.a", State("open", {"current_position": 40}), "cover.set_cover_position", {"position": 40}),
        ("cover.a", State("closed"), "cover.close_cover", {}),
        ("lock.a", State("locked"), "lock.lock", {}),
        ("climate.a", State("heat", {"temperature": 20}), "climate.set_temperature", {"temperature": 20}),
        ("fan.a", State("off", {"percentage": 0}), "fan.turn_off", {}),
        ("media_player.a", State("paused"), "media_player.media_pause", {}),
        ("media_player.a", State("idle", {"volume_level": 0.2}), "media_player.volume_set", {"volume_level": 0.2}),
        ("switch.a", State("on"), "switch.turn_on", {}),
    ],
)
def test_a_state_is_restored_by_a_call(entity: str, state: State, service: str, data: dict[str, object]) -> None:
    action = restored(entity, state)
    assert action is not None
    assert (action.service, action.data, action.entities) == (service, data, (entity,))


@pytest.mark.parametrize(("entity", "state"), [("scene.a", State("2026")), ("switch.a", State()), ("lock.a", State())])
def test_what_can_not_be_restored_is_left(entity: str, state: State) -> None:
    assert restored(entity, state) is None


async def test_it_says_again_what_it_said() -> None:
    async with house() as house_:
        assert await house_.hear("what did you say") == "I have not said anything yet"
        said = await house_.hear("is the front door locked")
        assert await house_.hear("repeat that") == said


async def test_stop_ends_the_ringing_before_the_music() -> None:
    async with house() as house_:
        house_.home.set_state("media_player.kitchen_speaker", State("playing"))
        await house_.hear("set a timer for 10 seconds")
        await asyncio.sleep(11)
        await house_.hear("stop")
        assert not [e for e in house_.household.home.entities if e.domain == "timer"]
        assert house_.home.states["media_player.kitchen_speaker"].value == "playing"
        await house_.hear("stop")
        assert house_.home.states["media_player.kitchen_speaker"].value == "paused"


async def test_what_rings_can_be_snoozed() -> None:
    async with house() as house_:
        await house_.hear("set a timer for 10 seconds")
        await asyncio.sleep(11)
        assert await house_.hear("snooze for 5 minutes") == "Snoozed"
        (timer,) = [e for e in house_.household.home.entities if e.domain == "timer"]
        assert house_.household.left(house_.household.states[timer.id]) == pytest.approx(300, abs=1)
        assert await house_.hear("snooze") == "Nothing is ringing"


@pytest.mark.parametrize(
    ("sentence", "reply"),
    [
        ("set an alarm for 7:30 am", "Alarm set for tomorrow at 7:30 AM"),
        ("wake me up at half past six", "Alarm set for tomorrow at 6:30 AM"),
        ("wake me up at half past six tomorrow", "Alarm set for tomorrow at 6:30 AM"),
        ("set an alarm for quarter to seven pm", "Alarm set for 6:45 PM"),
        ("set an alarm for 7 every weekday", "Alarm set for 7:00 AM on weekdays"),
        ("set an alarm for 9 am on friday", "Alarm set for Friday at 9:00 AM"),
        ("set an alarm for 9 on weekends", "Alarm set for 9:00 AM on weekends"),
        ("set an alarm for midnight", "Alarm set for tomorrow at 12:00 AM"),
        ("set an alarm for noon", "Alarm set for tomorrow at 12:00 PM"),
        ("remind me to call mum at 7 pm", "I will remind you at 7:00 PM"),
        ("remind me in 20 minutes to check the oven", "I will remind you at 2:50 PM"),
    ],
)
async def test_times_are_understood_as_people_mean_them(sentence: str, reply: str) -> None:
    async with house() as house_:
        assert await house_.hear(sentence) == reply


async def test_alarms_are_told_and_cancelled() -> None:
    async with house() as house_:
        assert await house_.hear("what alarms are set") == "No alarms are set"
        await house_.hear("set an alarm for 7 am")
        await house_.hear("set an alarm for 8 pm")
        assert await house_.hear("what alarms are set") == "8:00 PM, tomorrow at 7:00 AM"
        assert (await house_.hear("cancel the alarm")).startswith("The alarms are: 8:00 PM, tomorrow")
        assert await house_.hear("cancel my 7 am alarm") == "Alarm cancelled"
        assert await house_.hear("cancel all alarms") == "Alarm cancelled"
        assert await house_.hear("cancel the alarm") == "There is no such alarm"


async def test_reminders_are_told_and_cancelled() -> None:
    async with house() as house_:
        await house_.hear("remind me to water the plants tomorrow at 9 am")
        assert await house_.hear("what reminders do I have") == "water the plants: tomorrow at 9:00 AM"
        assert await house_.hear("cancel my reminders") == "Reminder cancelled"
        assert await house_.hear("cancel my reminders") == "There are no reminders"


@given(
    st.integers(0, 23),
    st.integers(-15, 59),
    st.sampled_from(["", "am", "pm"]),
    st.sampled_from(["", "tomorrow", "sunday"]),
)
def test_an_alarm_is_never_in_the_past_and_soon(hour: int, minute: int, half: str, day: str) -> None:
    slots: dict[str, str | int] = {"hour": hour, "minute": minute, "half": half, **({"day": day} if day else {})}
    at = moment(Intent("RepSetAlarm", slots), MONDAY)
    assert MONDAY < at <= MONDAY + timedelta(days=8)
    assert at.minute == minute % 60
    assert told_time("en", at, MONDAY)


def test_today_may_be_over() -> None:
    with pytest.raises(Doubtful) as error:
        moment(Intent("RepSetAlarm", {"hour": 9, "half": "am", "day": "today"}), MONDAY)
    assert error.value.doubt.key == "time_is_over"


@pytest.mark.parametrize(
    ("sentence", "reply"),
    [
        ("what is 12 times 30", "360"),
        ("how much is twelve divided by four", "3"),
        ("what is 10 divided by 4", "2.5"),
        ("what is 1 divided by 0", "That has no result"),
        ("what is 15 percent of 80", "12"),
        ("what is the square root of 42", "6.48"),
        ("how many inches are in 1 foot", "12 inches"),
        ("how many miles in five kilometers", "3.11 miles"),
        ("what's 20 celsius in fahrenheit", "68 degrees Fahrenheit"),
        ("convert 100 grams to ounces", "3.53 ounces"),
        ("convert 100 grams to miles", "I can't turn gram into mile"),
    ],
)
async def test_sums_and_units(sentence: str, reply: str) -> None:
    async with house() as house_:
        assert await house_.hear(sentence) == reply


@given(st.floats(-1e6, 1e6), st.sampled_from([("foot", "meter"), ("cup", "liter"), ("celsius", "fahrenheit")]))
def test_there_and_back_again(value: float, units: tuple[str, str]) -> None:
    there = converted(value, *units)
    assert converted(there, units[1], units[0]) == pytest.approx(value, abs=1e-6)
    assert float(spoken(there)) == pytest.approx(there, rel=0.01, abs=0.01)


async def test_lists_are_read_and_emptied() -> None:
    async with house() as house_:
        assert await house_.hear("what's on my shopping list") == "milk, bread"
        await house_.hear("check off milk from the shopping list")
        assert await house_.hear("what do we need to buy") == "bread"
        assert await house_.hear("clear the shopping list") == "Shopping List is empty now"
        assert await house_.hear("what is on my chores list") == "water the plants"
        assert await house_.hear("what's on my shopping list") == "Shopping List is empty"


async def test_is_anything_open_looks_at_all_that_opens() -> None:
    async with house() as house_:
        assert await house_.hear("is anything open downstairs") == "Yes, Living Room Blinds"
        house_.home.set_state("binary_sensor.front_window", State("on"))
        assert await house_.hear("is anything open downstairs") == "Yes, Front Window and Living Room Blinds"
        assert await house_.hear("is anything open in the garage") == "No"
        assert await house_.hear("is anything unlocked") == "Yes, Back Door"
        assert await house_.hear("is anything on in the bedroom") == "Yes, Bed Light"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("wake up at six am tomorrow", "Tue 06:00"),
        ("alarm clock at 1 p.m.", "Tue 13:00"),
        ("for seven thirty in the evening", "Mon 19:30"),
        ("at half past eight on friday", "Fri 08:30"),
        ("quarter to seven", "Tue 06:45"),
        ("ten past seven", "Tue 07:10"),
        ("at 7:05 a m", "Tue 07:05"),
        ("at 730", "Tue 07:30"),
        ("at twenty one forty five", "Mon 21:45"),
        ("at noon", "Tue 12:00"),
        ("in three hours", "Mon 17:30"),
        ("four twenty past six", None),
        ("at seven and at eight", None),
        ("alarm", None),
        ("", None),
    ],
)
def test_times_in_free_text_are_understood(text: str, at: str | None) -> None:
    intent = with_time(Intent("RepSetAlarm", {"time": text}), "en")
    if at is None:
        with pytest.raises(Doubtful):
            moment(intent, MONDAY)
    else:
        assert moment(intent, MONDAY).strftime("%a %H:%M") == at


@given(st.text(max_size=40))
def test_no_free_text_breaks_the_time(text: str) -> None:
    intent = with_time(Intent("RepSetAlarm", {"time": text}), "en")
    with suppress(Doubtful):  # says so
        assert moment(intent, MONDAY) > MONDAY


@pytest.mark.parametrize(
    ("sentence", "reply"),
    [
        ("i want to wake up at six am tomorrow please", "Alarm set for tomorrow at 6:00 AM"),
        ("please set an alarm", "Sorry, I did not catch the time"),
        ("do i have an alarm set", "No alarms are set"),
        ("what is the answer to two times three", "Say it like: what is twelve times thirty"),
        ("please show me my shopping list", "milk, bread"),
    ],
)
async def test_what_no_template_foresaw_is_done_too(sentence: str, reply: str) -> None:
    async with house() as house_:
        assert await house_.hear(sentence) == reply


async def test_an_alarm_is_not_cancelled_by_half_a_sentence() -> None:
    async with house() as house_:
        await house_.hear("set an alarm for 7 am")
        assert await house_.hear("get rid of the five pm alarm") == "There is no such alarm"
        assert (await house_.hear("get rid of the alarm")).startswith("The alarms are: tomorrow at 7:00 AM")
        assert await house_.hear("what alarms are set") == "tomorrow at 7:00 AM"


@pytest.mark.parametrize("value", [None, "unavailable"])
async def test_what_nobody_knows_is_not_answered_with_no(value: str | None) -> None:
    async with house() as house_:
        house_.home.set_state("lock.front_door", State(value))
        assert await house_.hear("is the front door locked") == "I don't know whether Front Door is locked"
        for light in [e.id for e in house_.home.home.entities if e.domain == "light"]:
            house_.home.set_state(light, State(value))
        assert (await house_.hear("are any lights on in the kitchen")).startswith("I don't know whether")
        assert (await house_.hear("are all lights on in the kitchen")).startswith("I don't know whether")
        house_.home.set_state("light.kitchen_ceiling_light", State("on"))
        assert (await house_.hear("are any lights on in the kitchen")).startswith("Yes")


async def test_our_own_list_where_the_settings_say_so() -> None:
    async with house() as house_:
        house_.skills = load_skills(own_lists=True)
        before = house_.items()
        await house_.hear("add eggs to the shopping list")
        assert house_.items() == before
        assert await house_.hear("what is on the shopping list") == "eggs"


@pytest.mark.full
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_no_sentence_of_ours_takes_one_of_the_sentence_data(shared: Path, language: str) -> None:
    homes = json.loads((shared / "nlu" / f"{language}.homes.json").read_text("utf-8"))
    rows = [json.loads(line) for line in (shared / "nlu" / f"{language}.jsonl").read_text("utf-8").splitlines()]
    compiled = {name: compile_home(home_from(home).home, language, sentences(language)) for name, home in homes.items()}
    taken = []
    for row in rows:
        grammar, area = compiled[row["home"]], row["context"].get("area")
        known = grammar.home.area_named(area) if area else None
        best = next(iter(grammar.parse(row["sentence"], Context(known.id if known else area))), None)
        intent = best.parts[0].intent if best and best.parts else None
        if intent is None or intent.name != row["intent"] or not same_slots(row["slots"], intent.slots, area):
            taken.append((row["sentence"], intent))
    assert len(taken) <= len(rows) * 0.002, taken
