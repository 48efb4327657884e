"""What once got lost in a dialogue, a test each, on the assembled assistant (with the shipped fakes)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repartee.assembly.assistant import Assistant
from repartee.assembly.audio_models import AudioModels
from repartee.assembly.homes import OpenHome
from repartee.assembly.opening import open_assistant
from repartee.assembly.settings import Brain, ConfirmationSettings, Settings, System
from repartee.assembly.telemetry import Telemetry, health
from repartee.core.audio import AudioChunk
from repartee.core.errors import NothingWorks
from repartee.core.home_file import home_from
from repartee.core.plan import Alert
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.audio.fake import Sink, Source
from repartee.engines.home.demo import DemoHome
from repartee.engines.stt import fake as stt
from repartee.engines.tts import fake as tts

WARM: Mapping[str, Any] = {"temperature": 20}
HOME: Mapping[str, Any] = {
    "areas": [{"name": "Living Room"}, {"name": "Kitchen"}, {"name": "Bedroom"}],
    "entities": [
        {"name": "Stove", "domain": "climate", "area": "Living Room", "state": "heat", "attributes": WARM},
        {"name": "Boiler", "domain": "climate", "area": "Kitchen", "state": "heat", "attributes": WARM},
        {"name": "Coffee Maker", "domain": "switch", "area": "Kitchen", "state": "off"},
        {"name": "Kitchen Lights", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Lamp", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Lamp", "domain": "light", "area": "Bedroom", "state": "off"},
        {"name": "Fan", "domain": "fan", "area": "Bedroom", "state": "off"},
        {"name": "Front Door", "domain": "lock", "area": "Kitchen", "state": "locked"},
    ],
}  # fmt: skip
UNSURE = 0.99
"""A score from which a sentence with a slip of the ear is asked about."""


def opened(
    *heard: str, language: str = "en", delay: float = 0.0, voice: Any = None, **more: Any
) -> AbstractAsyncContextManager[Assistant]:
    """`delay`: seconds that the home takes for a call. `more`: further settings."""
    brain = Brain(language=language, confidence_threshold=more.pop("confidence", 0.8))
    models = AudioModels(stt.Engine(*heard), voice or tts.Engine(), {"stt": "fake", "tts": "fake", "vad": "fake"})
    home = OpenHome("fake", DemoHome(home_from(HOME), delay=delay))
    return open_assistant(Settings(system=System(data=Path("-")), brain=brain, **more), home=home, models=models)


def state(assistant: Assistant, entity: str) -> str | None:
    return assistant.backend.states[entity].value


async def dialogue(assistant: Assistant, *said: str) -> list[TurnRecord]:
    session = assistant.session(Sink())
    return [await session.ask(text) for text in said]


async def test_the_answer_to_a_question_about_one_part_leaves_the_others() -> None:
    async with opened() as assistant:
        asked, done = await dialogue(assistant, "turn on the fan and turn on the lamp", "the bedroom one")
        assert asked.decision is Decision.ASKED
        assert {effect.entity for effect in done.effects if effect.confirmed} == {"fan.fan", "light.lamp_2"}


async def test_an_area_that_is_answered_is_where_the_deed_is_done() -> None:
    async with opened() as assistant:
        for answer in ("living room", "the first one", "the living room please"):
            asked, done = await dialogue(assistant, "raise the temperature to 22", answer)
            assert asked.alternatives == ("Living Room", "Kitchen")
            assert [(effect.entity, effect.data["temperature"]) for effect in done.effects] == [("climate.stove", 22)]


async def test_an_answer_keeps_the_time_of_the_sentence() -> None:
    async with opened(confidence=UNSURE) as assistant:
        asked, done = await dialogue(assistant, "turn on the cofee maker at 7 am tomorrow", "yes")
        assert asked.decision is Decision.ASKED
        assert asked.question == "Turn on Coffee Maker tomorrow at 7:00 am?"
        assert state(assistant, "switch.coffee_maker") == "off", "not now"
        (kept,) = done.effects
        assert kept.service == "household.schedule"
        order: Any = kept.data["order"]
        assert order["when"]["at"]["hour"] == 7


async def test_an_answer_keeps_the_amount_of_the_sentence() -> None:
    async with opened(confidence=UNSURE) as assistant:
        asked, done = await dialogue(assistant, "set kitchen lihgts to 51 percent", "yes please")
        assert asked.question == "Set Kitchen Lights to 51 percent?"
        assert [(effect.entity, effect.data) for effect in done.effects] == [
            ("light.kitchen_lights", {"brightness_pct": 51})
        ]


async def test_a_deed_that_somebody_speaks_over_is_in_record_undo_and_history() -> None:
    async with opened("turn on the fan", "what time is it", delay=2.0) as assistant:
        session = assistant.session(Sink())
        sound = Source((0.5, False), (1.5, True), (1.2, False), (1.0, True), (6.0, False))
        first, *_ = [record async for record in session.listen(sound)]
        assert [(effect.entity, effect.confirmed) for effect in first.effects] == [("fan.fan", True)]
        assert session.conversation.deeds
        assert first.id in {record.id for record in await assistant.store.recent(10)}


async def test_announcements_due_together_are_said_one_after_the_other_and_errors_reach_their_sender() -> None:
    async with opened(voice=Numbered()) as assistant:
        sink = Sink()
        session = assistant.session(sink)
        texts = ["the first timer", "the second timer", "the third timer"]
        assert await asyncio.gather(*map(session.announce, texts)) == [True, True, True]
        said = [int(chunk.samples[0]) for chunk in sink.played]
        assert said == sorted(said), "piece by piece mixed"
        with pytest.raises(NothingWorks):
            await session.announce("broken")


class Numbered:
    """A voice whose pieces come slowly, each holding the number of its text."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    async def warm(self) -> None:
        """Nothing to load."""

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        if text == "broken":
            raise NothingWorks("tts", "broken")
        self._texts.append(text)
        number = len(self._texts)
        for piece in range(3):
            await asyncio.sleep(0.05)
            yield AudioChunk(np.full(160, number, np.int16), 16_000, piece / 100)

    def close(self) -> None:
        """Nothing to give back."""


