"""`POST /v1/responses`: as the chat, with an id by which a conversation goes on, and what was done as calls."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from repartee.app.doors.speech import Asker, Speech
from repartee.core.errors import ReparteeError
from repartee.core.plan import Effect
from repartee.core.turn import TurnRecord
from repartee.core.untrusted import write_json

from .admission import Admission
from .refusals import Body, Refusal, event, read, refusal
from .sentences import Message, asker, last_said


class Conversation(Body):
    id: Annotated[str, Field(max_length=200)]


class ResponseRequest(Body):
    model: Annotated[str, Field(max_length=200)] = "repartee"
    input: Annotated[str, Field(max_length=100_000)] | Annotated[list[Message], Field(min_length=1, max_length=1000)]
    previous_response_id: Annotated[str, Field(max_length=200)] | None = None
    conversation: Annotated[str, Field(max_length=200)] | Conversation | None = None
    stream: bool | None = False
    metadata: dict[str, Any] | None = None

    @property
    def messages(self) -> list[Message]:
        if isinstance(self.input, str):
            return [Message(role="user", content=self.input)]
        return [message for message in self.input if message.type == "message"]


def routes(speech: Speech, admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/responses", response_class=Response)
    async def respond(request: Request) -> Response:
        """`input` carried out and answered; `previous_response_id` or `conversation` goes on with a conversation."""
        body = await read(request, ResponseRequest)
        text = last_said(body.messages)
        answer = _Answer(speech, body, asker(speech, _going_on(body) or secrets.token_hex(8), body.metadata))
        async with admission.one():
            if body.stream:
                return StreamingResponse(admission.held(answer.streamed(text)), media_type="text/event-stream")
            try:
                told = answer.whole(await speech.ask(text, answer.who))
            except ReparteeError as error:
                raise refusal(error) from error
            return Response(write_json(told), media_type="application/json")

    return router


def _going_on(body: ResponseRequest) -> str | None:
    if body.previous_response_id and body.conversation:
        raise Refusal("give previous_response_id or conversation, not both", param="conversation")
    named = body.conversation.id if isinstance(body.conversation, Conversation) else body.conversation
    return body.previous_response_id or named


class _Answer:
    """One response."""

    def __init__(self, speech: Speech, body: ResponseRequest, who: Asker) -> None:
        self._speech, self._body, self.who = speech, body, who
        self._id, self._item = f"resp_{secrets.token_hex(12)}", f"msg_{secrets.token_hex(12)}"
        self._created, self._numbers = int(time.time()), count()

    def whole(self, record: TurnRecord) -> dict[str, Any]:
        if not self._body.conversation:
            self._speech.rename(self.who, replace(self.who, conversation=self._id))
        output = [*(_call(effect) for effect in record.effects), self._message(record.reply, "completed")]
        return self._response("completed", output)

    async def streamed(self, text: str) -> AsyncIterator[str]:
        yield self._event("response.created", response=self._response("in_progress", []))
        yield self._event("response.in_progress", response=self._response("in_progress", []))
        yield self._event("response.output_item.added", output_index=0, item=self._message(None, "in_progress"))
        yield self._part("response.content_part.added", part=_part(""))
        try:
            async for piece in self._speech.answer(text, self.who):
                if isinstance(piece, TurnRecord):
                    for line in self._end(piece):
                        yield line
                else:
                    yield self._part("response.output_text.delta", delta=piece, logprobs=[])
        except ReparteeError as error:
            failed = self._response("failed", []) | refusal(error).as_json()
            yield self._event("response.failed", response=failed)

    def _end(self, record: TurnRecord) -> list[str]:
        told = self.whole(record)
        calls = told["output"][:-1]
        told["output"] = [told["output"][-1], *calls]  # the message was begun first
        events = [
            self._part("response.output_text.done", text=record.reply, logprobs=[]),
            self._part("response.content_part.done", part=_part(record.reply)),
            self._event("response.output_item.done", output_index=0, item=told["output"][0]),
        ]
        for index, call in enumerate(calls, 1):
            events.append(self._event("response.output_item.added", output_index=index, item=call))
            events.append(self._event("response.output_item.done", output_index=index, item=call))
        return [*events, self._event("response.completed", response=told)]

    def _part(self, kind: str, **more: Any) -> str:
        return self._event(kind, item_id=self._item, output_index=0, content_index=0, **more)

    def _event(self, kind: str, **more: Any) -> str:
        return event({"type": kind, "sequence_number": next(self._numbers), **more}, kind)

    def _message(self, text: str | None, status: str) -> dict[str, Any]:
        content = [] if text is None else [_part(text)]
        return {"id": self._item, "type": "message", "role": "assistant", "status": status, "content": content}

    def _response(self, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id, "object": "response", "created_at": self._created, "status": status, "error": None,
            "incomplete_details": None, "instructions": None, "metadata": self._body.metadata or {},
            "model": self._body.model, "output": output, "parallel_tool_calls": False, "temperature": None,
            "previous_response_id": self._body.previous_response_id, "tool_choice": "none", "tools": [], "top_p": None,
        }  # fmt: skip


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(effect: Effect) -> dict[str, Any]:
    """What the assistant did by itself, as a call it made on a server of its own: the home."""
    told = {"entity_id": effect.entity, **effect.data}
    return {
        "id": f"mcp_{secrets.token_hex(12)}", "type": "mcp_call", "server_label": "home", "name": effect.service,
        "arguments": write_json(told), "output": "confirmed" if effect.confirmed else None, "error": effect.error,
        "status": "completed" if effect.confirmed else "failed",
    }  # fmt: skip
