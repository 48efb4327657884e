"""How far a sentence has got, at a state set of the automaton.

Complete: it may end here. Closed: it may end here, and what may still follow would not change what is done. Fillers,
"and ..." and "in ten minutes" are another sentence or none, not a continuation; a place added to the one thing of that
name ("turn on the bed light | in the bedroom") changes nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.intent import Status
from .dfa import PSEUDO_LISTS, Dfa, StateSet, Subset
from .nfa import Future, Nfa
from .sentences import Block

PLACES = frozenset({"area", "floor"})


def status_at(dfa: Dfa, state_sets: Iterable[StateSet]) -> Status:
    """Of somebody who is at any of these state sets; each is looked at once."""
    status = Status.IMPOSSIBLE
    for states in state_sets:
        if states.status is None:
            states.status = _status(dfa, states)
        status = max(status, states.status, key=_ORDER.index)
    return status


_ORDER = (Status.IMPOSSIBLE, Status.OPEN, Status.CLOSED, Status.COMPLETE)
"""Of two state sets the one that bids us wait longer decides, once the sentence may end at all."""


def _status(dfa: Dfa, states: StateSet) -> Status:
    if not states.accepts:
        return Status.OPEN
    return Status.COMPLETE if _may_change(dfa.nfa, states) else Status.CLOSED


def _may_change(nfa: Nfa, states: StateSet) -> bool:
    """Whether a continuation would change what is done."""
    if states.free:
        return True
    ends = {block for subset, name, _ in states.threads if name is None for _, block in subset.ends}
    named = not states.twins and any("name" in nfa.slots_of(block) for block in ends)
    for subset, name, _ in states.threads:
        if name is not None:
            if name not in PSEUDO_LISTS:
                return True
        elif nfa.after_command not in subset.states:
            for block, slot in _futures(nfa, subset):
                if slot and not (named and slot in PLACES):
                    return True
                if not any(_same(block, end) for end in ends):
                    return True
    return False


def _futures(nfa: Nfa, subset: Subset) -> Future:
    return frozenset[tuple[Block, str]]().union(*(nfa.future(state) for state in subset.states))


def _same(one: Block, other: Block) -> bool:
    return one is other or (one.intent == other.intent and one.slots == other.slots)


HOME_LISTS = frozenset({"name", "area", "floor"})


def unknown_from(dfa: Dfa, states: StateSet, words: Sequence[str]) -> int | None:
    """Where a sentence that is none begins to name something this home does not have: after as many of its words as
    are sayable, where a name may begin and everything that may come would do something. None: it is no such sentence.
    """
    found: int | None = None
    for at, word in enumerate(words):
        if at >= 2 and _names_and_acts(dfa.nfa, states):
            found = at
        move = dfa.step(states, word)
        if move is None:
            break
        states = move.target
    return found


def _names_and_acts(nfa: Nfa, states: StateSet) -> bool:
    subsets = [subset for subset, name, _ in states.threads if name is None and subset.lists.keys() & HOME_LISTS]
    intents = {block.intent for subset in subsets for block, _ in _futures(nfa, subset)}
    return bool(intents) and all(intent.startswith("Hass") and "Get" not in intent for intent in intents)
