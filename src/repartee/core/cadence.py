"""When an utterance that is still going on is worth another look."""

from __future__ import annotations

from enum import Enum

from .audio import AudioChunk


class Due(Enum):
    NOTHING = 0
    PARTIAL = 1
    """A cheap look, for the person's eyes and for speculation."""
    ALL = 2
    """Everything the engine can do: the person has just fallen silent, this may be the end."""


class Cadence:
    """A look every `EVERY` seconds of speech, rarer as the utterance grows, and one whenever silence begins.

    A look costs time in proportion to the utterance's length; spacing looks in proportion too keeps the share of a
    core they take constant (`SHARE` of the length: with 15 ms a second of speech, 15 %).
    """

    EVERY = 0.4
    SHARE = 0.1

    def __init__(self) -> None:
        self._begin: float | None = None
        self._looked = 0.0
        self.stale = False
        """Something was said since the last full look."""

    def after(self, chunk: AudioChunk) -> Due:
        """What is due now that this chunk has come."""
        if self._begin is None:
            self._begin = self._looked = chunk.start
        if not chunk.voiced:
            due = Due.ALL if self.stale else Due.NOTHING
            self.stale = False
        else:
            due = Due.PARTIAL if chunk.end - self._looked >= self._interval(chunk) else Due.NOTHING
            self.stale = True
        if due is not Due.NOTHING:
            self._looked = chunk.end
        return due

    def _interval(self, chunk: AudioChunk) -> float:
        assert self._begin is not None
        return max(self.EVERY, self.SHARE * (chunk.end - self._begin))
