"""What a client sends, as types, and what is sent back, each with an id."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from repartee.app.doors.openai.refusals import Body
from repartee.core.untrusted import write_json

RATE = 24_000
"""Hz of the sound both ways: 16-bit little-endian mono PCM in base64."""


class Format(Body):
    type: Literal["audio/pcm"] = "audio/pcm"
    rate: Literal[24000] = 24000


class TurnDetection(Body):
    type: Literal["server_vad", "semantic_vad"] = "server_vad"
    create_response: Literal[True] = True


class Input(Body):
    format: Format | None = None
    turn_detection: TurnDetection | None = None


class Output(Body):
    format: Format | None = None


class Audio(Body):
    input: Input | None = None
    output: Output | None = None


class SessionSettings(Body):
    type: Literal["realtime"] = "realtime"
    output_modalities: list[Literal["audio", "text"]] | None = None
    audio: Audio | None = None
    tools: list[Any] = Field(default_factory=list, max_length=0)


class SessionUpdate(Body):
    type: Literal["session.update"]
    session: SessionSettings


class Append(Body):
    type: Literal["input_audio_buffer.append"]
    audio: str


class Simple(Body):
    type: Literal["input_audio_buffer.commit", "input_audio_buffer.clear", "response.cancel", "response.create"]


class Part(Body):
    type: Literal["input_text"]
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class Item(Body):
    type: Literal["message"]
    role: Literal["user"]
    content: Annotated[list[Part], Field(min_length=1, max_length=10)]


class ItemCreate(Body):
    type: Literal["conversation.item.create"]
    item: Item


class Truncate(Body):
    type: Literal["conversation.item.truncate"]
    item_id: Annotated[str, Field(max_length=100)]
    content_index: int = 0
    audio_end_ms: Annotated[int, Field(ge=0)] = 0


Incoming = TypeAdapter[SessionUpdate | Append | Simple | ItemCreate | Truncate](
    Annotated[SessionUpdate | Append | Simple | ItemCreate | Truncate, Field(discriminator="type")]
)


def new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"


def outgoing(kind: str, **fields: Any) -> str:
    return write_json({"type": kind, "event_id": new_id("event"), **fields})


def user_item(item: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    told = {"id": item, "object": "realtime.item", "type": "message", "role": "user"}
    return {**told, "status": "completed", "content": content}
