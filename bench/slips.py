"""Slips of finger and ear, drawn at random: for names that are nearly what a thing is called."""

from __future__ import annotations

import random
from string import ascii_lowercase

_PAIRS = """ph/f f/ph ck/k ight/ite ee/ea ea/ee oo/u ai/ay ay/ai c/k k/c s/z z/s er/ar or/er ou/ow ow/ou i/y y/ie a/e
ll/l t/tt m/mb u/oo qu/kw x/ks wh/w th/d v/f g/k d/t b/p"""
ALIKE = _PAIRS.split()
"""Spellings that sound the same or nearly so, in English."""


def one_edit(name: str, rng: random.Random) -> str:
    """One letter (or space) inserted, deleted, replaced, or swapped with the next."""
    letters = list(name)
    at, letter = rng.randrange(len(letters)), rng.choice(ascii_lowercase)
    match rng.choice(("insert", "delete", "replace", "swap")):
        case "insert":
            letters.insert(at, letter)
        case "delete":
            del letters[at]
        case "replace":
            letters[at] = letter
        case _:
            at = min(at, len(letters) - 2)
            letters[at : at + 2] = reversed(letters[at : at + 2])
    return " ".join("".join(letters).split())


def sounding_alike(name: str, rng: random.Random) -> str:
    """One word respelt so that it sounds the same, or nearly."""
    words = name.split()
    for at in rng.sample(range(len(words)), len(words)):
        rules = [rule.split("/") for rule in ALIKE if len(words[at]) > 2 and rule.split("/")[0] in words[at]]
        if rules:
            spelt, instead = rng.choice(rules)
            words[at] = words[at].replace(spelt, instead, 1)
            return " ".join(words)
    return name
