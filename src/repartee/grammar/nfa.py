"""From templates to states: a network over words and lists, shared tails, no empty steps.

A template is compiled from its end. What may follow a place is a set of arcs; equal sets are one state, so that all
endings are shared, and the union of two sets is what may follow either: no empty arcs are ever needed. Words may be put
together from pieces (`hour[s]`): between two places of a template the state is a map from the piece of a word seen
so far (from its end) to the arcs that follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from .sentences import HOME_LISTS, Block, ListData, Sentences
from .templates import (
    BadTemplate,
    Choice,
    ListReference,
    Permutation,
    RuleReference,
    Sequence,
    Template,
    Text,
)


@dataclass(frozen=True, slots=True)
class Need:
    """What a value's context must (or must not) hold under a key."""

    key: str
    values: frozenset[str] | None
    """None: anything."""
    wanted: bool = True


Needs = tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class ListLabel:
    """An arc over a value of a list."""

    list: str
    slot: str
    needs: Needs
    suffix: str = ""
    """Letters that are written onto the value's last word: Dutch "woonkamer" in "woonkamerlampen"."""


@dataclass(frozen=True, slots=True)
class FreeLabel:
    """An arc over any one word, part of a free text."""

    slot: str


@dataclass(frozen=True, slots=True)
class EndLabel:
    """The sentence may end here, as one of this block."""

    block: Block


COMMAND = FreeLabel("conversation_command")
"""Free text that is itself a sentence: "open the garage in five minutes"."""
Label = str | ListLabel | FreeLabel | EndLabel
Arc = tuple[Label, int]
Arcs = frozenset[Arc]
StateSet = dict[str, Arcs]

Future = frozenset[tuple[Block, str]]
"""Blocks that a sentence may still become after at least one more word, and the slots filled on the way ("": none)."""


class Nfa:
    """The states of one language; nothing of a home in it. `states[n]` are the arcs out of state n."""

    def __init__(self, sentences: Sentences) -> None:
        self.sentences = sentences
        self.states: list[Arcs] = []
        self.starts: dict[tuple[Need, ...], int] = {}
        """What a sentence needs of the context it is spoken in, to its first state."""
        self.after_command = 0
        """The state of what may follow a whole sentence: "(turn it off) in ten minutes"."""
        self._futures: dict[int, Future] = {}
        self._slots: dict[Block, frozenset[str]] = {}
        self._interned: dict[Arcs, int] = {}
        self._free: dict[tuple[str, Arcs], Arcs] = {}
        self._rules: dict[tuple[str, frozenset[tuple[str, Arcs]]], StateSet] = {}
        starts: dict[tuple[Need, ...], set[Arc]] = {}
        for block in sentences.blocks:
            around, within = needs_of(block)
            starts.setdefault(around, set()).update(self._block(block, within))
        for around, arcs in starts.items():
            self.starts[around] = self._state(frozenset(arcs))
        self.after_command = self._state(frozenset(self._after_commands()))
        del self._free, self._rules, self._interned

    def future(self, state: int) -> Future:
        """What may still come at a state; remembered."""
        made = self._futures.get(state)
        if made is None:
            self._futures[state] = frozenset()  # free text leads back to where it is
            found: set[tuple[Block, str]] = set()
            for label, target in self.states[state]:
                if not isinstance(label, EndLabel):
                    slot = "" if isinstance(label, str) else label.slot
                    ends = {(arc.block, "") for arc, _ in self.states[target] if isinstance(arc, EndLabel)}
                    for block, later in ends | self.future(target):
                        found.add((block, slot or later))
                        found.add((block, later or slot))
            made = self._futures[state] = frozenset(found)
        return made

    def slots_of(self, block: Block) -> frozenset[str]:
        """The slots that every template of a block fills."""
        if block not in self._slots:
            made = [self._slots_in(template, block) for template in block.templates]
            self._slots[block] = frozenset.intersection(*made) if made else frozenset()
        return self._slots[block]

    def _slots_in(self, template: Template, block: Block) -> frozenset[str]:
        """The slots that are filled whatever is chosen."""
        none: frozenset[str] = frozenset()
        match template:
            case ListReference(_, slot):
                return frozenset({slot})
            case Sequence(items) | Permutation(items):
                return none.union(*(self._slots_in(item, block) for item in items))
            case Choice(items):
                return frozenset.intersection(*(self._slots_in(item, block) for item in items))
            case RuleReference(rule):
                body = block.rules.get(rule) or self.sentences.rules.get(rule)
                return self._slots_in(body, block) if body is not None else none
        return none

    @cached_property
    def arcs(self) -> int:
        return sum(map(len, self.states))

    def _after_commands(self) -> Iterable[Arc]:
        for start in self.starts.values():
            for label, target in self.states[start]:
                if label == COMMAND:
                    yield from (arc for arc in self.states[target] if arc[0] != COMMAND)

    def _block(self, block: Block, needs: Needs) -> Iterable[Arc]:
        end: StateSet = {"": frozenset({(EndLabel(block), -1)})}
        compiler = _BlockCompiler(self, block, needs)
        for template in block.templates:
            try:
                yield from compiler.flushed(compiler.compile(template, end))
            except BadTemplate as error:
                raise BadTemplate(f"{block.where}: {error}") from error

    def _state(self, arcs: Arcs) -> int:
        state = self._interned.get(arcs)
        if state is None:
            state = self._interned[arcs] = len(self.states)
            self.states.append(arcs)
        return state

    def free_text(self, slot: str, following: Arcs) -> Arcs:
        """One word or more of anything, then what follows."""
        arcs = self._free.get((slot, following))
        if arcs is None:
            loop = len(self.states)
            self.states.append(following | {(FreeLabel(slot), loop)})
            arcs = self._free[slot, following] = frozenset({(FreeLabel(slot), loop)})
        return arcs


