"""What is learnt from "no, the other one": the same correction twice, and the sentence means that from then on.

It is kept with what was taught: listed, forgotten, and only in the room where it was corrected.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from repartee.core.intent import Context
from repartee.core.plan import Action
from repartee.core.turn import Decision, TurnRecord
from repartee.engines.home.taught import DOMAIN, Taught
from repartee.grammar.text import joined, words

from .skills.teaching import DO, reading_as_text

ENOUGH = 2
"""Times that a sentence must have been corrected to the same."""
MOST = 500
"""Corrections that are counted at once."""
Corrects = Callable[[str, str], bool]
"""Whether a text, in a language, says that the sentence before was misunderstood."""


class Corrections:
    """Of all sessions."""

    def __init__(self, taught: Taught, corrects: Corrects) -> None:
        self._taught, self._corrects = taught, corrects
        self._seen: Counter[tuple[str, str | None, str, str]] = Counter()
        self._learning: set[asyncio.Task[object]] = set()

    def of_session(self, context: Context) -> Callable[[TurnRecord], None]:
        """To be told of each turn of one session."""
        before: list[TurnRecord] = []

        def finished(record: TurnRecord) -> None:
            if before and _did(record) and _did(before[0]) and self._corrects(record.transcript, context.language):
                self._note(before[0], record, context)
            if record.decision is not Decision.SILENCE:
                before[:] = [record]

        return finished

    def _note(self, wrong: TurnRecord, right: TurnRecord, context: Context) -> None:
        assert right.reading
        phrase = joined(words(wrong.transcript))
        if not phrase or any(part.intent.name == DO for part in right.reading.parts):
            return
        key = (context.language, context.area, phrase, reading_as_text(right.reading))
        self._seen[key] += 1
        if self._seen[key] >= ENOUGH:
            del self._seen[key]
            self._learn(*key, command=right.reply)
        elif len(self._seen) > MOST:
            self._seen.clear()

    def _learn(self, language: str, area: str | None, phrase: str, parts: str, command: str) -> None:
        data = {"phrase": phrase, "command": command, "language": language, "area": area or "", "parts": parts}
        task: asyncio.Task[object] = asyncio.create_task(self._taught.perform(Action(f"{DOMAIN}.phrase", (), data)))
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)


def _did(record: TurnRecord) -> bool:
    return record.reading is not None and any(effect.confirmed for effect in record.effects)
