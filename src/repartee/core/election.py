"""Several satellites hear one sentence: one of them answers, the others stay silent.

A satellite stands as a candidate from the moment somebody speaks there. When its sentence is over it claims the answer;
where others hear speech that began at the same moment it waits for their claims, at most `WITHIN`. Nobody waits who
hears alone.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

import numpy as np

from .audio import AudioChunk

WITHIN: Final = 0.3
"""Seconds: two that hear one sentence hear its beginning within this, and wait for each other no longer."""
LOUDER: Final = 1.0
"""Decibels from which one is louder than the other."""
CLEARER: Final = 0.02
"""Natural log of a probability, a character, from which one has heard more clearly."""
ALIKE: Final = 0.5
"""Share of two texts that is the same, from which they are one sentence heard twice."""
MOST: Final = 64
"""Candidates that are remembered."""


def level(sound: Iterable[AudioChunk]) -> float:
    """Decibels relative to full scale, of the voiced part; minus infinity where there is none."""
    power, count = 0.0, 0
    for chunk in sound:
        if chunk.voiced:
            samples = chunk.samples.astype(np.float32)
            power, count = power + float(samples @ samples), count + len(samples)
    return 10.0 * math.log10(power / count / 32767.0**2) if power else -math.inf


@dataclass(frozen=True, slots=True)
class Claim:
    """How well one satellite has heard."""

    text: str
    meant: bool
    """It is something that would be done or asked about."""
    level: float
    """Decibels relative to full scale, of the voiced sound."""
    clarity: float
    """Log-likelihood a character; 0 where the recogniser does not say."""


@dataclass(eq=False, slots=True)
class Candidate:
    """One satellite and one utterance."""

    place: str
    """Id of its session."""
    since: float
    """When the speech began; seconds of the loop."""
    ago: Callable[[], float]
    claim: Claim | None = None
    winner: Candidate | None = None
    """Who answers; None: not decided."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """It has claimed."""


class Election:
    """Of one home."""

    def __init__(self) -> None:
        self._candidates: list[Candidate] = []

    def stand(self, place: str, ago: Callable[[], float] = lambda: 0.0) -> Candidate:
        """Speech has begun there. `ago`: how many seconds, by its own clock; asked again when it claims, for after a
        stall a clock has to find its time again."""
        candidate = Candidate(place, asyncio.get_running_loop().time() - ago(), ago)
        self._candidates = [*self._candidates[-MOST + 1 :], candidate]
        return candidate

    async def wins(self, candidate: Candidate, claim: Claim) -> bool:
        """Whether this one is to answer."""
        now = asyncio.get_running_loop().time()
        for one in self._candidates:
            if one.claim is None:
                one.since = min(one.since, now - one.ago())
        candidate.claim = claim
        candidate.settled.set()
        try:
            async with asyncio.timeout(WITHIN):
                for rival in self._rivals(candidate):
                    await rival.settled.wait()
        except TimeoutError:
            pass  # who takes longer has heard later, too
        if candidate.winner is None:
            self._decide(candidate)
        return candidate.winner is candidate

    def _decide(self, candidate: Candidate) -> None:
        """For all that have claimed and heard the same; one that has won already stays the one."""
        same = [candidate, *(rival for rival in self._rivals(candidate) if _same(rival, candidate))]
        known = next((one.winner for one in same if one.winner is not None), None)
        best = known or min(same, key=lambda one: one.since)
        for one in () if known else same:
            best = one if _better(one, best) else best
        for one in same:
            one.winner = one.winner or best

    def _rivals(self, candidate: Candidate) -> list[Candidate]:
        return [
            rival
            for rival in self._candidates
            if rival.place != candidate.place and abs(rival.since - candidate.since) <= WITHIN
        ]


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether both heard one sentence: at most one of them made sense of it, or the words are alike."""
    if one.claim is None or other.claim is None:
        return False
    if not (one.claim.meant and other.claim.meant):
        return True
    return SequenceMatcher(None, one.claim.text, other.claim.text).ratio() >= ALIKE


def _better(one: Candidate, other: Candidate) -> bool:
    """Understood, then louder, then clearer, then sooner."""
    ours, theirs = one.claim, other.claim
    if ours is None or theirs is None:
        return theirs is None and ours is not None
    if ours.meant != theirs.meant:
        return ours.meant
    if abs(ours.level - theirs.level) >= LOUDER:
        return ours.level > theirs.level
    if abs(ours.clarity - theirs.clarity) >= CLEARER:
        return ours.clarity > theirs.clarity
    return one.since < other.since
