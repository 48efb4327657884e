"""The automaton for the curious: its size, and a small part of it as Graphviz text."""

from __future__ import annotations

from .compiled import CompiledHome
from .dfa import PSEUDO_LISTS, StateSet
from .text import joined, words

MAX_ARCS = 40
"""Drawn from one place."""


def sizes(compiled: CompiledHome) -> dict[str, int]:
    """How many of what."""
    nfa = compiled.language.nfa
    tries = compiled.lexicon.tries
    return {
        "templates": sum(len(block.templates) for block in compiled.language.sentences.blocks),
        "states": len(nfa.states),
        "arcs": nfa.arcs,
        "names": sum(1 for _ in tries["name"].items()),
        "value_places": sum(trie.count() for trie in tries.values()),
    }


def draw(compiled: CompiledHome, said: str) -> str:
    """What may follow some words: one place of the automaton, its words, lists and ends (Graphviz)."""
    lines = ["digraph grammar {", "  rankdir=LR;", '  node [shape=circle, label=""];']
    states = compiled.speaking.start(next((area.id for area in compiled.home.areas), None))
    place = "start"
    for word in words(said):
        move = compiled.speaking.step(states, word)
        if move is None:
            lines.append(f'  {place} -> nothing [label="{word}"];')
            return "\n".join([*lines, "}"])
        here = f"n{len(lines)}"
        lines.append(f'  {place} -> {here} [label="{word}"];')
        states, place = move.target, here
    lines.extend(_arcs(states, place))
    if states.accepts:
        lines.append(f'  {place} [shape=doublecircle, xlabel="{joined(words(said))}"];')
    return "\n".join([*lines, "}"])


def _arcs(states: StateSet, place: str) -> list[str]:
    labels: set[str] = set()
    for subset, name, node in states.threads:
        if name is None:
            labels.update(subset.words)
            labels.update(f"{{{each}}}" for each in subset.lists)
            if subset.free:
                labels.add("{free text}")
        elif node is not None and name not in PSEUDO_LISTS:
            labels.update(node.children)
    chosen = sorted(labels)[:MAX_ARCS]
    rest = len(labels) - len(chosen)
    lines = [f'  {place} -> "{place}_{n}" [label="{label}"];' for n, label in enumerate(chosen)]
    return lines + ([f'  {place} -> more [label="{rest} more"];'] if rest else [])
