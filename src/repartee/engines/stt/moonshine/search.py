"""Searches for the text of an utterance, given what its encoder heard."""

from __future__ import annotations

import numpy as np

from repartee.core.hearing import Hypothesis

from .model import Encoded, Model

PIECES_PER_SECOND = 6.5
"""People do not speak faster; a decoder that goes on is babbling (the limit the model's authors use)."""


def greedy(model: Model, encoded: Encoded) -> Hypothesis:
    """The likeliest next piece, again and again: the free hypothesis."""
    vocabulary = model.vocabulary
    progress, piece = model.begin(encoded), vocabulary.start
    pieces: list[int] = []
    log_likelihood = 0.0
    for _ in range(int(encoded.seconds * PIECES_PER_SECOND) + 2):
        scores, progress = model.step(progress, np.array([piece]))
        piece = int(scores[0].argmax())
        log_likelihood += float(scores[0, piece])
        if piece == vocabulary.end:
            break
        pieces.append(piece)
    return Hypothesis(vocabulary.text(pieces), log_likelihood)
