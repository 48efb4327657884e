"""How far a sentence has got, at a front of the automaton.

Complete: it may end here. Closed: it may end here, and what may still follow would not change what is done. Fillers,
"and ..." and "in ten minutes" are another sentence or none, not a continuation; a place added to the one thing of that
name ("turn on the bed light | in the bedroom") changes nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.intent import Status
from .automaton import PSEUDO_LISTS, Automaton, Front, Subset
from .network import Future, Network
from .sentences import Block

PLACES = frozenset({"area", "floor"})


def status_at(automaton: Automaton, fronts: Iterable[Front]) -> Status:
    """Of somebody who is at any of these fronts; each is looked at once."""
    status = Status.IMPOSSIBLE
    for front in fronts:
        if front.status is None:
            front.status = _status(automaton, front)
        status = max(status, front.status, key=_ORDER.index)
    return status


_ORDER = (Status.IMPOSSIBLE, Status.OPEN, Status.CLOSED, Status.COMPLETE)
"""Of two fronts the one that bids us wait longer decides, once the sentence may end at all."""


def _status(automaton: Automaton, front: Front) -> Status:
    if not front.accepts:
        return Status.OPEN
    return Status.COMPLETE if _may_change(automaton.network, front) else Status.CLOSED


def _may_change(network: Network, front: Front) -> bool:
    """Whether a continuation would change what is done."""
    if front.free:
        return True
    ends = {block for subset, name, _ in front.threads if name is None for _, block in subset.ends}
    named = not front.twins and any("name" in network.slots_of(block) for block in ends)
    for subset, name, _ in front.threads:
        if name is not None:
            if name not in PSEUDO_LISTS:
                return True
        elif network.after_command not in subset.states:
            for block, slot in _futures(network, subset):
                if slot and not (named and slot in PLACES):
                    return True
                if not any(_same(block, end) for end in ends):
                    return True
    return False


def _futures(network: Network, subset: Subset) -> Future:
    return frozenset[tuple[Block, str]]().union(*(network.future(state) for state in subset.states))


def _same(one: Block, other: Block) -> bool:
    return one is other or (one.intent == other.intent and one.slots == other.slots)


HOME_LISTS = frozenset({"name", "area", "floor"})


def unknown_from(automaton: Automaton, front: Front, words: Sequence[str]) -> int | None:
    """Where a sentence that is none begins to name something this home does not have: after as many of its words as
    are sayable, where a name may begin and everything that may come would do something. None: it is no such sentence.
    """
    found: int | None = None
    for at, word in enumerate(words):
        if at >= 2 and _names_and_acts(automaton.network, front):
            found = at
        move = automaton.step(front, word)
        if move is None:
            break
        front = move.target
    return found


def _names_and_acts(network: Network, front: Front) -> bool:
    subsets = [subset for subset, name, _ in front.threads if name is None and subset.lists.keys() & HOME_LISTS]
    intents = {block.intent for subset in subsets for block, _ in _futures(network, subset)}
    return bool(intents) and all(intent.startswith("Hass") and "Get" not in intent for intent in intents)
