"""What is asked of an OpenAI-compatible server, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from repartee.core.errors import ModelAway, ModelBusy, ModelError, ModelGarbled
from repartee.core.prompt import OutputForm, Prompt


class Binding(StrEnum):
    """How a server can be held to a form, the strictest first; the next is tried where one is refused."""

    SCHEMA = "schema"
    """`response_format` with a JSON schema: OpenAI, llama.cpp, vLLM, LM Studio, Ollama."""
    GRAMMAR = "grammar"
    """`grammar` in GBNF: llama.cpp."""
    TOOL = "tool"
    """A function that has to be called."""
    NONE = "none"
    """Asked for in words alone."""


def body(prompt: Prompt, model: str, binding: Binding) -> dict[str, Any]:
    messages = [{"role": message.role.value, "content": message.text} for message in prompt.messages]
    asked: dict[str, Any] = {
        "model": model, "messages": messages, "stream": True, "max_tokens": prompt.max_tokens, "temperature": 0,
    }  # fmt: skip
    return asked | (_bound(prompt.form, binding) if prompt.form else {})


def _bound(form: OutputForm, binding: Binding) -> dict[str, Any]:
    if binding is Binding.SCHEMA:
        schema = {"name": form.name, "schema": form.schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    if binding is Binding.GRAMMAR:
        return {"grammar": form.grammar} if form.grammar else {}
    if binding is Binding.TOOL:
        function = {"name": form.name, "parameters": form.schema}
        return {
            "tools": [{"type": "function", "function": function}],
            "tool_choice": {"type": "function", "function": {"name": form.name}},
        }
    return {}


def refusal(status: int, text: str, headers: Mapping[str, str]) -> ModelError:
    """Of an answer that is none."""
    told = f"the language model's server answers {status}: {_message(text)}"
    if status in (429, 503):
        return ModelBusy(told, _seconds(headers.get("Retry-After", "")))
    return ModelAway(told)


def _message(text: str) -> str:
    """What a person can do something with; at most a line of it, and never our own key."""
    try:
        data = json.loads(text)
        error = data.get("error", data)
        text = error.get("message", text) if isinstance(error, dict) else str(error)
    except (ValueError, AttributeError):
        pass
    return " ".join(str(text).split())[:200]


def _seconds(text: str) -> float:
    try:
        return min(60.0, max(0.0, float(text)))
    except ValueError:
        return 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Of an answer."""

    text: str = ""
    finished: bool = False


def piece(data: str) -> Piece:
    """What one event of the stream brings. Raises `ModelGarbled`, and what the server says went wrong."""
    if data.strip() == "[DONE]":
        return Piece(finished=True)
    try:
        return read(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ModelGarbled(f"the language model's server sends what is no answer: {data[:80]!r}") from error


def read(answer: Any) -> Piece:
    """Of an event, or of a whole answer from a server that does not stream."""
    if answer.get("error"):
        raise ModelAway(f"the language model's server fails: {_message(json.dumps(answer))}")
    choices = answer.get("choices") or []
    if not choices:
        return Piece()
    choice = choices[0]
    said = choice.get("delta") or choice.get("message") or {}
    calls = [call["function"].get("arguments") or "" for call in said.get("tool_calls") or []]
    text = "".join(calls) or said.get("content") or ""
    if not isinstance(text, str):
        raise TypeError("content is no text")
    return Piece(text, bool(choice.get("finish_reason")))
