"""What is said over a socket, each way: the messages of a page as types, the events of a turn as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from repartee.core.errors import BadText
from repartee.core.turn import Acted, Asking, Event, Finished, Heard, Replying, Started

from .ptt_timing import Button

MAX_FRAME: Final = 64 * 1024
"""Bytes of any message or frame: two seconds of sound."""
MAX_TEXT: Final = 1000
"""Characters of a typed sentence."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Listen(_Message):
    """Frames of sound follow."""

    type: Literal["listen"]
    held: bool = False
    """A button is held down: its release ends the turn, no silence does."""


class Held(_Message):
    """The button stays down, or was only tapped: whether its release ends the turn, or a silence."""

    type: Literal["held"]
    held: bool


class End(_Message):
    """No more sound: the button was released."""

    type: Literal["end"]
    button: Button | None = None
    """What the press took, where a button was pressed and let go."""


class Ask(_Message):
    type: Literal["ask"]
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Answer(_Message):
    """One of the choices of an open question was picked."""

    type: Literal["answer"]
    question: Annotated[str, Field(max_length=64)]
    choice: Annotated[int, Field(ge=0, lt=100)]


class Stop(_Message):
    """Cancel what is being heard, said or done."""

    type: Literal["stop"]


class Played(_Message):
    type: Literal["played"]
    utterance: int


Incoming = TypeAdapter[Listen | Held | End | Ask | Answer | Stop | Played](
    Annotated[Listen | Held | End | Ask | Answer | Stop | Played, Field(discriminator="type")]
)


def event_view(event: Event) -> dict[str, Any]:
    """What observers of a turn are told."""
    match event:
        case Started(turn=turn):
            return {"type": "started", "turn": turn}
        case Heard(turn=turn, text=text, final=final):
            return {"type": "heard", "turn": turn, "text": text, "final": final}
        case Acted(turn=turn, effects=effects):
            return {"type": "acted", "turn": turn, "actions": [asdict(effect) for effect in effects]}
        case Asking(turn=turn, question=question, choices=choices):
            return {"type": "asking", "turn": turn, "question": question, "choices": list(choices)}
        case Replying(turn=turn, text=text):
            return {"type": "replying", "turn": turn, "text": text}
        case Finished(record=record):
            return {"type": "finished", "record": record.as_json()}


def what_is_wrong(error: ValidationError | BadText) -> str:
    if isinstance(error, BadText):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
