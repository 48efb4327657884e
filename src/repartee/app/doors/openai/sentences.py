"""What a client wants to have answered: the last thing a person said, and where the conversation has got."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from repartee.app.doors.speech import Asker, Speech, area_of
from repartee.core.untrusted import write_json

from .refusals import Body, Refusal

MAX_TEXT = 1000
"""Characters of a sentence."""


class ContentPart(Body):
    type: str
    text: Annotated[str, Field(max_length=100_000)] = ""


class Message(Body):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"] = "user"
    content: Annotated[str, Field(max_length=100_000)] | list[ContentPart] | None = None
    type: str = "message"

    @property
    def text(self) -> str:
        """Raises `Refusal` for what is no text."""
        if not isinstance(self.content, list):
            return self.content or ""
        other = next((part for part in self.content if part.type not in ("text", "input_text", "output_text")), None)
        if other:
            raise Refusal(f"only text is understood here, no {other.type[:40]!r}", param="messages")
        return " ".join(part.text for part in self.content)


def last_said(messages: Sequence[Message]) -> str:
    """By the person. Raises `Refusal`."""
    if not messages or messages[-1].role != "user":
        raise Refusal("the last message must be the user's", param="messages")
    text = messages[-1].text.strip()
    if not text:
        raise Refusal("the last message is empty", param="messages")
    if len(text) > MAX_TEXT:
        raise Refusal(f"a sentence of {len(text)} characters; at most {MAX_TEXT} are understood", param="messages")
    return text


def so_far(messages: Sequence[Message]) -> str:
    """Names a conversation by what was said in it: clients send all of it each time, and no id."""
    talk = [[message.role, message.text] for message in messages if message.role in ("user", "assistant")]
    return hashlib.sha256(write_json(talk).encode()).hexdigest() if talk else ""


def asker(speech: Speech, conversation: str, metadata: dict[str, Any] | None) -> Asker:
    """`metadata` may say the `area` it is said in, and the `language`. Raises `Refusal` for a place that is none."""
    told = metadata or {}
    area, language = told.get("area"), told.get("language")
    if area is not None and area_of(speech.assistant, area) is None:
        known = ", ".join(area.name for area in speech.assistant.backend.home.areas)
        raise Refusal(f"this home has no area {str(area)[:40]!r}; it has: {known}", param="metadata")
    return Asker(conversation, area, language if isinstance(language, str) else None)
