"""How a person shows that a turn was not what they wanted: they undo it, stop it, say it again, say it otherwise."""

from __future__ import annotations

from ..core.turn import Decision, TurnRecord

SOON = 30.0
"""Seconds after a turn within which what is said next is about it."""
UNDONE, CANCELLED = ("RepUndo",), ("HassNevermind",)
"""Intents."""
KINDS = ("failed", "undone", "cancelled", "repeated", "rephrased")


class Dissatisfaction:
    """Looks at turns one after the other; keeps only what the last one was."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._words: frozenset[str] = frozenset()
        self._missed = False

    def kind(self, record: TurnRecord) -> str:
        """One of `KINDS`; empty where nothing shows it."""
        soon, words = record.at - self._at <= SOON, frozenset(record.transcript.casefold().strip(" .,?!").split())
        found = self._kind(record, words, soon=soon)
        if record.decision is not Decision.SILENCE:
            self._at, self._words = record.at, words
            self._missed = record.decision in (Decision.REJECTED, Decision.CANCELLED) or record.failed
        return found

    def _kind(self, record: TurnRecord, words: frozenset[str], *, soon: bool) -> str:
        intents = [part.intent.name for part in record.reading.parts] if record.reading else []
        if record.failed:
            return "failed"
        if any(name in UNDONE for name in intents):
            return "undone"
        if record.decision is Decision.CANCELLED or any(name in CANCELLED for name in intents):
            return "cancelled"
        if not soon or not words or not self._words:
            return ""
        if words == self._words:
            return "repeated"
        alike = len(words & self._words) / len(words | self._words)
        return "rephrased" if self._missed and alike >= 1 / 3 else ""
