"""`POST /v1/chat/completions`: a sentence is carried out, or answered by the language model if there is one."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from repartee.app.doors.speech import Asker, Speech
from repartee.core.errors import ReparteeError
from repartee.core.turn import TurnRecord
from repartee.core.untrusted import write_json

from .admission import Admission
from .refusals import Body, event, read, refusal
from .sentences import Message, asker, last_said, so_far


class StreamOptions(Body):
    include_usage: bool = False


class ChatRequest(Body):
    model: Annotated[str, Field(max_length=200)] = "repartee"
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool | None = False
    metadata: dict[str, Any] | None = None


def routes(speech: Speech, admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/chat/completions", response_class=Response)
    async def complete(request: Request) -> Response:
        """What a person says in `messages`, carried out and answered; `stream` sends the reply as it comes."""
        body = await read(request, ChatRequest)
        text = last_said(body.messages)
        who = asker(speech, so_far(body.messages[:-1]) or secrets.token_hex(8), body.metadata)
        chat = _Chat(speech, body, who)
        async with admission.one():
            if body.stream:
                return StreamingResponse(admission.held(chat.streamed(text)), media_type="text/event-stream")
            try:
                return _answer(chat.whole(await speech.ask(text, who)))
            except ReparteeError as error:
                raise refusal(error) from error

    return router


class _Chat:
    """One answer."""

    def __init__(self, speech: Speech, body: ChatRequest, who: Asker) -> None:
        self._speech, self._body, self._who = speech, body, who
        self._id, self._created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())

    def whole(self, record: TurnRecord) -> dict[str, Any]:
        """`actions` is ours: what was done, an effect an entity."""
        self._goes_on(record.reply)
        message = {"role": "assistant", "content": record.reply, "refusal": None, "actions": actions(record)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._named("chat.completion"), "choices": [choice]}

    async def streamed(self, text: str) -> AsyncIterator[str]:
        reply = ""
        yield self._chunk({"role": "assistant", "content": ""})
        try:
            async for piece in self._speech.answer(text, self._who):
                if isinstance(piece, TurnRecord):
                    reply = piece.reply
                    yield self._chunk({"actions": actions(piece)}, "stop")
                else:
                    yield self._chunk({"content": piece})
        except ReparteeError as error:
            yield event(refusal(error).as_json())
        self._goes_on(reply)
        yield "data: [DONE]\n\n"

    def _goes_on(self, reply: str) -> None:
        """The next request brings all of it with this reply."""
        messages = [*self._body.messages, Message(role="assistant", content=reply)]
        self._speech.rename(self._who, replace(self._who, conversation=so_far(messages)))

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return event({**self._named("chat.completion.chunk"), "choices": [choice]})

    def _named(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._body.model}


def actions(record: TurnRecord) -> list[dict[str, Any]]:
    """What was done to the home."""
    return [asdict(effect) for effect in record.effects]


def _answer(told: dict[str, Any]) -> Response:
    return Response(write_json(told), media_type="application/json")
