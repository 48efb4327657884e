"""How well something sayable explains what was heard, as numbers that each speak for or against it. Pure.

They are put together as the probability that this is what was said: a logistic regression whose weights were fitted on
varied recordings (`python -m bench calibrate`, docs/hearing.md). They belong to the recogniser that ships.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import Indel, Levenshtein

from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.intent import Reading

MOST = 12.0
"""Nats; what is worse than this is no worse for us."""
WORDS = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Nought wherever nothing speaks against it, and larger the more does (`rival` is the other way round)."""

    gap: float
    """Nats by which the free hypothesis is likelier."""
    unlikely: float
    """Nats by which a letter of it is less than certain, times ten."""
    broken_off: float
    """Nats by which the speech seems to go on where it ends."""
    left_over: float
    """Tens of letters that the free hypothesis has more: speech that is not explained."""
    unlike: float
    """Share (0 to 1) of the letters of both that the other one lacks, or has elsewhere."""
    slow: float
    """Voiced seconds beyond what so many letters take (at a slow pace), in seconds."""
    rival: float
    """Nats by which what else may have been meant is worse, six at most."""
    unsteered: float
    """1: the free hypothesis itself, read as it stands."""
    unread: float
    """Ten times what its reading's score lacks of 1."""
    attractor: float
    """Natural log of one more than the recordings without any command for which this text was the best one."""


LETTERS_PER_SECOND = 12.0
"""Slow speech."""
FAR = 6.0
"""Nats; a rival so far behind is none."""


def evidence(
    hearing: Hearing, heard: Hypothesis, reading: Reading, prior: float, rival: float, attractors: Mapping[str, int]
) -> Evidence:
    """`prior`: nats that are added to its likelihood; `rival`: nats by which the next other plan is worse."""
    free, said = plain(hearing.free.text), plain(heard.text)
    letters = max(1, len(said))
    return Evidence(
        gap=min(MOST, max(0.0, hearing.free.log_likelihood - heard.log_likelihood - prior)),
        unlikely=min(MOST, -10 * heard.log_likelihood / letters),
        broken_off=min(MOST / 2, -heard.ending),
        left_over=max(0, len(free) - len(said)) / 10,
        unlike=Indel.normalized_distance(free, said),
        slow=max(0.0, hearing.voiced - len(said) / LETTERS_PER_SECOND),
        rival=max(0.0, min(FAR, rival)),
        unsteered=float(heard is hearing.free),
        unread=10 * (1 - reading.score),
        attractor=math.log1p(attractors.get(said, 0)),
    )


def unexplained(free: str, said: str) -> str:
    """The words of the free text for which the said one has no letters, not even other ones: what was left out."""
    letters = plain(free)
    extra = set[int]()
    for change in Levenshtein.opcodes(plain(said), letters):
        if change.tag == "insert":
            extra.update(range(change.dest_start, change.dest_end))
    words = ((m.start(), m.end()) for m in WORDS.finditer(letters))
    return " ".join(letters[a:b] for a, b in words if 2 * len(extra.intersection(range(a, b))) > b - a)


def plain(text: str) -> str:
    """Its words, without capitals and punctuation."""
    return " ".join(WORDS.findall(text.lower()))


@dataclass(frozen=True, slots=True)
class Weights:
    """Of each piece of evidence, in logits."""

    bias: float
    by_name: Mapping[str, float]
    attractors: Mapping[str, int]
    """Text to the recordings without any command for which it was the best one."""

    def probability(self, found: Evidence) -> float:
        """That this is what was said."""
        logit = self.bias + sum(w * x for w, x in zip(self._row(), astuple(found), strict=True))
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, logit))))

    def _row(self) -> tuple[float, ...]:
        return tuple(self.by_name.get(field.name, 0.0) for field in fields(Evidence))


@cache
def weights() -> Weights:
    """Those that ship: `evidence.json`, made by the bench."""
    made: dict[str, Any] = json.loads(files(__package__).joinpath("evidence.json").read_text("utf-8"))
    return Weights(made["bias"], made["weights"], made["attractors"])
