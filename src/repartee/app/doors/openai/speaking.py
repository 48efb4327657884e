"""`POST /v1/audio/speech`: text to a recording, while it is being spoken."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from repartee.app.doors.speech import Speech
from repartee.assembly.voice_list import spoken
from repartee.core.errors import ReparteeError
from repartee.engines.audio.encoding import MEDIA_TYPES, encoded
from repartee.stages.speak import once

from .admission import Admission
from .refusals import Body, Refusal, event, read, refusal

PCM_RATE: Final = 24_000
"""Hz of raw PCM, which says nothing of its rate: what these clients expect."""
THEIRS: Final = frozenset(
    ("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "juniper", "marin", "nova", "onyx", "sage")
) | {"shimmer", "verse", "default"}
"""Voices that clients name by habit: they get ours."""


class Named(Body):
    id: str


class SpeechRequest(Body):
    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: Annotated[str, Field(max_length=200)] | Named = "default"
    response_format: Literal["mp3", "opus", "flac", "wav", "pcm", "aac"] = "mp3"
    speed: Annotated[float, Field(ge=0.25, le=4.0)] = 1.0
    stream_format: Literal["audio", "sse"] = "audio"


def routes(speech: Speech, admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/v1/audio")

    @router.post("/speech", response_class=Response)
    async def speak(request: Request) -> Response:
        """Text to speech: `input`, `voice`, `response_format`, `stream_format`."""
        body = await read(request, SpeechRequest)
        language = _language(speech, body)
        form = _form(body)
        async with admission.one():
            sound = encoded(speech.synthesize(once(body.input), language), form, PCM_RATE if form == "pcm" else None)
            first = await _first(sound)
            pieces = admission.held(_whole(first, sound))
            if body.stream_format == "sse":
                return StreamingResponse(_events(pieces), media_type="text/event-stream")
            return StreamingResponse(pieces, media_type=MEDIA_TYPES[form])

    return router


def _form(body: SpeechRequest) -> str:
    if body.response_format not in MEDIA_TYPES:
        raise Refusal(
            f"no {body.response_format} is made here; there are: {', '.join(MEDIA_TYPES)}", param="response_format"
        )
    if body.speed != 1.0:
        raise Refusal("the speed is that of the settings (`words_per_minute` in [brain])", param="speed")
    return body.response_format


def _language(speech: Speech, body: SpeechRequest) -> str | None:
    name = body.voice.id if isinstance(body.voice, Named) else body.voice
    if name in THEIRS:
        return None
    listed = next((voice for voice in spoken(speech.assistant) if voice.voice == name), None)
    if listed is None:
        raise Refusal(f"there is no voice {name[:40]!r}; `repartee voices` lists them", param="voice")
    return listed.language


async def _first(sound: AsyncIterator[bytes]) -> bytes:
    """So that what goes wrong at once is an error, not half an answer."""
    try:
        return await anext(sound, b"")
    except ReparteeError as error:
        raise refusal(error) from error


async def _whole(first: bytes, sound: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in sound:
        yield piece


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for piece in pieces:
        yield event({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
    yield event({"type": "speech.audio.done"})
