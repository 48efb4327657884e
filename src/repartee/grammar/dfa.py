"""The automaton, made deterministic only where somebody goes.

Two floors of the same house. A `Subset` is a set of network states: a place within the templates, whatever the home is
called. A `StateSet` is a place within everything sayable in one home: some subsets, and places inside the home's names
that were begun in a subset. Both remember each step they were asked for, so that a second sentence of the same shape
is one dictionary look-up a word; and each remembered step says where it came from, so that slots can be read backwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.intent import Status
from .nfa import COMMAND, FreeLabel, Label, ListLabel, Need, Nfa
from .sentences import Block
from .tries import Kinds, TrieNode

SKIP = "-skip-"
"""The list of words that may stand anywhere and mean nothing."""
JOIN = "-join-"
"""The list of words after which another sentence may follow."""
PSEUDO_LISTS = (SKIP, JOIN)
Source = tuple[int, ListLabel | FreeLabel | None]
"""A state before a step, and the label that was crossed where it fills a slot."""


class Step:
    """Where a word or a value leads, and for every state there, from which states it was reached."""

    __slots__ = ("sources", "target")

    def __init__(self, target: Subset, sources: Mapping[int, list[Source]]) -> None:
        self.target = target
        self.sources = sources


class Subset:
    """A set of states of the network."""

    __slots__ = (
        "_free",
        "_list_steps",
        "_lists",
        "_word_steps",
        "commands",
        "ends",
        "lists",
        "states",
        "suffixes",
        "words",
    )

    def __init__(
        self, states: frozenset[int], nfa: Nfa, kinds: Kinds, commands: frozenset[int] | None, free: bool
    ) -> None:
        """`commands`: the states of a whole sentence, which stand where free text is one; `free`: other
        free text may follow."""
        self.commands = commands
        self.states = states
        self.words: dict[str, list[tuple[int, int]]] = {}
        """Literal words to (state before, state after)."""
        self._lists: dict[tuple[str, str], list[tuple[int, int, ListLabel]]] = {}
        self._free: list[tuple[int, int, FreeLabel]] = []
        self.ends: list[tuple[int, Block]] = []
        if commands and commands != states and any(arc[0] == COMMAND for s in states for arc in nfa.states[s]):
            states = states | commands
        for state in states:
            for label, target in nfa.states[state]:
                self._add(state, label, target)
        if not free:
            self._free.clear()
        self.lists: dict[str, int] = {}
        """The lists whose values may follow, with the kinds (bits) of values that may."""
        self.suffixes: dict[str, list[str]] = {}
        """What may be written onto the last word of a list's values."""
        for (name, suffix), rows in self._lists.items():
            self.lists[name] = self.lists.get(name, 0) | _mask(kinds, rows)
            if suffix:
                self.suffixes.setdefault(name, []).append(suffix)
        self._word_steps: dict[str | None, Step | None] = {}
        self._list_steps: dict[tuple[str, str, int], Step | None] = {}

    def _add(self, state: int, label: Label, target: int) -> None:
        if isinstance(label, str):
            self.words.setdefault(label, []).append((state, target))
        elif isinstance(label, ListLabel):
            self._lists.setdefault((label.list, label.suffix), []).append((state, target, label))
        elif isinstance(label, FreeLabel):
            if self.commands is None or (label != COMMAND and state not in self.commands):
                self._free.append((state, target, label))
        else:
            self.ends.append((state, label.block))

    @property
    def free(self) -> bool:
        """Whether any word may follow, in free text."""
        return bool(self._free)

    def word(self, word: str, dfa: Dfa) -> Step | None:
        """The step over one word; None where it can't follow."""
        key = word if word in self.words else None
        try:
            return self._word_steps[key]
        except KeyError:
            pairs: list[tuple[int, int, ListLabel | FreeLabel | None]] = list(self._free)
            pairs.extend((source, target, None) for source, target in self.words.get(word, ()))
            step = self._word_steps[key] = dfa.step_to(pairs, self.commands)
            return step

    def value(self, name: str, suffix: str, kind: int, dfa: Dfa) -> Step | None:
        """The step over a value of a list, given the value's kind and what is written onto it."""
        try:
            return self._list_steps[name, suffix, kind]
        except KeyError:
            bit = 1 << kind
            rows = [row for row in self._lists.get((name, suffix), ()) if dfa.kinds.mask(row[2].needs) & bit]
            step = dfa.step_to(list(rows), self.commands)
            self._list_steps[name, suffix, kind] = step
            return step