class _BlockCompiler:
    """Compiles the templates of one block, last word first."""

    def __init__(self, nfa: Nfa, block: Block, needs: Needs) -> None:
        self.nfa = nfa
        self.block = block
        self.needs = needs
        self.depth = 0

    def compile(self, template: Template, states: StateSet) -> StateSet:
        match template:
            case Text(text):
                return self._text(text, states)
            case Sequence(items):
                for item in reversed(items):
                    states = self.compile(item, states)
                return states
            case Choice(items):
                return _merged([self.compile(item, states) for item in items])
            case Permutation(items):
                return _merged([self.compile(Sequence(order), states) for order in permutations(items)])
            case ListReference(name, slot):
                return {"": self._list(name, slot, states)}
            case RuleReference(rule):
                return self._rule(rule, states)

    def flushed(self, states: StateSet) -> Arcs:
        """The arcs at a word boundary."""
        if len(states) == 1 and "" in states:
            return states[""]
        arcs: set[Arc] = set()
        for word, following in states.items():
            if word in ("", "'"):
                arcs |= following
            else:
                arcs.add((word, self.nfa._state(following)))
        return frozenset(arcs)

    def _text(self, text: str, states: StateSet) -> StateSet:
        words = text.split(" ")
        for n in range(len(words) - 1, -1, -1):
            if n < len(words) - 1:
                states = {"": self.flushed(states)}
            if words[n]:
                states = {words[n] + rest: arcs for rest, arcs in states.items()}
        return states

    def _list(self, name: str, slot: str, states: StateSet) -> Arcs:
        data = self._list_data(name)
        if data is not None and data.free:
            return self.nfa.free_text(slot, self.flushed(states))
        full = name if data is None or name not in self.block.lists else f"{self.block.order}:{name}"
        arcs = {(ListLabel(full, slot, self.needs), self.nfa._state(self.flushed(states)))}
        if data is None or data.range is None:
            for suffix, following in states.items():
                if suffix.isalpha():
                    arcs.add((ListLabel(full, slot, self.needs, suffix), self.nfa._state(following)))
        return frozenset(arcs)

    def _list_data(self, name: str) -> ListData | None:
        data = self.block.lists.get(name) or self.nfa.sentences.lists.get(name)
        if data is None and name not in HOME_LISTS:
            raise BadTemplate(f"there is no list {{{name}}}")
        return data

    def _rule(self, rule: str, states: StateSet) -> StateSet:
        if rule in self.block.rules:
            return self._rule_body(rule, self.block.rules[rule], states)
        body = self.nfa.sentences.rules.get(rule)
        if body is None:
            raise BadTemplate(f"there is no rule <{rule}>")
        if self.block.rules or self.block.lists or self.needs:
            return self._rule_body(rule, body, states)
        key = (rule, frozenset(states.items()))
        made = self.nfa._rules.get(key)
        if made is None:
            made = self.nfa._rules[key] = self._rule_body(rule, body, states)
        return made

    def _rule_body(self, rule: str, body: Template, states: StateSet) -> StateSet:
        if self.depth > 20:
            raise BadTemplate(f"the rule <{rule}> contains itself")
        self.depth += 1
        made = self.compile(body, states)
        self.depth -= 1
        return made


def _merged(state_sets: list[StateSet]) -> StateSet:
    made = dict(state_sets[0])
    for states in state_sets[1:]:
        for word, arcs in states.items():
            made[word] = made[word] | arcs if word in made else arcs
    return made


def needs_of(block: Block) -> tuple[Needs, Needs]:
    """What a block needs of the context a sentence is spoken in, and of the values in the sentence."""
    around: list[Need] = []
    within: list[Need] = []
    for wanted, rows in ((True, block.requires), (False, block.excludes)):
        for key, value in rows.items():
            if isinstance(value, Mapping):
                value = value.get("value")
            need = Need(key, _texts(value), wanted)
            (around if key == "area" else within).append(need)
    return tuple(around), tuple(within)


def _texts(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset({str(value)})
