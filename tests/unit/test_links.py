"""The links of the chain that take time: asked about what nothing quick knows, and never the way around care."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from repartee.assembly.skills import load_skills
from repartee.core.conversation import EXCHANGES, Conversation
from repartee.core.errors import ModelAway
from repartee.core.home_file import home_from
from repartee.core.intent import Intent, Part, Reading
from repartee.core.link import Found, Sentence
from repartee.core.turn import INTERRUPTED, Decision
from repartee.engines.home.demo import DemoHome
from repartee.stages.act import Backends
from repartee.stages.reply import Replies
from repartee.stages.understand.interpret import Interpreter
from repartee.turn import TurnServices
from tests.house import House, spans

UNKNOWN = "make it cosy in here"


class Told:
    """A link that finds what it was told to find."""

    stage = "llm"
    within: float | None = None

    def __init__(self, found: Found | None = None, takes: float = 0.0, within: float | None = None) -> None:
        self.found, self.takes, self.within = found, takes, within
        self.asked: list[Sentence] = []

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        self.asked.append(sentence)
        if self.takes:
            await asyncio.sleep(self.takes)
        return self.found


class Linked(House):
    def __init__(self, *links: Any) -> None:
        super().__init__()
        self.links = links
        self.home = DemoHome(
            home_from(
                {
                    "areas": [{"name": "Hall"}],
                    "entities": [
                        {"name": "Lamp", "domain": "light", "area": "Hall", "state": "off"},
                        {"name": "Front Door", "domain": "lock", "area": "Hall", "state": "locked"},
                    ],
                }
            )
        )

    def services(self) -> TurnServices:
        interpreter = Interpreter(self.understanding, load_skills(), plans=self.plans, links=self.links)
        return TurnServices(self.ear, interpreter, Backends(self.home), Replies(), self.voice, deadline=self.deadline)


def deed(intent: str, name: str, entity: str) -> Part:
    return Part(Intent(intent, {"name": name, "area": "Hall"}, entities=(entity,)))


LAMP, DOOR = deed("HassTurnOn", "Lamp", "light.lamp"), deed("HassTurnOff", "Front Door", "lock.front_door")


async def spoken(*pieces: str, each: float = 0.0, closed: list[bool] | None = None) -> AsyncGenerator[str, None]:
    try:
        for piece in pieces:
            yield piece
            await asyncio.sleep(each)
    finally:
        if closed is not None:
            closed.append(True)


async def test_a_link_is_asked_only_about_what_nothing_quick_knows() -> None:
    link = Told(Found(words=spoken("Well.")))
    house = Linked(link)
    session = house.session()
    await session.ask("turn on the lamp")
    assert not link.asked
    record = await session.ask(UNKNOWN)
    assert (record.reply, record.decision) == ("Well.", Decision.ACTED)
    assert link.asked[0].text == UNKNOWN
    assert "llm" in spans(record)


async def test_the_first_that_finds_something_wins() -> None:
    nothing, first, second = Told(), Told(Found(words=spoken("First."))), Told(Found(words=spoken("Second.")))
    record = await Linked(nothing, first, second).session().ask(UNKNOWN)
    assert record.reply == "First."
    assert nothing.asked
    assert not second.asked


async def test_a_link_that_takes_too_long_is_passed_over() -> None:
    slow, next_ = Told(Found(words=spoken("Late.")), takes=3.0, within=0.5), Told(Found(words=spoken("Next.")))
    record = await Linked(slow, next_).session().ask(UNKNOWN)
    assert record.reply == "Next."
    alone = await Linked(Told(takes=3.0, within=0.5)).session().ask(UNKNOWN)
    assert alone.decision is Decision.REJECTED
    assert not alone.error


async def test_a_link_may_fail_in_its_own_time() -> None:
    class Failing(Told):
        async def __call__(self, sentence: Sentence, /) -> Found | None:
            raise ModelAway("the model is away")

    record = await Linked(Failing(within=0.5)).session().ask(UNKNOWN)
    assert "model is away" in (record.error or "")


async def test_what_no_word_stands_for_is_done_after_a_yes() -> None:
    house = Linked(Told(Found(Reading((LAMP,)))))
    session = house.session()
    asked = await session.ask(UNKNOWN)
    assert asked.decision is Decision.ASKED
    assert house.state("light.lamp") == "off"
    await session.ask("yes")
    assert house.state("light.lamp") == "on"


async def test_no_leaves_everything_as_it_is() -> None:
    house = Linked(Told(Found(Reading((LAMP,)))))
    session = house.session()
    await session.ask(UNKNOWN)
    await session.ask("no")
    assert house.state("light.lamp") == "off"


async def test_what_the_policy_asks_about_is_asked_once_and_alone() -> None:
    house = Linked(Told(Found(Reading((DOOR,)))))
    session = house.session()
    asked = await session.ask(UNKNOWN)
    assert asked.question
    assert asked.question.startswith("Really unlock")
    await session.ask("yes")
    assert house.state("lock.front_door") == "unlocked"


async def test_a_yes_to_the_whole_is_no_yes_to_the_door() -> None:
    house = Linked(Told(Found(Reading((LAMP, DOOR)))))
    session = house.session()
    await session.ask(UNKNOWN)
    again = await session.ask("yes")
    assert again.decision is Decision.ASKED
    assert house.state("lock.front_door") == "locked"
    await session.ask("yes")
    assert (house.state("light.lamp"), house.state("lock.front_door")) == ("on", "unlocked")


async def test_an_answer_that_nobody_listens_to_is_not_made_any_more() -> None:
    closed: list[bool] = []
    words = spoken(*["A sentence of some length. "] * 100, each=0.1, closed=closed)
    house = Linked(Told(Found(words=words)))
    session = house.session()
    asking = asyncio.create_task(session.ask(UNKNOWN))
    await asyncio.sleep(1.0)
    session.stop()
    record = await asking
    assert record.error == INTERRUPTED
    assert closed
    assert session.conversation.exchanges[-1].cut_off


async def test_what_a_link_raises_is_told() -> None:
    class Broken(Told):
        async def __call__(self, sentence: Sentence, /) -> Found | None:
            raise ModelAway("nobody is there")

    record = await Linked(Broken()).session().ask(UNKNOWN)
    assert record.reply == "Sorry, I can't think that through at the moment."
    assert record.failed


async def test_a_conversation_keeps_the_last_exchanges_and_no_more() -> None:
    conversation = Conversation()
    for number in range(3 * EXCHANGES):
        conversation = conversation.said(f"question {number}", f"answer {number}")
    assert len(conversation.exchanges) == EXCHANGES
    assert conversation.exchanges[-1].reply == conversation.reply == f"answer {3 * EXCHANGES - 1}"
