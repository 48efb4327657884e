"""A link of the interpreting chain that takes time: memory, meaning, a language model.

The quick links (an open question, the grammar) run on every guess while a person speaks. These are asked once, in
order, about a whole sentence that no quick link knows. The first that finds something wins.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from .intent import Doubt, Reading
from .skill import Situation


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence that nothing quick knows."""

    text: str
    now: Situation
    turn: str
    """Id of its turn."""
    addressed: bool = True
    """It is meant for us: typed, called by a wake word or a button. False: an open microphone heard it."""
    hurried: bool = False
    """Answers have come late: only what is quick is done."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a link makes of it: one of the three."""

    reading: Reading | None = None
    """To be planned, held against the policy, confirmed and done like any other."""
    words: AsyncGenerator[str, None] | None = None
    """An answer, as it comes. It is closed when nobody listens any more."""
    doubt: Doubt | None = None
    """Why there is no answer, to be told."""
    ask: bool = True
    """The reading has no word of the sentence behind each part: the person says yes first."""


class Link(Protocol):
    stage: str
    """Of its span: `remember`, `meaning`, `llm`."""
    within: float | None
    """Seconds after which the next link is asked instead; None: as long as the turn has."""

    async def __call__(self, sentence: Sentence, /) -> Found | None:
        """None: it does not know either. May raise a `ReparteeError`, which the person is told."""
        ...
