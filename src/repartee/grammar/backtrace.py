"""Reads a walk through the automaton backwards: which templates it was, and what filled their slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .dfa import Move, StateSet, Subset
from .nfa import FreeLabel, ListLabel
from .sentences import Block
from .tries import Value

MAX_STEPS = 4_000
"""Backward steps a sentence may cost; free text can be cut in very many ways."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot filled by a value of a list."""

    label: ListLabel
    values: tuple[Value, ...]
    """Of one kind; more than one where things share a name."""
    start: int
    stop: int
    """Words of the sentence."""


@dataclass(slots=True)
class Derivation:
    """One way in which a block's template says the sentence."""

    block: Block
    filled: list[Filled] = field(default_factory=list)
    free: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Slots of free text: first word and the one after the last."""
    literal: int = 0
    """Characters of literal words."""
    skipped: int = 0
    """Words that mean nothing."""


Event = tuple[object, int, int]
Chain = tuple[Event, "Chain"] | None


def derivations(end: StateSet, moves: Sequence[Move], words: Sequence[str]) -> Iterator[Derivation]:
    """All ways (bounded) in which the walked words are a sentence; `end` is where the last move leads."""
    budget = MAX_STEPS
    for subset, name, _ in end.threads:
        if name is not None:
            continue
        for state, block in subset.ends:
            stack: list[tuple[int, Subset, int, Chain]] = [(len(moves), subset, state, None)]
            while stack and budget > 0:
                budget -= 1
                at, place, before, chain = stack.pop()
                if at == 0:
                    yield _derivation(block, chain, words)
                    continue
                for edge in moves[at - 1].edges.get(place, ()):
                    start = at - edge.words
                    if edge.step is None:
                        stack.append((start, edge.origin, before, ((None, start, at), chain)))
                        continue
                    for source, label in edge.step.sources.get(before, ()):
                        event: Event = (label, start, at)
                        if edge.node is not None:
                            values = tuple(v for v in edge.node.values if v.kind == edge.kind)
                            event = ((label, values), start, at)
                        elif label is None:
                            event = ("", start, at)
                        stack.append((start, edge.origin, source, (event, chain)))


def _derivation(block: Block, chain: Chain, words: Sequence[str]) -> Derivation:
    made = Derivation(block)
    while chain is not None:
        (what, start, stop), chain = chain
        if what is None:
            made.skipped += stop - start
        elif isinstance(what, tuple):
            made.filled.append(Filled(what[0], what[1], start, stop))
        elif isinstance(what, FreeLabel):
            first = made.free.get(what.slot, (start, stop))[0]
            made.free[what.slot] = (first, stop)
        else:
            made.literal += len(words[start])
    return made