def _mask(kinds: Kinds, rows: list[tuple[int, int, ListLabel]]) -> int:
    made = 0
    for needs in {label.needs for _, _, label in rows}:
        made |= kinds.mask(needs)
    return made


@dataclass(frozen=True, slots=True)
class Edge:
    """How a subset at a place was reached: `words` words before, from the subset `origin`."""

    words: int
    origin: Subset
    step: Step | None
    """None: skipped words, which leave the subset as it is."""
    list: str | None = None
    node: TrieNode | None = None
    kind: int = 0


Thread = tuple[Subset, str | None, TrieNode | None]
"""At a boundary of a template (no list), or inside a value of a list that was begun in the subset."""
Edges = dict[Subset, list[Edge]]


class Move:
    """A remembered step of a state set."""

    __slots__ = ("edges", "target")

    def __init__(self, target: StateSet, edges: Edges) -> None:
        self.target = target
        self.edges = edges


class StateSet:
    """A place within everything sayable."""

    __slots__ = ("accepts", "free", "moves", "status", "threads", "twins")

    def __init__(self, threads: tuple[Thread, ...], twins: bool = False) -> None:
        self.threads = threads
        self.twins = twins
        """Something was named that several things are called."""
        self.status: Status | None = None
        """For whoever works it out."""
        self.moves: dict[str, Move | None] = {}
        self.accepts = any(name is None and subset.ends for subset, name, _ in threads)
        self.free = any(name is None and subset.free for subset, name, _ in threads)
        """Whether free text is being spoken here."""


MAX_MOVES = 12_000
"""Steps remembered through one home; then they are forgotten: this bounds what odd input may leave behind."""


def _is_met(need: Need, area: str | None) -> bool:
    there = area is not None and (need.values is None or area in need.values)
    return there is need.wanted


