"""What a language model is asked: messages, and what its answer must look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_ANSWER = 1_000_000
"""Bytes of one answer; what is longer is no answer to anybody."""


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class OutputForm:
    """What the answer has to be; an engine uses the one of the two that its model can be held to."""

    name: str
    """Of the function, where the model is asked to call one: letters and underscores."""
    schema: Mapping[str, Any]
    """JSON schema of the whole answer."""
    grammar: str = ""
    """The same in GBNF, the grammar notation of llama.cpp; empty: made from the schema by whoever needs it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    messages: tuple[Message, ...]
    form: OutputForm | None = None
    """None: free text."""
    max_tokens: int = 256
    first_within: float = 10.0
    """Seconds until the first token, reading the prompt included."""
    stalled_after: float = 5.0
    """Seconds between two tokens."""
