"""Names that sound alike, so that a person can rename one before the wrong lamp goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from repartee.core.home import Entity

ALIKE = 0.8
"""Share of the sounds that two names have in common, from which people and recognisers mix them up."""
MOST = 2000
"""Names compared with each other; the pairs grow with the square."""
_SOUNDS = [
    (r"[^a-z0-9 ]", ""),
    (r"ph|v|w", "f"), (r"sch|sh|ch|tz|z|c(?=[eiy])|x", "s"), (r"ck|[cgq]", "k"), (r"b", "p"), (r"d|th", "t"),
    (r"gh|h|(?<=.)y", ""), (r"[aeiouy]+", "a"), (r"([a-z])\1+", r"\1"),
]  # fmt: skip
"""Letters to the groups that a far microphone keeps apart: vowels are one, voiced and voiceless are one."""


def confusable_names(entities: Sequence[Entity]) -> list[tuple[Entity, Entity]]:
    """Pairs of different entities of one kind whose names or aliases sound alike, the nearest first.

    Names that differ in a number ("lamp 1", "lamp 2") are told apart by it and are not meant.
    """
    named = [(entity, name, sounds(name)) for entity in entities for name in entity.names][:MOST]
    if len(named) < 2:
        return []
    keys = [key for _, _, key in named]
    near = cdist(keys, keys, scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32)
    pairs: dict[tuple[str, str], tuple[float, Entity, Entity]] = {}
    for i, j in np.argwhere(np.triu(near, 1) > 0):
        (one, one_name, _), (other, other_name, _) = named[i], named[j]
        told_apart = re.findall(r"\d+", one_name) != re.findall(r"\d+", other_name)
        if one.id != other.id and one.domain == other.domain and not told_apart:
            pairs.setdefault((one.id, other.id), (-float(near[i, j]), one, other))
    return [(one, other) for _, one, other in sorted(pairs.values(), key=lambda pair: (pair[0], pair[1].id))]


def sounds(name: str) -> str:
    """A rough key of how it sounds."""
    key = name.casefold()
    for pattern, group in _SOUNDS:
        key = re.sub(pattern, group, key)
    return " ".join(key.split())
