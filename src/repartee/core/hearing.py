"""What was heard: free hypotheses, and those that this home expects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to write down what was said."""

    text: str
    log_likelihood: float
    """Natural log of the probability of the whole text given the audio; 0 where the engine does not say."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One look at the utterance so far."""

    free: Hypothesis
    """Without any help from the home."""
    home: tuple[Hypothesis, ...] = ()
    """Among what this home can hear, best first; empty when the engine was not steered."""
    end: float = 0.0
    """Audio seconds up to which was listened."""
    final: bool = False
    """Nothing will follow: the utterance is over."""

    @property
    def text(self) -> str:
        """The free text: what a person is shown while speaking."""
        return self.free.text

    @property
    def gap(self) -> float | None:
        """Log-likelihood of the free hypothesis minus that of the best home one; large: this was no command."""
        return self.free.log_likelihood - self.home[0].log_likelihood if self.home else None
