"""Searches for the text of an utterance, given what its encoder heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repartee.core.hearing import Hypothesis

from .model import Encoded, Floats, Model
from .spelling import Place, Speller

PIECES_PER_SECOND = 6.5
"""People do not speak faster; a decoder that goes on is babbling (the limit the model's authors use)."""
WIDTH = 8
"""Hypotheses kept at each step, and sentences that come out, at most."""
BEAM = 10.0
"""Nats; what is less likely than the best by more than this is given up."""
PER_PIECE = 0.5
"""Added to a sentence's log-likelihood for each piece when sentences are compared, else short ones win too easily."""
TWINS = 2
"""Ways of writing the same words that are kept side by side."""


def greedy(model: Model, encoded: Encoded) -> Hypothesis:
    """The likeliest next piece, again and again: the free hypothesis."""
    vocabulary = model.vocabulary
    progress, piece = model.begin(encoded), vocabulary.start
    pieces: list[int] = []
    log_likelihood = 0.0
    for _ in range(_longest(encoded)):
        scores, progress = model.step(progress, np.array([piece]))
        piece = int(scores[0].argmax())
        log_likelihood += float(scores[0, piece])
        if piece == vocabulary.end:
            break
        pieces.append(piece)
    return Hypothesis(vocabulary.text(pieces), log_likelihood)


@dataclass(frozen=True, slots=True)
class Row:
    """An unfinished hypothesis."""

    place: Place
    pieces: tuple[int, ...] = ()
    said: str = ""
    """Its words so far without punctuation and capitals."""
    score: float = 0.0
    """Natural log-likelihood of the pieces."""
    parent: int = 0
    """Which row of the step before it continues."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finished one."""

    hypothesis: Hypothesis
    score: float


def steered(
    model: Model, encoded: Encoded, speller: Speller, start: Place, width: int = WIDTH
) -> tuple[Hypothesis, ...]:
    """The likeliest sentences among those that may be said, best first; none where nothing sayable was found.

    A beam search over pieces and places together, all hypotheses in one batch. Each sentence is there once, in its
    likeliest spelling.
    """
    vocabulary = model.vocabulary
    rows, progress = [Row(start)], model.begin(encoded)
    found: dict[str, Sentence] = {}
    for _ in range(_longest(encoded)):
        last = np.array([row.pieces[-1] if row.pieces else vocabulary.start for row in rows])
        scores, progress = model.step(progress, last)
        for row, score in zip(rows, scores, strict=True):
            if row.pieces and row.place.complete:
                likelihood = row.score + float(score[vocabulary.end])
                _keep_best(found, row, Hypothesis(vocabulary.text(row.pieces), likelihood))
        rows = _continued(rows, scores, speller, width, _least(found, width))
        if not rows:
            break
        progress = progress.keep(np.array([row.parent for row in rows]))
    return tuple(sentence.hypothesis for sentence in _ranked(found)[:width])


def _keep_best(found: dict[str, Sentence], row: Row, hypothesis: Hypothesis) -> None:
    sentence = Sentence(hypothesis, hypothesis.log_likelihood + PER_PIECE * len(row.pieces))
    said = row.said.strip()
    known = found.get(said)
    if known is None or known.score < sentence.score:
        found[said] = sentence


def _ranked(found: dict[str, Sentence]) -> list[Sentence]:
    return sorted(found.values(), key=lambda sentence: -sentence.score)


def _least(found: dict[str, Sentence], width: int) -> float:
    """The score below which no sentence matters any more."""
    ranked = _ranked(found)
    least = ranked[0].score - BEAM if ranked else -math.inf
    return max(least, ranked[width - 1].score) if len(ranked) >= width else least


def _continued(rows: list[Row], scores: Floats, speller: Speller, width: int, least: float) -> list[Row]:
    """The likeliest ways to go on, best first."""
    made: list[Row] = []
    twins: dict[str, int] = {}
    for total, parent, piece, place in _candidates(rows, scores, speller, width):
        row = rows[parent]
        bonus = PER_PIECE * (len(row.pieces) + 2)
        if len(made) == width or total + bonus < least or (made and total < made[0].score - BEAM):
            break
        place = place or speller.after(row.place, piece)
        if place is None:
            continue
        said = row.said + speller.said(piece)
        twins[said] = twins.get(said, 0) + 1
        if twins[said] <= TWINS:
            made.append(Row(place, (*row.pieces, piece), said, total, parent))
    return made


Candidate = tuple[float, int, int, Place | None]
"""Score, row, piece, and where that leads (None: to be found out)."""


def _candidates(rows: list[Row], scores: Floats, speller: Speller, width: int) -> list[Candidate]:
    """Best first, `2 * width` from each row: some of them will turn out to be twins."""
    made: list[Candidate] = []
    for n, row in enumerate(rows):
        if row.place.free:
            best = _best(scores[n], 2 * width)
            made.extend((row.score + float(scores[n, piece]), n, int(piece), None) for piece in best)
        else:
            follow = speller.follow(row.place)
            allowed = scores[n, follow.ids]
            made.extend(
                (row.score + float(allowed[at]), n, int(follow.ids[at]), follow.places[at])
                for at in _best(allowed, 2 * width)
            )
    return sorted(made, key=lambda candidate: -candidate[0])


def _best(scores: Floats, n: int) -> NDArray[np.intp]:
    """Indices of the `n` highest."""
    return np.argpartition(scores, len(scores) - n)[-n:] if len(scores) > n else np.arange(len(scores))


def _longest(encoded: Encoded) -> int:
    return int(encoded.seconds * PIECES_PER_SECOND) + 2
