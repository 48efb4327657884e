"""The realtime door, with the official client."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
import soxr

from repartee.app.doors.server import Address
from repartee.assembly.assistant import Assistant
from tests import sound
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import serving

pytestmark = pytest.mark.real_time
TOKEN = "a token of some length"  # noqa: S105  # nobody's
WITHIN = 20.0
FRAME = 480
"""Samples of 20 ms."""


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Any, Assistant]]:
    async with (
        fake_assistant(backend=RecordingHome()) as assistant,
        serving(assistant, Address(port=0, token=TOKEN)) as url,
        openai.AsyncOpenAI(base_url=f"{url}v1", api_key=TOKEN, max_retries=0) as client,
        client.realtime.connect(model="repartee") as connection,
    ):
        assert (await until(connection, "session.created"))[-1].session.id
        yield connection, assistant


async def until(connection: Any, kind: str) -> list[Any]:
    told = []
    async with asyncio.timeout(WITHIN):
        while True:
            told.append(await connection.recv())
            if told[-1].type == kind:
                return told


async def speak(connection: Any, text: str = "turn on the lamp") -> None:
    """At the pace of life."""
    samples = soxr.resample(sound.utterance(text, after=2.0)[0], 16_000, 24_000)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for number, at in enumerate(range(0, len(samples), FRAME)):
        data = base64.b64encode(samples[at : at + FRAME].astype("<i2").tobytes()).decode()
        await connection.input_audio_buffer.append(audio=data)
        await asyncio.sleep(max(0.0, begin + number * FRAME / 24_000 - loop.time()))


async def test_a_sentence_is_heard_done_and_answered_in_order() -> None:
    async with talking() as (connection, assistant):
        speaking = asyncio.create_task(speak(connection))
        told = await until(connection, "response.done")
        await speaking
        kinds = [event.type for event in told]
        wanted = [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.input_audio_transcription.completed",
            "response.created",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_audio.delta",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.done",
        ]
        assert [kind for kind in dict.fromkeys(kinds) if kind in wanted] == wanted
        assert next(e for e in told if e.type.endswith("completed")).transcript == "turn on the lamp"
        assert told[-1].response.status == "completed"
        assert next(e for e in told if e.type == "response.output_audio_transcript.done").transcript
        pcm = b"".join(base64.b64decode(e.delta) for e in told if e.type == "response.output_audio.delta")
        assert len(pcm) == pytest.approx(0.4 * 24_000 * 2, rel=0.05)
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_a_button_ends_the_sentence_where_no_turns_are_detected() -> None:
    async with talking() as (connection, assistant):
        await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
        updated = (await until(connection, "session.updated"))[-1]
        assert updated.session.audio.input.turn_detection is None
        await speak(connection)
        assert assistant.backend.states["light.lamp"].value == "off", "no silence ends it"
        await connection.input_audio_buffer.commit()
        await until(connection, "input_audio_buffer.committed")
        await connection.response.create()
        assert (await until(connection, "response.done"))[-1].response.status == "completed"
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_a_typed_sentence_is_answered_by_text_where_text_is_wanted() -> None:
    async with talking() as (connection, assistant):
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "turn on the lamp"}]}
        await connection.conversation.item.create(item=item)
        await connection.response.create()
        told = await until(connection, "response.done")
        text = "".join(event.delta for event in told if event.type == "response.output_text.delta")
        assert text == "Turned on the light"
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_an_answer_is_cut_off_when_it_is_cancelled() -> None:
    async with talking() as (connection, _):
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "tell me a long story"}]}
        await connection.conversation.item.create(item=item)
        await connection.response.create()
        await until(connection, "response.output_audio.delta")
        await connection.response.cancel()
        assert (await until(connection, "response.done"))[-1].response.status == "cancelled"
        await connection.conversation.item.truncate(item_id="item_1", content_index=0, audio_end_ms=100)
        assert (await until(connection, "conversation.item.truncated"))[-1].audio_end_ms == 100


@pytest.mark.parametrize(
    "event",
    [
        {"type": "nonsense"},
        {},
        {"type": "input_audio_buffer.append", "audio": "no base64!"},
        {"type": "input_audio_buffer.append", "audio": "QQ=="},
        {"type": "input_audio_buffer.append"},
        {"type": "input_audio_buffer.commit"},
        {"type": "response.create"},
        {"type": "session.update", "session": {"type": "transcription"}},
        {"type": "session.update", "session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}},
        {"type": "session.update", "session": {"tools": [{"type": "function", "name": "x"}]}},
        {"type": "conversation.item.create", "item": {"type": "function_call_output"}},
    ],
    ids=lambda event: str(event)[:40],
)
async def test_events_that_make_no_sense_or_come_out_of_order_are_told(event: Any) -> None:
    async with talking() as (connection, assistant):
        await connection.send(event)
        error = (await until(connection, "error"))[-1].error
        assert error.type == "invalid_request_error"
        assert error.message
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "turn on the lamp"}]}
        await connection.conversation.item.create(item=item)
        await connection.response.create()
        await until(connection, "response.done")
        assert assistant.backend.states["light.lamp"].value == "on"
