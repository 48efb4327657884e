"""Why is it on, who did that, what did I miss: what the home and we know, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from repartee.core.causes import AFTER, DEVICES, MISSES, Cause, CauseLog, Origin
from repartee.core.home import State
from repartee.core.plan import Alert
from repartee.engines.home.demo import DemoHome
from repartee.engines.home.home_assistant.compressed import origin_of
from tests.talking import Talk, talk

pytestmark = pytest.mark.real_time
LAMP = "light.counter_light"


async def until(so: Callable[[], bool]) -> None:
    for _ in range(200):
        if so():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen within ten seconds")


def test_the_last_cause_of_each_device_is_kept_and_no_more() -> None:
    log = CauseLog()
    log.did([f"light.l{n}" for n in range(DEVICES + 10)], Cause(Origin.SAID, 1.0, "all on"))
    assert log.of("light.l0") is None
    assert log.of(f"light.l{DEVICES}") is not None
    for n in range(MISSES + 10):
        log.told(Alert("timer"), float(n))
    assert len(log.missed) == MISSES
    log.heard(1e9)
    assert log.missed == ()


def test_the_afterglow_of_our_own_deed_is_no_other_cause() -> None:
    log = CauseLog()
    log.did([LAMP], Cause(Origin.SAID, 100.0, "on"))
    log.reported(LAMP, Origin.OUTSIDE, 100.0 + AFTER / 2)
    assert log.of(LAMP) == Cause(Origin.SAID, 100.0, "on")
    log.reported(LAMP, Origin.OUTSIDE, 101.0 + AFTER)
    known = log.of(LAMP)
    assert known is not None
    assert known.origin is Origin.OUTSIDE


@pytest.mark.parametrize(
    ("context", "origin"),
    [
        ({"id": "1", "user_id": "anna", "parent_id": None}, "person"),
        ({"id": "1", "user_id": None, "parent_id": "0"}, "automation"),
        ({"id": "1", "user_id": None, "parent_id": None}, ""),
        ("just-an-id", ""),
        (None, ""),
    ],
)
def test_who_changed_it_stands_in_the_context_of_home_assistant(context: object, origin: str) -> None:
    assert origin_of({"s": "on", "c": context}) == origin


async def test_why_is_what_was_said_where_and_when() -> None:
    async with talk() as say:
        assert await say("why is the counter light on") == "Counter Light is not on"
        assert await say("why is the hallway light on") == "I don't know"  # it was so before we came
        await say("turn on the counter light")
        why = await say("why is the counter light on")
        assert why.startswith("Because somebody said “turn on the counter light” in the Kitchen at ")
        assert await say("who turned on the counter light") == why
        assert await say("why is the light on") == why
        assert "“turn on the counter light”" in await say("why did you do that")


async def test_a_hand_on_the_switch_is_not_our_doing() -> None:
    async with talk() as say:
        home = say.assistant.backend
        assert isinstance(home, DemoHome)
        home.set_state(LAMP, State("on", {"brightness": 200}))
        await asyncio.sleep(0.05)
        assert "not by me" in await say("why is the counter light on")


async def test_an_order_is_the_cause_of_what_it_does() -> None:
    async with talk() as say:
        await say("turn on the counter light in 1 second")
        await until(lambda: say.state(LAMP).value == "on")
        await asyncio.sleep(0.1)
        assert (await say("why is the counter light on")).startswith("Because of “turn on the counter light”")


def something_rang(say: Talk) -> bool:
    return bool(say.assistant.causes and say.assistant.causes.log.missed)


async def test_what_rang_since_somebody_spoke_was_missed() -> None:
    async with talk() as say:
        assert await say("what did I miss") == "You missed nothing"
        await say("set a pizza timer for 1 second")
        await until(lambda: something_rang(say))
        assert (await say("what did I miss")).startswith("Your pizza timer is done at ")
        assert await say("what did I miss") == "You missed nothing"


@pytest.mark.parametrize(
    ("language", "on", "why"),
    [
        ("de", "schalte Counter Light ein", "warum ist Counter Light an"),
        ("fr", "allume Counter Light", "pourquoi Counter Light est allumé"),
        ("es", "enciende Counter Light", "por qué está encendida Counter Light"),
        ("nl", "doe Counter Light aan", "waarom is Counter Light aan"),
    ],
)
async def test_why_in_other_languages(language: str, on: str, why: str) -> None:
    async with talk(language=language) as say:
        await say(on)
        assert on in await say(why)
        assert say.calls == []


@pytest.mark.parametrize(
    ("language", "said", "why", "parts"),
    [
        (
            "en",
            "turn off all the lights except the counter light please",
            "why did you do that",
            [
                "To do: “turn off”",
                "What: “all the lights”",
                "But not: “except the counter light”",
                "No meaning: “please”",
            ],
        ),
        ("de", "schalte bitte das Licht in Kitchen aus", "warum hast du das getan", ["„schalte, aus“", "„bitte“"]),
        ("fr", "éteins Counter Light s'il te plaît", "pourquoi as-tu fait ça", ["« éteins »", "« s'il te plaît »"]),
        ("es", "apaga Counter Light por favor", "por qué has hecho eso", ["«apaga»", "«por favor»"]),
        ("nl", "doe Counter Light uit alsjeblieft", "waarom deed je dat", ["“doe, uit”", "“alsjeblieft”"]),
    ],
)
async def test_why_tells_which_words_meant_what(language: str, said: str, why: str, parts: list[str]) -> None:
    async with talk(language=language) as say:
        await say(said)
        assert say.calls
        told = await say(why)
        assert [part for part in parts if part not in told] == []
