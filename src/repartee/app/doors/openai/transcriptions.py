"""`POST /v1/audio/transcriptions`: a recording to text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from repartee.app.doors.speech import Speech
from repartee.core.errors import ReparteeError
from repartee.core.turn import Utterance
from repartee.engines.audio import file

from .admission import Admission
from .refusals import Refusal, event, refusal


def routes(speech: Speech, admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/v1/audio")

    @router.post("/transcriptions", response_class=Response)
    async def transcriptions(request: Request) -> Response:
        """Speech to text: `file`, `response_format`, `language`, `stream`."""
        async with admission.one():
            form = await _form(request)
            source, form_name = await _source(form), _format(form)
            language = _text(form, "language")
            utterances = speech.transcribe(source, language)
            if _text(form, "stream") == "true":
                return StreamingResponse(
                    admission.held(_streamed(utterances, source.seconds)), media_type="text/event-stream"
                )
            try:
                async with aclosing(utterances):
                    heard = [utterance async for utterance in utterances if utterance.text]
            except ReparteeError as error:
                raise refusal(error) from error
        said = language or speech.assistant.settings.brain.language
        return WRITERS[form_name](Transcription(heard, source.seconds, said))

    @router.post("/translations", response_class=Response)
    async def translations() -> Response:
        """Refused: nothing here translates."""
        raise Refusal("this server does not translate speech; use /v1/audio/transcriptions", 404, code="unsupported")

    return router


@dataclass(frozen=True, slots=True)
class Transcription:
    heard: Sequence[Utterance]
    seconds: float
    """Of the recording."""
    language: str

    @property
    def text(self) -> str:
        return " ".join(utterance.text for utterance in self.heard)


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=1, max_fields=50)
    except HTTPException as error:
        raise Refusal(f"not a form with a file in it: {error.detail}") from error


async def _source(form: FormData) -> file.Source:
    sent = form.get("file")
    if not isinstance(sent, UploadFile):
        raise Refusal("the file is missing", param="file")
    try:
        return file.Source(Path(Path(sent.filename or "file").name), data=await sent.read())
    except ReparteeError as error:
        raise Refusal(str(error), param="file", code="unsupported_format") from error


def _format(form: FormData) -> str:
    name = _text(form, "response_format") or "json"
    if name not in WRITERS:
        raise Refusal(f"there is no format {name[:40]!r}; there are: {', '.join(WRITERS)}", param="response_format")
    if "word" in form.getlist("timestamp_granularities[]"):
        raise Refusal("there are no times of words here, only of segments", param="timestamp_granularities[]")
    return name


def _text(form: FormData, key: str) -> str | None:
    value = form.get(key)
    return value if isinstance(value, str) and value else None


async def _streamed(utterances: AsyncIterator[Utterance], seconds: float) -> AsyncIterator[str]:
    texts: list[str] = []
    try:
        async for utterance in utterances:
            if utterance.text:
                delta = f" {utterance.text}" if texts else utterance.text
                texts.append(utterance.text)
                yield event({"type": "transcript.text.delta", "delta": delta})
    except ReparteeError as error:
        yield event({"type": "error", **refusal(error).as_json()})
        return
    yield event({"type": "transcript.text.done", "text": " ".join(texts), "usage": _usage(seconds)})


def _json(told: Transcription) -> Response:
    return JSONResponse({"text": told.text, "usage": _usage(told.seconds)})


def _plain(told: Transcription) -> Response:
    return PlainTextResponse(f"{told.text}\n")


def _verbose(told: Transcription) -> Response:
    segments = [_segment(number, utterance) for number, utterance in enumerate(told.heard)]
    whole = {"task": "transcribe", "language": told.language, "duration": told.seconds, "text": told.text}
    return JSONResponse({**whole, "segments": segments, "usage": _usage(told.seconds)})


def _segment(number: int, utterance: Utterance) -> Mapping[str, Any]:
    """`avg_logprob` is by character: what the engine says of the whole, divided. What nobody measured is left out."""
    logprob = utterance.log_likelihood / max(1, len(utterance.text))
    return {
        "id": number,
        "start": round(utterance.start, 3),
        "end": round(utterance.end, 3),
        "text": utterance.text,
        "avg_logprob": round(logprob, 4),
    }


def _srt(told: Transcription) -> Response:
    rows = (f"{n}\n{_time(u.start, ',')} --> {_time(u.end, ',')}\n{u.text}\n" for n, u in enumerate(told.heard, 1))
    return PlainTextResponse("\n".join(rows), media_type="application/x-subrip")


def _vtt(told: Transcription) -> Response:
    rows = (f"{_time(u.start, '.')} --> {_time(u.end, '.')}\n{u.text}\n" for u in told.heard)
    return PlainTextResponse("WEBVTT\n\n" + "\n".join(rows), media_type="text/vtt")


WRITERS: Final[Mapping[str, Callable[[Transcription], Response]]] = {
    "json": _json,
    "text": _plain,
    "srt": _srt,
    "vtt": _vtt,
    "verbose_json": _verbose,
}
"""By the name of the format."""


def _usage(seconds: float) -> dict[str, object]:
    return {"type": "duration", "seconds": round(seconds, 3)}


def _time(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
