"""A button and what its presses mean: hold, toggle, or hybrid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    HOLD = "hold"
    """Talk while it is held; the release ends the sentence at once."""
    TOGGLE = "toggle"
    """One press begins, the next ends."""
    HYBRID = "hybrid"
    """As hold, but silence ends the sentence too: let go whenever you like."""


class Action(StrEnum):
    START = "start"
    STOP = "stop"


@dataclass(slots=True)
class Button:
    """What to do when the key goes down and up, and when a sentence was answered."""

    mode: Mode
    recording: bool = False
    _held: bool = False

    def down(self) -> Action | None:
        """A key that repeats while it is held goes down once."""
        if self._held:
            return None
        self._held = True
        return self._to(not self.recording if self.mode is Mode.TOGGLE else True)

    def up(self) -> Action | None:
        self._held = False
        return None if self.mode is Mode.TOGGLE else self._to(False)

    def finished(self) -> Action | None:
        """The sentence is over: the silence after it was long enough."""
        return self._to(False) if self.mode is Mode.HYBRID else None

    def _to(self, recording: bool) -> Action | None:
        if recording == self.recording:
            return None
        self.recording = recording
        return Action.START if recording else Action.STOP