async def test_a_command_said_for_later_is_measured_like_any_other() -> None:
    async with opened() as assistant:
        await assistant.later(Alert("command", message="turn on the fan"))
        (record,) = await assistant.store.recent(10)
        assert [effect.entity for effect in record.effects] == ["fan.fan"]
        assert assistant.telemetry.of(record.id) is not None


async def test_what_is_no_yes_gives_no_permission() -> None:
    async with opened() as assistant:
        for answer in ("maybe", "why", "the fan", "is it open", "blue", "42", "jain", "hm", "...", "no yes"):
            asked, _ = await dialogue(assistant, "unlock the front door", answer)
            assert asked.decision is Decision.ASKED
            assert state(assistant, "lock.front_door") == "locked", answer


async def test_health_names_a_stage_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(delay=1000.0) as assistant:
        asking = asyncio.create_task(assistant.session(Sink()).ask("turn on the fan"))
        await asyncio.sleep(1.0)
        telemetry = assistant.telemetry
        assert stages(telemetry)["status"] == "ok", "half a minute is not over"
        monkeypatch.setattr(telemetry, "overdue", partial(telemetry.overdue, 0.0))
        assert stages(telemetry)["status"] == "degraded"
        assert stages(telemetry)["reason"].startswith("act ")
        asking.cancel()
        await asyncio.wait({asking})


def stages(telemetry: Telemetry) -> dict[str, str]:
    components: dict[str, dict[str, str]] = health(telemetry, {}, True, 0.0)["components"]
    return components["stages"]


@pytest.mark.parametrize(
    ("language", "said", "answer", "entity", "becomes"),
    [
        ("en", "unlock the front door", "yes please", "lock.front_door", "unlocked"),
        ("de", "entriegle Front Door", "nein", "lock.front_door", "locked"),
        ("de", "schalte Lamp an", "die zweite", "light.lamp_2", "on"),
        ("de", "entriegle Front Door", "vier sieben eins eins", "lock.front_door", "unlocked"),
    ],
)
async def test_answers_in_the_words_of_the_language(
    language: str, said: str, answer: str, entity: str, becomes: str
) -> None:
    pin = ConfirmationSettings(pin="4711" if "sieben" in answer else "")
    async with opened(language=language, confirmation=pin) as assistant:
        asked, answered = await dialogue(assistant, said, answer)
        assert asked.decision is Decision.ASKED
        assert answered.decision is not Decision.REJECTED, "the answer was understood"
        assert state(assistant, entity) == becomes


async def test_no_name_of_an_intent_reaches_people() -> None:
    async with opened(confidence=UNSURE) as assistant:
        for text in ("turn on the cofee maker", "set kitchen lihgts to 51 percent", "unlock the frnt door"):
            (asked,) = await dialogue(assistant, text)
            assert asked.decision is Decision.ASKED
            assert "Hass" not in " ".join([asked.question or "", asked.reply, *asked.alternatives])
