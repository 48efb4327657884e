"""Draws sentences at random from a home's automaton, with what they mean."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from repartee.grammar import CompiledHome
from repartee.grammar.nfa import EndLabel, ListLabel
from repartee.grammar.text import joined
from repartee.grammar.tries import Value

ANYTHING = ("bananas", "seven", "the", "moon", "to", "in", "and", "list")
MAX_WORDS = 40


class Sample(NamedTuple):
    text: str
    intent: str
    slots: dict[str, Any]


def draw_sentence(grammar: CompiledHome, rng: random.Random) -> Sample | None:
    """None for a walk that led to a list this home has no values for, or went on too long."""
    nfa, kinds = grammar.language.nfa, grammar.lexicon.kinds
    state = rng.choice([n for needs, n in nfa.starts.items() if all(need.wanted for need in needs)])
    said: list[str] = []
    slots: dict[str, Any] = {}
    brought: set[str] = set()
    while len(said) < MAX_WORDS:
        label, target = rng.choice(sorted(nfa.states[state], key=str))
        if isinstance(label, EndLabel):
            needs = {key for key in label.block.requires if key != "area"}
            fixed = {k: tuple(v) if isinstance(v, list) else v for k, v in label.block.slots.items()}
            return Sample(joined(said), label.block.intent, {**fixed, **slots}) if needs <= brought else None
        if isinstance(label, str):
            said.append(label)
        elif isinstance(label, ListLabel):
            mask = kinds.mask(label.needs)
            values: list[tuple[tuple[str, ...], Value]] = [
                (key, value)
                for key, found in grammar.lexicon.tries[label.list].items()
                for value in found
                if mask >> value.kind & 1
            ]
            if not values:
                return None
            key, value = rng.choice(values)
            said.extend((*key[:-1], key[-1] + label.suffix))
            slots[label.slot] = value.out
            brought |= set(kinds.contexts[value.kind])
        else:
            word = rng.choice(ANYTHING)
            said.append(word)
            slots[label.slot] = f"{slots.get(label.slot, '')} {word}".strip()
        state = target
    return None
