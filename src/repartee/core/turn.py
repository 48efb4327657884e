"""A finished turn, as told to people, stores and tools; and what observers are told while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from .intent import Reading
from .plan import Effect
from .spans import Span
from .when import when_as_json

INTERRUPTED = "interrupted"
"""The error of a turn whose reply was cut off: somebody spoke, or pressed the button."""
ELSEWHERE = "another satellite has heard it better"
"""The error of a turn that stays silent: somebody is answered elsewhere."""


class Decision(StrEnum):
    ACTED = "acted"
    """A command or question was answered; whether the home did it stands in the effects."""
    ASKED = "asked"
    """It was not safe to act: a question went back."""
    REJECTED = "rejected"
    """Speech, but no command."""
    CANCELLED = "cancelled"
    """It was understood, and overtaken or stopped before anything was done."""
    SILENCE = "silence"
    """No speech."""


@dataclass(frozen=True, slots=True)
class Picked:
    """An answer by button."""

    question: str
    """Id of the question."""
    choice: int
    """Which of its choices, from 0."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the recogniser made of the sound up to a moment, and what we took it for."""

    end: float
    """Audio seconds up to which was listened."""
    free: str
    """Without any help from the home."""
    home: tuple[tuple[str, float], ...] = ()
    """The likeliest of what this home can hear, and by how many nats each is less likely than the free text."""
    taken: str = ""
    """The words that it was taken for."""
    status: str = ""
    """How far the sentence had got."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """All there is to know about one turn."""

    id: str
    """Correlation id: 12 hex digits."""
    at: float
    """Unix time (seconds) at which the turn began."""
    transcript: str
    decision: Decision
    reading: Reading | None = None
    question: str | None = None
    """As it was asked."""
    question_id: str | None = None
    """Names it in an answer by button."""
    alternatives: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    amended: bool = False
    """The person went on after a pause that had ended the turn, and the whole sentence came to something else."""
    taken_back: tuple[Effect, ...] = ()
    """What undid what the beginning of an amended sentence had set off."""
    reply: str = ""
    speech_end: float = 0.0
    """Audio seconds of the last voiced sample; latencies count from here. For text: when the sentence came."""
    wait_class: str = "free"
    """How far the sentence had got (`Status`) when the turn ended, or `released`, `stopped` where a button or the end
    of the audio ended it; it decides the silence that was waited for."""
    spans: tuple[Span, ...] = ()
    engines: Mapping[str, str] = field(default_factory=dict)
    """Kind to engine name."""
    pace: str = "realtime"
    error: str | None = None
    looks: tuple[Look, ...] = ()
    """At the sound, the newest last; none of a typed sentence, and of one that holds a PIN."""

    @property
    def failed(self) -> bool:
        """Whether something broke; who is interrupted, or answered elsewhere, has not failed."""
        return self.error not in (None, INTERRUPTED, ELSEWHERE)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json`, the page's socket and the store share. Documented in docs/turns.md."""
        parts = self.reading.parts if self.reading else ()
        return {
            "turn": self.id,
            "at": self.at,
            "transcript": self.transcript,
            "intent": parts[0].intent.name if parts else None,
            "slots": dict(parts[0].intent.slots) if parts else {},
            "plan": [
                {
                    "intent": p.intent.name,
                    "slots": dict(p.intent.slots),
                    "group": p.group,
                    "after": list(p.after),
                    "when": when_as_json(p.when) if p.when else None,
                }
                for p in parts
            ],
            "decision": self.decision.value,
            "question": self.question,
            "question_id": self.question_id,
            "alternatives": list(self.alternatives),
            "actions": [asdict(effect) for effect in self.effects],
            "amended": self.amended,
            "taken_back": [asdict(effect) for effect in self.taken_back],
            "reply": self.reply,
            "speech_end_s": round(self.speech_end, 3),
            "wait_class": self.wait_class,
            "spans": [span.relative(self.speech_end) for span in self.spans],
            "engines": dict(self.engines),
            "pace": self.pace,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said, by itself."""

    text: str
    start: float
    """Seconds of the sound."""
    end: float
    """The last voiced sample; seconds of the sound."""
    log_likelihood: float
    """Of the free hypothesis: natural log; 0 where the engine does not say."""


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody has begun to speak (or a sentence was typed)."""

    turn: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The words so far."""

    turn: str
    text: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Acted:
    """Something was done, or could not be: what the home has said by now."""

    turn: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question goes to the person."""

    turn: str
    question: str
    """Its id, for an answer by button."""
    choices: tuple[str, ...]
    """Labels, in the order in which they are numbered."""


@dataclass(frozen=True, slots=True)
class Replying:
    """The reply as far as it has got, just before it is spoken."""

    turn: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn is over, its whole story with it."""

    record: TurnRecord


Event = Started | Heard | Acted | Asking | Replying | Finished
