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
    AGAIN = 3
    """The silence lasts and what was said is unclear: it may be clearer with the room's answer to the last word."""


class DecodeSchedule:
    """A look every `EVERY` seconds of speech, rarer as the utterance grows; one when silence begins, one when it lasts.

    A look costs time in proportion to the utterance's length; spacing looks in proportion too keeps the share of a
    core they take constant (`SHARE` of the length: with 15 ms a second of speech, 15 %).
    """

    EVERY = 0.4
    SHARE = 0.1
    LASTS = (0.08, 0.4)
    """Seconds from the first silent frame on."""
    REST = 0.3
    """Seconds of silence after which what is no command is looked at: people take a breath."""
    BREATHLESS = 10.0
    """Seconds without such a silence after which any will do ..."""
    LONGEST = 15.0
    """... and after which it is looked at in the middle of a word."""

    def __init__(self) -> None:
        self._begin: float | None = None
        self._looked = self._before = 0.0
        self._again: list[float] = []
        """When, should the silence last."""
        self.stale = False
        """Something was said since the last full look."""
        self.resting = False
        self._fell_silent: float | None = None

    def after(self, chunk: AudioChunk) -> Due:
        """What is due now that this chunk has come."""
        if self._begin is None:
            self._begin = self._looked = chunk.start
        if self.resting:
            return self._overhearing(chunk)
        due = self._speaking(chunk) if chunk.voiced else self._silent(chunk)
        if due is not Due.NOTHING:
            self._before, self._looked = self._looked, chunk.end
        return due

    def abandoned(self) -> None:
        """The look that was due was given up, for the person had not fallen silent."""
        self._looked = self._before

    def rest(self, end: float) -> None:
        """What was said up to `end` is no command: from now on one look at each stretch of speech is enough."""
        self.resting, self._looked, self._again = True, end, []

    def _overhearing(self, chunk: AudioChunk) -> Due:
        length = chunk.end - self._looked
        if chunk.voiced:
            self.stale, self._fell_silent = True, None
        elif self._fell_silent is None:
            self._fell_silent = chunk.start
        silent = 0.0 if self._fell_silent is None else chunk.end - self._fell_silent
        rests = silent >= self.REST or (silent > 0 and length >= self.BREATHLESS) or length >= self.LONGEST
        if not (self.stale and rests):
            return Due.NOTHING
        self.stale, self._looked = False, chunk.end
        return Due.ALL

    def _speaking(self, chunk: AudioChunk) -> Due:
        self.stale, self._again = True, []
        return Due.PARTIAL if chunk.end - self._looked >= self._interval(chunk) else Due.NOTHING

    def _silent(self, chunk: AudioChunk) -> Due:
        if self.stale:
            self.stale, self._again = False, [chunk.end + after for after in self.LASTS]
            return Due.ALL
        if not (chunk.unclear and self._again and chunk.end >= self._again[0]):
            return Due.NOTHING
        self._again = [at for at in self._again if at > chunk.end]
        return Due.AGAIN

    def _interval(self, chunk: AudioChunk) -> float:
        assert self._begin is not None
        return max(self.EVERY, self.SHARE * (chunk.end - self._begin))
