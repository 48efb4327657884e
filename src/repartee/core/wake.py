"""What a wake word's detection is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detection:
    """Somebody said (or seemed to say) a wake word."""

    word: str
    score: float
    """Probability (0-1) after all opinions asked."""
    fired: float
    """Audio seconds at which the first stage noticed it."""
    settled: float
    """Audio seconds at which it was confirmed or given up."""
    confirmed: bool
    """Only a confirmed word opens the microphone."""
    ended: float | None = None
    """Audio seconds at which the word itself ended, where the sound around it shows that."""
