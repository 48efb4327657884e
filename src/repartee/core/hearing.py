"""What was heard: free hypotheses, and those that this home expects."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Clarity(Enum):
    """How much one would learn by hearing more, before deciding."""

    CLEAR = 0
    """Nothing: it can be acted on at once."""
    FAINT = 1
    """It would be acted on, and another look may change that."""
    DOUBTFUL = 2
    """A question would be asked, or nothing done: anything that helps is worth waiting for."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to write down what was said."""

    text: str
    log_likelihood: float
    """Natural log of the probability of the whole text given the audio; 0 where the engine does not say."""
    finished: bool = True
    """False: so far what this home can hear begins like this; the sentence can't be over yet."""
    ending: float = 0.0
    """The part of the log-likelihood that says nothing more follows; far below zero: the speech went on. 0 where the
    engine does not say."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One look at the utterance so far."""

    free: Hypothesis
    """Without any help from the home."""
    home: tuple[Hypothesis, ...] = ()
    """Among what this home can hear, best first; empty when the engine was not steered. When nothing that may be said
    is anywhere near, one of empty text and likelihood zero (minus infinity)."""
    end: float = 0.0
    """Audio seconds up to which was listened."""
    final: bool = False
    """Nothing will follow: the utterance is over."""
    voiced: float = 0.0
    """Seconds of voiced sound that the hypotheses have to explain; 0 where the engine does not say."""
    engine: str = ""
    """Name of the engine that heard it, where several may serve."""

    @property
    def text(self) -> str:
        """The free text: what a person is shown while speaking."""
        return self.free.text

    @property
    def gap(self) -> float | None:
        """Log-likelihood of the free hypothesis minus that of the likeliest home one; large: this was no command."""
        likelihoods = [hypothesis.log_likelihood for hypothesis in self.home]
        return self.free.log_likelihood - max(likelihoods) if likelihoods else None
