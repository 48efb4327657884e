"""One turn and one session on virtual time, with the fakes that ship with the product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pytest

from repartee.core.audio import AudioChunk
from repartee.core.errors import Unreachable
from repartee.core.hearing import Hearing
from repartee.core.home_file import home_from
from repartee.core.plan import Action, Effect
from repartee.core.turn import INTERRUPTED, Decision, Finished, Heard, Replying, Started, TurnRecord
from repartee.engines.audio.fake import Source
from repartee.engines.understanding.hassil import HassilUnderstanding
from repartee.languages.data import sentences
from repartee.session import Session
from repartee.turn import APOLOGY
from tests.house import House, spans

SPEECH = ((0.5, False), (1.5, True), (3.0, False))


async def turns(session: Session, *pattern: tuple[float, bool]) -> list[TurnRecord]:
    return [record async for record in session.listen(Source(*(pattern or SPEECH)))]


async def test_a_spoken_command_acts() -> None:
    house = House("turn on the lamp")
    (record,) = await turns(house.session())
    assert house.state("light.lamp") == "on"
    assert record.decision is Decision.ACTED
    assert record.transcript == "turn on the lamp"
    assert [(e.entity, e.confirmed) for e in record.effects] == [("light.lamp", True)]
    assert record.reply
    assert house.sink.seconds > 0.5
    assert record.speech_end == pytest.approx(2.0, abs=0.04)
    assert record.wait_class == "complete"


async def test_the_spans_tell_where_the_time_went() -> None:
    (record,) = await turns(House("turn on the lamp", delay=0.2).session())
    stages = spans(record)
    assert list(stages) == ["listen", "hear", "understand", "act", "speak"]
    end = record.speech_end
    assert stages["listen"].start == end
    assert stages["listen"].end - end == pytest.approx(0.35, abs=0.07)
    assert stages["hear"].start > end
    assert stages["act"].end - stages["act"].start == pytest.approx(0.2, abs=0.01)
    assert stages["speak"].first == pytest.approx(stages["act"].end, abs=0.01)
    assert stages["speak"].end - stages["speak"].first == pytest.approx(len(record.reply) * 0.06, abs=0.2)


async def test_observers_are_told_while_it_happens() -> None:
    house = House("turn on the lamp")
    session = house.session()
    events = session.events()
    await turns(session)
    events.close()
    seen = [event async for event in events]
    kinds = [type(event) for event in seen]
    assert kinds[0] is Started
    assert kinds[-2:] == [Replying, Finished]
    texts = [event.text for event in seen if isinstance(event, Heard)]
    assert texts[0] == "turn"
    assert texts[-1] == "turn on the lamp"
    assert [event.final for event in seen if isinstance(event, Heard)][-1]


async def test_a_slow_observer_loses_and_the_turn_does_not_wait() -> None:
    house = House("turn on the lamp")
    session = house.session()
    events = session.events(capacity=2)
    await turns(session)
    assert events.dropped > 0
    assert house.state("light.lamp") == "on"


async def test_what_is_not_understood_is_said_and_nothing_happens() -> None:
    house = House("the weather in spain stays mainly in the plain truth")
    (record,) = await turns(house.session())
    assert record.decision is Decision.REJECTED
    assert record.effects == ()
    assert record.as_json()["intent"] is None
    assert "understand" in record.reply
    assert house.sink.seconds > 0


async def test_silence_is_one_turn_of_silence() -> None:
    house = House("turn on the lamp")
    (record,) = await turns(house.session(), (5, False))
    assert record.decision is Decision.SILENCE
    assert record.reply == ""
    assert house.state("light.lamp") == "off"


async def test_a_device_that_fails_is_told() -> None:
    house = House("turn on the lamp")

    async def perform(action: Action) -> Sequence[Effect]:
        raise Unreachable(f"the home is away: {action.service}")

    house.home.perform = perform  # type: ignore[method-assign]
    (record,) = await turns(house.session())
    assert [e.confirmed for e in record.effects] == [False]
    assert "away" in (record.effects[0].error or "")
    assert record.reply
    assert house.state("light.lamp") == "off"


async def test_a_device_that_takes_too_long_is_given_up() -> None:
    house = House("turn on the lamp", delay=60, deadline=3)
    (record,) = await turns(house.session())
    assert not record.effects[0].confirmed
    assert record.error is None
    assert record.reply
    end = spans(record)["act"].end - record.speech_end
    assert end <= 3.01


async def test_a_reply_that_takes_too_long_is_cut() -> None:
    house = House("turn on the lamp", deadline=1)

    class Slow:
        async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
            await asyncio.sleep(100)
            yield AudioChunk  # type: ignore[misc]

    house.voice = Slow()
    (record,) = await turns(house.session())
    assert record.error == "not done after 1 s"
    assert house.state("light.lamp") == "on"
    assert max(span.end or 0 for span in record.spans) - record.speech_end <= 1 + APOLOGY + 0.1


async def test_what_breaks_is_told_and_the_next_turn_works() -> None:
    house = House("turn on the lamp", "turn on the fan")

    class Broken:
        version = 0
        real = house.understanding

        def parse(self, text: str, context: Any) -> Any:
            if text == "turn on the lamp":
                raise ZeroDivisionError("a bug")
            return self.real.parse(text, context)

        def status(self, text: str, context: Any) -> Any:
            return self.real.status("", context)

        def expect(self, context: Any) -> None:
            return None

    house.understanding = Broken()
    first, second = await turns(house.session(), *SPEECH, (1, False), *SPEECH)
    assert first.error
    assert "ZeroDivisionError" in first.error
    assert house.sink.played
    assert second.decision is Decision.ACTED
    assert house.state("fan.fan") == "on"


async def test_speaking_over_the_reply_ends_it() -> None:
    house = House("what time is it", "turn on the lamp")
    house.voice = LongWinded()
    session = house.session()
    first, second = await turns(session, (0.5, False), (1.0, True), (2.0, False), (1.0, True), (2.0, False))
    assert first.error == INTERRUPTED
    assert spans(first)["speak"].error == "CancelledError"
    assert house.sink.stopped
    assert second.transcript == "turn on the lamp"
    assert house.state("light.lamp") == "on"


async def test_without_barge_in_the_reply_is_heard_out() -> None:
    house = House("what time is it")
    house.voice, house.barge_in = LongWinded(2.0), False
    first, _ = await turns(house.session(), (0.5, False), (1.0, True), (1.0, False), (0.2, True), (0.1, False))
    assert first.error is None
    assert spans(first)["speak"].end - spans(first)["speak"].start == pytest.approx(2.0, abs=0.05)


async def test_stop_cancels_what_is_being_said() -> None:
    house = House()
    house.voice = LongWinded()
    session = house.session()
    asking = asyncio.create_task(session.ask("what time is it"))
    await asyncio.sleep(1)
    session.stop()
    record = await asking
    assert record.error == INTERRUPTED
    assert asyncio.get_running_loop().time() == pytest.approx(1, abs=0.05)


async def test_a_typed_sentence_is_a_turn_too() -> None:
    house = House()
    record = await house.session().ask("turn on the lamp")
    assert house.state("light.lamp") == "on"
    assert record.pace == "text"
    assert record.wait_class == "text"
    assert house.sink.seconds > 0
    assert house.records == [record]


async def test_a_session_remembers_what_was_confirmed_and_only_that() -> None:
    house = House()
    session = house.session()
    await session.ask("turn on the lamp")
    await session.ask("blah blah")
    assert [intent.name for intent in session.context.history] == ["HassTurnOn"]


async def test_the_deadline_counts_from_the_end_of_speech() -> None:
    """An engine that takes two seconds leaves that much less to the rest."""
    house = House("turn on the lamp", delay=2.5, deadline=4)
    quick = house.ear

    class Slow:
        async def transcribe(self, audio: AsyncIterator[AudioChunk], expect: Any) -> AsyncIterator[Hearing]:
            async for hearing in quick.transcribe(audio, expect):
                if hearing.final:
                    await asyncio.sleep(2)
                yield hearing

    house.ear = Slow()
    (record,) = await turns(house.session())
    assert not record.effects[0].confirmed
    assert spans(record)["act"].end - record.speech_end <= 4.01


class LongWinded:
    """A voice that goes on and on."""

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = seconds

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        for n in range(int(self._seconds / 0.02)):
            yield AudioChunk(np.full(320, 5000, np.int16), 16_000, n * 0.02)


async def test_what_is_asked_can_be_answered() -> None:
    """A delicate command waits for a yes; a no, or another command, drops it."""
    house = House()
    house.home.home = home_from(
        {"areas": [{"name": "Hall"}], "entities": [{"name": "Door", "domain": "lock", "area": "Hall"}]}
    ).home
    house.understanding = HassilUnderstanding(house.home.home)
    session = house.session()
    asked = await session.ask("unlock the door")
    assert (asked.decision, asked.reply, asked.effects) == (Decision.ASKED, "Really unlock Door?", ())
    assert asked.alternatives == ("yes", "no")
    assert (await session.ask("no")).reply == ""
    assert (await session.ask("yes")).decision is Decision.REJECTED
    await session.ask("unlock the door")
    assert (await session.ask("lock the door")).decision is Decision.ACTED
    await session.ask("unlock the door")
    opened = await session.ask("yes")
    assert (opened.decision, opened.reply) == (Decision.ACTED, "Unlocking")
    assert house.state("lock.door") == "unlocked"


async def test_what_is_said_last_can_be_taken_back_and_repeated() -> None:
    house = House()
    house.understanding = HassilUnderstanding(house.home.home, "en", sentences("en"))
    session = house.session()
    await session.ask("turn on the lamp")
    await session.ask("blah blah")
    said = await session.ask("what time is it")
    assert (await session.ask("say that again")).reply == said.reply
    await session.ask("undo that")
    assert house.state("light.lamp") == "off"


async def test_the_reply_to_a_question_is_made_while_we_wait() -> None:
    house = House("what time is it")
    made: list[str] = []

    class Counting:
        real = house.voice

        async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
            made.append(text)
            async for chunk in self.real.synthesize(text, language):
                yield chunk

    house.voice = Counting()
    session = house.session()
    events = session.events()
    (record,) = await turns(session)
    assert record.reply
    assert made == [record.reply], "once, and not again when it was wanted"
    events.close()
    assert house.sink.seconds > 0


class Remembering:
    """A voice that remembers what it was asked to say, and how the lamp was then."""

    def __init__(self, house: House) -> None:
        self._house, self._real = house, house.voice
        self.asked: list[tuple[str, str | None]] = []

    async def synthesize(self, text: str, language: str) -> AsyncIterator[AudioChunk]:
        self.asked.append((text, self._house.state("light.lamp")))
        async for chunk in self._real.synthesize(text, language):
            yield chunk


async def test_the_reply_to_a_deed_is_made_before_it_is_done_and_said_after() -> None:
    house = House("turn on the lamp", delay=0.2)
    house.voice = voice = Remembering(house)
    (record,) = await turns(house.session())
    assert voice.asked == [(record.reply, "off")], "made once, while the person was still there to go on"
    stages = spans(record)
    assert stages["speak"].first >= stages["act"].end


async def test_a_reply_that_does_not_come_true_is_not_said() -> None:
    house = House("turn on the lamp")
    house.voice = voice = Remembering(house)
    house.home.perform = refuse  # type: ignore[method-assign]
    (record,) = await turns(house.session())
    assert not record.effects[0].confirmed
    assert [text for text, _ in voice.asked][-1] == record.reply
    assert len({text for text, _ in voice.asked}) == 2


async def refuse(action: Action) -> Sequence[Effect]:
    return [Effect(entity, action.service, error="it is stuck") for entity in action.entities]
