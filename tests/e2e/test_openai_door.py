"""The OpenAI-compatible door, with the official client."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import soundfile as sf

from repartee.app.doors.openai.admission import Admission
from repartee.app.doors.openai.refusals import Refusal
from repartee.app.doors.server import Address
from repartee.assembly.assistant import Assistant
from repartee.assembly.door_settings import DoorSettings, OpenAISettings
from tests.fakes.assistant import RecordingHome, fake_assistant
from tests.fakes.serving import serving
from tests.fakes.wyoming import speech

pytestmark = pytest.mark.real_time
TOKEN = "a token of some length"  # noqa: S105  # nobody's


def with_openai(assistant: Assistant, **settings: Any) -> Assistant:
    doors = DoorSettings(openai=OpenAISettings(**settings))
    return replace(assistant, settings=assistant.settings.model_copy(update={"doors": doors}))


@asynccontextmanager
async def clients(**settings: Any) -> AsyncIterator[tuple[openai.AsyncOpenAI, Assistant]]:
    async with (
        fake_assistant(backend=RecordingHome()) as assistant,
        serving(with_openai(assistant, **settings), Address(port=0, token=TOKEN)) as url,
        openai.AsyncOpenAI(base_url=f"{url}v1", api_key=TOKEN, max_retries=0) as client,
    ):
        yield client, assistant


def recording(form: str = "WAV") -> tuple[str, bytes]:
    file = io.BytesIO()
    samples = np.frombuffer(speech(), "<i2")
    sf.write(file, samples, 16_000, format=form)
    return f"said.{form.lower()}", file.getvalue()


# ---------------------------------------------------------------- transcriptions


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG"])
async def test_a_recording_becomes_text_and_nothing_is_done(form: str) -> None:
    async with clients() as (client, assistant):
        told = await client.audio.transcriptions.create(model="whisper-1", file=recording(form))
        assert told.text == "turn on the lamp"
        assert isinstance(assistant.backend, RecordingHome)
        assert not assistant.backend.performed


async def test_every_format_of_a_transcript() -> None:
    async with clients() as (client, _):
        create = client.audio.transcriptions.create
        assert await create(model="whisper-1", file=recording(), response_format="text") == "turn on the lamp\n"
        verbose = await create(model="whisper-1", file=recording(), response_format="verbose_json")
        assert verbose.segments
        segment = verbose.segments[0]
        assert segment.text == verbose.text == "turn on the lamp"
        assert 0.3 < segment.start < segment.end < verbose.duration
        srt = await create(model="whisper-1", file=recording(), response_format="srt")
        assert srt.splitlines()[0] == "1"
        assert " --> 00:00:01," in srt
        vtt = await create(model="whisper-1", file=recording(), response_format="vtt")
        assert vtt.startswith("WEBVTT\n\n00:00:00.")


async def test_a_transcript_that_is_streamed() -> None:
    async with clients() as (client, _):
        stream = await client.audio.transcriptions.create(model="gpt-4o-transcribe", file=recording(), stream=True)
        events = [event async for event in stream]
        assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
        assert events[-1].type == "transcript.text.done"
        assert events[-1].text == "turn on the lamp"


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        (("x.wav", b""), {}, "empty"),
        (("x.webm", b"\x1aE\xdf\xa3 not sound"), {}, "not a sound file"),
        (("x.wav", b"RIFF\xff\xff\xff\xffWAVEfmt "), {}, "not a sound file"),
        (None, {"response_format": "diarized_json"}, "no format"),
        (None, {"response_format": "verbose_json", "timestamp_granularities": ["word"]}, "no times of words"),
    ],
)
async def test_bad_recordings_are_told(file: Any, options: dict[str, Any], message: str) -> None:
    async with clients() as (client, _):
        with pytest.raises(openai.BadRequestError, match=message):
            await client.audio.transcriptions.create(model="whisper-1", file=file or recording(), **options)


async def test_a_form_without_a_file_and_none_at_all_are_told() -> None:
    async with clients() as (client, _):
        url, headers = f"{client.base_url}audio/transcriptions", {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(headers=headers) as http:
            for sent in (
                {"data": {"model": "whisper-1"}},
                {"files": {"model": (None, "whisper-1")}},
                {"content": b"nonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
                {"content": b"nonsense", "headers": {"content-type": "multipart/form-data"}},
                {"content": b"{}", "headers": {"content-type": "application/json"}},
                {"files": [("file", ("a.wav", b"x")), ("file", ("b.wav", b"x"))]},
            ):
                answer = await http.post(url, **sent)
                assert answer.status_code == 400
                assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_translation_is_refused_clearly() -> None:
    async with clients() as (client, _):
        with pytest.raises(openai.APIStatusError, match="does not translate"):
            await client.audio.translations.create(model="whisper-1", file=recording())


async def test_a_recording_may_be_so_large_and_no_larger() -> None:
    async with clients(upload_mb=0.2) as (client, _):
        with pytest.raises(openai.APIStatusError, match="413"):
            await client.audio.transcriptions.create(model="whisper-1", file=("x.wav", b"\0" * 300_000))


# ---------------------------------------------------------------- speech


@pytest.mark.parametrize("form", ["mp3", "opus", "flac", "wav"])
async def test_text_becomes_a_recording(form: Any) -> None:
    async with clients() as (client, _):
        async with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input="It is on.", response_format=form
        ) as answer:
            data = await answer.read()
        samples, rate = sf.read(io.BytesIO(data))
        assert 0.3 < len(samples) / rate < 0.6
        assert np.abs(samples).max() > 0.05


async def test_raw_sound_is_at_the_rate_that_clients_expect_and_the_default_is_mp3() -> None:
    async with clients() as (client, _):
        pcm = await client.audio.speech.create(model="tts-1", voice="alloy", input="It is on.", response_format="pcm")
        assert len(pcm.content) == pytest.approx(0.4 * 24_000 * 2, rel=0.01)
        default = await client.audio.speech.create(model="tts-1", voice="alloy", input="It is on.")
        assert default.response.headers["content-type"] == "audio/mpeg"


async def test_an_endless_wav_header_is_one_that_readers_take() -> None:
    async with clients() as (client, _):
        answer = await client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.", response_format="wav")
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voice": "HAL"}, "no voice 'HAL'"),
        ({"response_format": "aac"}, "no aac"),
        ({"response_format": "midi"}, "response_format"),
        ({"speed": 2.0}, "words_per_minute"),
        ({"speed": 9.0}, "speed"),
        ({"input": ""}, "input"),
        ({"input": "x" * 5000}, "input"),
    ],
)
async def test_what_can_not_be_spoken_is_told(options: dict[str, Any], message: str) -> None:
    async with clients() as (client, _):
        with pytest.raises(openai.BadRequestError, match=message):
            await client.audio.speech.create(**({"model": "tts-1", "voice": "alloy", "input": "Hi."} | options))


# ---------------------------------------------------------------- chat and responses


def user(text: str) -> Any:
    return {"role": "user", "content": text}


async def test_a_sentence_is_carried_out_and_told() -> None:
    async with clients() as (client, assistant):
        told = await client.chat.completions.create(model="gpt-4o", messages=[user("turn on the lamp")])
        assert told.choices[0].message.content
        assert told.choices[0].finish_reason == "stop"
        assert assistant.backend.states["light.lamp"].value == "on"
        done = (told.choices[0].message.model_extra or {})["actions"]
        assert (done[0]["service"], done[0]["confirmed"]) == ("light.turn_on", True)


async def test_a_conversation_goes_on_by_what_was_said_in_it() -> None:
    async with clients() as (client, assistant):
        messages = [{"role": "system", "content": "You are a butler."}, user("unlock the front door")]
        asked = (await client.chat.completions.create(model="repartee", messages=messages)).choices[0].message
        assert assistant.backend.states["lock.front_door"].value == "locked"
        other = await client.chat.completions.create(model="repartee", messages=[user("yes")])
        assert other.choices[0].message.content
        assert assistant.backend.states["lock.front_door"].value == "locked", "another conversation's yes"
        messages += [{"role": "assistant", "content": asked.content}, user("yes")]
        await client.chat.completions.create(model="repartee", messages=messages)
        assert assistant.backend.states["lock.front_door"].value == "unlocked"


async def test_a_reply_that_is_streamed() -> None:
    async with clients() as (client, assistant):
        stream = await client.chat.completions.create(
            model="repartee", messages=[user("turn on the lamp")], stream=True
        )
        chunks = [chunk async for chunk in stream]
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == "Turned on the light"
        assert chunks[-1].choices[0].finish_reason == "stop"
        assert assistant.backend.states["light.lamp"].value == "on"


async def test_where_it_is_said_stands_in_the_metadata() -> None:
    async with clients() as (client, assistant):
        messages = [user("turn on the lights")]
        await client.chat.completions.create(model="repartee", messages=messages, metadata={"area": "Living room"})
        assert assistant.backend.states["light.lamp"].value == "on"
        with pytest.raises(openai.BadRequestError, match="no area 'Cellar'"):
            await client.chat.completions.create(model="repartee", messages=messages, metadata={"area": "Cellar"})


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "assistant", "content": "x"}],
        [user("")],
        [user("x" * 2000)],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}],
        [{"role": "wizard", "content": "x"}],
        [{"role": "user", "content": 7}],
    ],
)
async def test_messages_that_make_no_sense_are_told(messages: Any) -> None:
    async with clients() as (client, _):
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(model="repartee", messages=messages)
        with pytest.raises(openai.BadRequestError):
            await client.responses.create(model="repartee", input=messages or "")


async def test_a_response_tells_what_was_done_and_goes_on_by_its_id() -> None:
    async with clients() as (client, assistant):
        first = await client.responses.create(model="repartee", input="turn on the lamp")
        assert first.status == "completed"
        assert first.output_text == "Turned on the light"
        call = first.output[0]
        assert call.type == "mcp_call"
        assert (call.name, call.output) == ("light.turn_on", "confirmed")
        await client.responses.create(model="repartee", input="turn it off", previous_response_id=first.id)
        assert assistant.backend.states["light.lamp"].value == "off"
        await client.responses.create(model="repartee", input="unlock the front door", conversation="conv_1")
        await client.responses.create(model="repartee", input=[user("yes")], conversation={"id": "conv_1"})
        assert assistant.backend.states["lock.front_door"].value == "unlocked"


async def test_a_response_that_is_streamed() -> None:
    async with clients() as (client, _):
        async with client.responses.stream(model="repartee", input="turn on the lamp") as stream:
            events = [event async for event in stream]
            final = await stream.get_final_response()
        assert final.output_text == "Turned on the light"
        kinds = [event.type for event in events]
        assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
        assert "response.output_text.delta" in kinds
        assert {item.type for item in final.output} == {"message", "mcp_call"}


# ---------------------------------------------------------------- the door itself


async def test_the_models() -> None:
    async with clients() as (client, _):
        assert [model.id async for model in client.models.list()] == ["repartee", "repartee-stt", "repartee-tts"]
        assert (await client.models.retrieve("repartee")).owned_by == "repartee"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("gpt-9")


async def test_without_the_token_nobody_gets_in_and_switched_off_it_is_not_there() -> None:
    async with clients() as (client, _):
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="wrong").models.list()
    async with clients(on=False) as (client, _):
        with pytest.raises(openai.NotFoundError):
            await client.models.list()


async def test_one_too_many_is_told_to_come_back() -> None:
    admission = Admission(2)
    async with admission.one(), admission.one():
        with pytest.raises(Refusal, match="try again"):
            async with admission.one():
                pass
    async with admission.one():
        pass

    async def pieces() -> AsyncIterator[int]:
        yield 1
        yield 2

    held = admission.held(pieces())
    async with admission.one():
        assert await anext(held) == 1
        with pytest.raises(Refusal):
            async with admission.one():
                pass
    assert [piece async for piece in held] == [2]
