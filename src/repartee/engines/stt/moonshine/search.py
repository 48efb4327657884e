"""Searches for the text of an utterance, given what its encoder heard."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from repartee.core.hearing import Hypothesis

from .model import Encoded, Floats, Model
from .spelling import Place, Speller

PIECES_PER_SECOND = 6.5
"""People do not speak faster; a decoder that goes on is babbling (the limit the model's authors use)."""
WIDTH = 12
"""Hypotheses kept at each step, and sentences that come out, at most."""
BEAM = 7.0
"""Nats; what is less likely than the best by more than this is given up."""
HOPELESS = 16.0
"""Nats; what is less likely than the free hypothesis by more than this, as far as both have got, is given up: talk is
found to be no command after a few words."""
PER_PIECE = 0.5
"""Added to a sentence's log-likelihood for each piece when sentences are compared, else short ones win too easily."""
PIECES = 0.25
"""A character, on the average: where a hypothesis has only its text left."""
BEGUN = 2
"""Sentences that were only begun, at most, beside those that may be over."""
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
    ending = float(scores[0, vocabulary.end]) if piece == vocabulary.end else 0.0
    return Hypothesis(vocabulary.text(pieces), log_likelihood, ending=ending)


@dataclass(frozen=True, slots=True)
class Row:
    """An unfinished hypothesis."""

    place: Place | None
    """None: the free hypothesis, which goes wherever it is likeliest."""
    pieces: tuple[int, ...] = ()
    said: str = ""
    """Its words so far without punctuation and capitals."""
    score: float = 0.0
    """Natural log-likelihood of the pieces."""
    parent: int = 0
    """Which row of the step before it continues."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    free: Hypothesis
    home: tuple[Hypothesis, ...]
    """Best first, each sentence once, in its likeliest spelling; none where nothing sayable is anywhere near."""


def always() -> bool:
    return True


def steered(
    model: Model,
    encoded: Encoded,
    speller: Speller,
    start: Place,
    width: int = WIDTH,
    wanted: Callable[[], bool] = always,
) -> Found | None:
    """The likeliest sentences among those that may be said, and the free hypothesis.

    A beam search over pieces and places together, all hypotheses in one batch; the free one is a row of its own.
    None where it is no longer `wanted`, which is asked before each step.
    """
    search = Search(model, speller, width)
    rows, progress = [Row(None), Row(start)], model.begin(encoded)
    scores, progress = model.step(progress, np.array([model.vocabulary.start]))
    scores, progress = scores.repeat(2, axis=0), progress.keep(np.zeros(2, np.intp))
    for _ in range(_longest(encoded) - 1):
        rows = search.step(rows, scores)
        if not rows:
            break
        if not wanted():
            return None
        progress = progress.keep(np.array([row.parent for row in rows]))
        scores, progress = model.step(progress, np.array([row.pieces[-1] for row in rows]))
    else:
        search.finish(rows, scores)
    return search.found()


class Search:
    """What a beam search knows beside its rows: the sentences that are finished."""

    def __init__(self, model: Model, speller: Speller, width: int) -> None:
        self._vocabulary, self._speller, self._width = model.vocabulary, speller, width
        self._free = Hypothesis("", 0.0)
        self._sentences: dict[str, Scored] = {}
        self._begun: dict[str, Scored] = {}
        """By words."""

    def found(self) -> Found:
        begun = _ranked(self._begun)[:BEGUN]
        ranked = sorted(_ranked(self._sentences)[: self._width] + begun, key=lambda each: -each[0])
        return Found(self._free, tuple(hypothesis for _, hypothesis in ranked))

    def step(self, rows: list[Row], scores: Floats) -> list[Row]:
        """The rows after one more piece each, best first; `scores` has shape (rows, vocabulary)."""
        self.finish(rows, scores)
        free = [made for n, row in enumerate(rows) if row.place is None and (made := self._freely(row, n, scores[n]))]
        worst = free[0].score - HOPELESS if free else -math.inf
        return free + [row for row in self._continued(rows, scores) if row.score > worst]

    def finish(self, rows: list[Row], scores: Floats) -> None:
        """Remembers each row as a sentence that may be over here, or that was only begun."""
        for row, score in zip(rows, scores, strict=True):
            if row.pieces:
                self._finish(row, float(score[self._vocabulary.end]))

    def _finish(self, row: Row, ending: float) -> None:
        text, likelihood = self._vocabulary.text(row.pieces), row.score + ending
        if row.place is None:
            self._free = Hypothesis(text, likelihood, ending=ending)
            return
        finished = row.place.complete
        if not finished and not row.place.between:
            return
        known = self._sentences if finished else self._begun
        total, said = likelihood + PER_PIECE * len(row.pieces), row.said.strip()
        if said not in known or known[said][0] < total:
            known[said] = (total, Hypothesis(text, likelihood, finished, ending))

    def _freely(self, row: Row, n: int, scores: Floats) -> Row | None:
        piece = int(scores.argmax())
        if piece == self._vocabulary.end:
            return None
        return Row(None, (*row.pieces, piece), "", row.score + float(scores[piece]), n)

    def _least(self) -> float:
        """The score below which no sentence matters any more."""
        totals = sorted((total for total, _ in self._sentences.values()), reverse=True)
        least = totals[0] - BEAM if totals else -math.inf
        return max(least, totals[self._width - 1]) if len(totals) >= self._width else least

    def _continued(self, rows: list[Row], scores: Floats) -> list[Row]:
        made: list[Row] = []
        twins: dict[str, int] = {}
        least = self._least()
        for total, parent, piece, place in self._candidates(rows, scores):
            row = rows[parent]
            bonus = PER_PIECE * (len(row.pieces) + 2)
            if len(made) == self._width or total + bonus < least or (made and total < made[0].score - BEAM):
                break
            assert row.place is not None
            place = place or self._speller.after(row.place, piece)
            if place is None:
                continue
            said = row.said + self._speller.said(piece)
            twins[said] = twins.get(said, 0) + 1
            if twins[said] <= TWINS:
                made.append(Row(place, (*row.pieces, piece), said, total, parent))
        return made

    def _candidates(self, rows: list[Row], scores: Floats) -> list[Candidate]:
        """Best first, `2 * width` from each row: some of them will turn out to be twins."""
        made: list[Candidate] = []
        for n, row in enumerate(rows):
            if row.place is None:
                continue
            if row.place.free:
                best = _best(scores[n], 2 * self._width)
                made.extend((row.score + float(scores[n, piece]), n, int(piece), None) for piece in best)
                continue
            follow = self._speller.follow(row.place)
            allowed = scores[n, follow.ids]
            made.extend(
                (row.score + float(allowed[at]), n, int(follow.ids[at]), follow.places[at])
                for at in _best(allowed, 2 * self._width)
            )
        return sorted(made, key=lambda candidate: -candidate[0])


Scored = tuple[float, Hypothesis]
"""What sentences are compared by, and the sentence."""


def _ranked(scored: dict[str, Scored]) -> list[Scored]:
    return sorted(scored.values(), key=lambda each: -each[0])


Candidate = tuple[float, int, int, Place | None]
"""Score, row, piece, and where that leads (None: to be found out)."""


def mixed(one: Found, other: Found) -> Found:
    """What was found in two views of the same sound, as a mixture of two equally good models.

    How likely a text is counts against the free hypothesis of its own view; the sum is told in terms of the first one.
    """
    texts: dict[str, Hypothesis] = {}
    for view in (one, other):
        offset = one.free.log_likelihood - view.free.log_likelihood - math.log(2)
        for each in view.home:
            likelihood = each.log_likelihood + offset
            if each.text in texts:
                likelihood = float(np.logaddexp(texts[each.text].log_likelihood, likelihood))
            texts[each.text] = replace(each, log_likelihood=likelihood)
    home = sorted(texts.values(), key=lambda each: -each.log_likelihood - PER_PIECE * PIECES * len(each.text))
    return Found(one.free, tuple(home))


def _best(scores: Floats, n: int) -> NDArray[np.intp]:
    """Indices of the `n` highest."""
    return np.argpartition(scores, len(scores) - n)[-n:] if len(scores) > n else np.arange(len(scores))


def _longest(encoded: Encoded) -> int:
    return int(encoded.seconds * PIECES_PER_SECOND) + 2
