"""How well this satellite has heard a sentence that others may have heard, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.audio import AudioChunk
from ..core.election import Claim, level
from ..core.hearing import Hypothesis
from ..stages.understand.interpret import Act, Ask, Interpretation

__all__ = ["Claim", "claim_of"]


def claim_of(
    interpreted: Interpretation, heard: tuple[Hypothesis, Sequence[Hypothesis]] | None, sound: Iterable[AudioChunk]
) -> Claim:
    """`heard`: the free hypothesis first."""
    text, meant = interpreted.text, isinstance(interpreted.meaning, Act | Ask)
    likelihood = heard[0].log_likelihood if heard else 0.0
    return Claim(text, meant, level(sound), likelihood / max(1, len(text)))