class Dfa:
    """Everything sayable in one home in one language, from one first state set for each context.

    With `joiners` it is the automaton of a person speaking: a sentence may be followed by "and" and another one, or by
    "in ten minutes"; where the templates have free text for a whole sentence there are the sentences themselves; and no
    sentence begins with free text (else anything at all could be the beginning of "... in ten minutes").
    """

    def __init__(self, nfa: Nfa, lists: Mapping[str, TrieNode], kinds: Kinds, joiners: TrieNode | None = None) -> None:
        self.nfa = nfa
        self.lists = lists
        self.kinds = kinds
        self.joiners = joiners
        self.moves = 0
        self._subsets: dict[tuple[frozenset[int], frozenset[int] | None, bool], Subset] = {}
        self._state_sets: dict[tuple[tuple[Thread, ...], bool], StateSet] = {}
        self._starts: dict[tuple[frozenset[int], bool], StateSet] = {}

    def start(self, area: str | None, free: bool = True) -> StateSet:
        """The first place, for somebody in an area (its id; None: unknown); `free`: it may begin with
        free text."""
        starts = self.nfa.starts.items()
        begin = frozenset(state for needs, state in starts if all(_is_met(need, area) for need in needs))
        known = self._starts.get((begin, free))
        if known is None:
            first = self.subset(begin, None if self.joiners is None else begin, free)
            known = self._starts[begin, free] = StateSet(((first, None, None),))
        return known

    def adopt(self, other: Dfa) -> None:
        """Takes over what another automaton over the same network and kinds knows of the templates."""
        if other.nfa is self.nfa and other.kinds is self.kinds:
            self._subsets = other._subsets

    def subset(self, states: frozenset[int], commands: frozenset[int] | None, free: bool = True) -> Subset:
        made = self._subsets.get((states, commands, free))
        if made is None:
            made = Subset(states, self.nfa, self.kinds, commands, free)
            self._subsets[states, commands, free] = made
        return made

    def step_to(
        self, pairs: list[tuple[int, int, ListLabel | FreeLabel | None]], commands: frozenset[int] | None
    ) -> Step | None:
        if not pairs:
            return None
        sources: dict[int, list[Source]] = {}
        for before, after, label in pairs:
            sources.setdefault(after, []).append((before, label))
        return Step(self.subset(frozenset(sources), commands), sources)

    def step(self, states: StateSet, word: str) -> Move | None:
        """One word on; None where nothing sayable goes on like this. A look-up, the second time."""
        try:
            return states.moves[word]
        except KeyError:
            if self.moves >= MAX_MOVES:
                self.forget()
            self.moves += 1
            move = states.moves[word] = self._step(states, word)
            return move

    def _step(self, states: StateSet, word: str) -> Move | None:
        edges: Edges = {}
        inside: list[Thread] = []
        for subset, name, node in states.threads:
            if name is not None:
                self._in_list(subset, name, node, word, edges, inside)
                continue
            step = subset.word(word, self)
            if step is not None:
                edges.setdefault(step.target, []).append(Edge(1, subset, step))
            for name in subset.lists:
                self._in_list(subset, name, self.lists.get(name), word, edges, inside)
            self._in_list(subset, SKIP, self.lists.get(SKIP), word, edges, inside)
        if not edges and not inside:
            return None
        twins = states.twins or any(e.node is not None and len(e.node.values) > 1 for es in edges.values() for e in es)
        return Move(self._state_set((*((subset, None, None) for subset in edges), *inside), twins), edges)

    def _in_list(
        self, subset: Subset, name: str, node: TrieNode | None, word: str, edges: Edges, inside: list[Thread]
    ) -> None:
        """One word on inside a value: perhaps its end, perhaps there is more of it."""
        if node is None:
            return
        if subset.suffixes and name in subset.suffixes:
            for suffix in subset.suffixes[name]:
                if word.endswith(suffix) and (stem := node.children.get(word[: -len(suffix)])) is not None:
                    self._end_value(subset, name, suffix, stem, edges)
        child = node.children.get(word)
        if child is None:
            return
        if name in PSEUDO_LISTS:
            if child.values:
                edges.setdefault(subset, []).append(Edge(child.depth, subset, None))
        elif child.kinds & subset.lists[name]:
            self._end_value(subset, name, "", child, edges)
        else:
            return
        if child.children:
            inside.append((subset, name, child))

    def _end_value(self, subset: Subset, name: str, suffix: str, node: TrieNode, edges: Edges) -> None:
        for kind in {value.kind for value in node.values}:
            step = subset.value(name, suffix, kind, self)
            if step is not None:
                edges.setdefault(step.target, []).append(Edge(node.depth, subset, step, name, node, kind))

    def _state_set(self, threads: tuple[Thread, ...], twins: bool) -> StateSet:
        if self.joiners is not None:
            threads = self._continued(threads)
        states = self._state_sets.get((threads, twins))
        if states is None:
            states = self._state_sets[threads, twins] = StateSet(threads, twins)
        return states

    def _continued(self, threads: tuple[Thread, ...]) -> tuple[Thread, ...]:
        """After a whole sentence there may be a joiner and another sentence, or a time."""
        commands = next((s.commands for s, name, _ in threads if name is None and s.ends), None)
        if commands is None:
            return threads
        first = self.subset(commands, commands)
        later = self.subset(frozenset({self.nfa.after_command}), commands)
        return (*threads, (first, JOIN, self.joiners), (later, None, None))

    def forget(self) -> None:
        """Forgets remembered steps through the home's values; those within the templates stay."""
        self.moves = 0
        for states in (*self._state_sets.values(), *self._starts.values()):
            states.moves.clear()
        self._state_sets.clear()
