"""How well a fact fits a question: meaning, words, subject, person and recency joined in one score."""

from __future__ import annotations

import math
from dataclasses import dataclass

from repartee.core.memory import Fact, Query

MEANING, WORDS, SUBJECT, KIND, PERSON, RECENT = 0.45, 0.20, 0.20, 0.10, 0.03, 0.02
"""Weights; together 1. Chosen by hand, before bench/data/memory_questions.jsonl was measured."""
HALF_FIT = 4.0
"""bm25 that counts for half of the words' weight."""
HALF_LIFE = 30 * 86_400.0
"""Seconds after which a fact is half as recent."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one fact for one question."""

    cosine: float = 0.0
    fit: float = 0.0
    """bm25."""


def score(fact: Fact, query: Query, evidence: Evidence, now: float) -> float:
    """0 to 1."""
    return (
        MEANING * max(0.0, evidence.cosine)
        + WORDS * evidence.fit / (evidence.fit + HALF_FIT)
        + SUBJECT * (bool(query.subject) and fact.subject == query.subject)
        + KIND * (bool(query.kind) and fact.kind == query.kind)
        + PERSON * (bool(query.person) and fact.person == query.person)
        + RECENT * math.exp2(-max(0.0, now - fact.learned) / HALF_LIFE)
    )
