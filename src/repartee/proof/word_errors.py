"""Word errors: substitutions, insertions and deletions, in percent of the words said (WER)."""

from __future__ import annotations

import re
from collections.abc import Sequence

DIGITS = {"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
          "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip


def words(text: str) -> list[str]:
    """Without capitals and punctuation, digits one by one: "90210" and "nine oh two one oh" are the same words."""
    return [DIGITS.get(word, word) for word in re.findall(r"[a-z']+|[0-9]", text.lower())]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's distance over words."""
    row = list(range(len(heard) + 1))
    for n, word in enumerate(said, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (word != other))
    return row[-1]


def percent(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Of each pair (said, heard) its errors in percent of the mean length: their mean is the WER of all words."""
    each = [(words(said), words(heard)) for said, heard in pairs]
    mean = sum(len(said) for said, _ in each) / max(1, len(each))
    return [100 * errors(said, heard) / mean for said, heard in each if mean]
