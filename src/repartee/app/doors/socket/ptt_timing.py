"""What a press of a push-to-talk button took: told by whoever has the button, completed by what the turn became."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from repartee.core.turn import TurnRecord
from repartee.observe.turns import confirmed_at
from repartee.stages.audio_in.endpointer import RELEASED

Milliseconds = Annotated[float, Field(ge=0, le=60_000, allow_inf_nan=False)]


class Button(BaseModel):
    """Milliseconds, each from the end of the one before but the last."""

    model_config = ConfigDict(extra="forbid")
    key_press: Milliseconds
    """From the key to the code that sees it."""
    recording_start: Milliseconds
    """From there to the first sample sent."""
    recording_stop: Milliseconds
    """From letting go to the last sample sent."""

    def figures(self) -> dict[str, float]:
        """By the metrics of the contract."""
        begun = self.key_press + self.recording_start
        return {
            "ptt_key_press": self.key_press,
            "ptt_recording_start": self.recording_start,
            "ptt_recording_stop": self.recording_stop,
            "ptt_press_to_recording": begun,
            "ptt_total": begun + self.recording_stop,
        }


def release_to_action(button: Button, ended: float, record: TurnRecord) -> float | None:
    """Milliseconds from letting go to the confirmed state change; `ended`: audio second at which the sound was over.
    None where the turn was over before, or nothing was done."""
    confirmed = confirmed_at(record)
    if confirmed is None or record.wait_class != RELEASED or record.pace != "realtime":
        return None
    return button.recording_stop + max(0.0, confirmed - ended) * 1000
