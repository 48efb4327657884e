"""What comes from outside at its worst, for property tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st


def deep(levels: int) -> str:
    """A list in a list in a list ..."""
    return "[" * levels + "]" * levels


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60) | st.sampled_from(
    ["\ud800", "x\udfff", "NaN", "Infinity", "1e999", "9" * 400, "a" * 50_000, deep(1000), "\x00", "{{", "{% for"]
)
"""With lone surrogates, which no encoding has."""
ANY_NUMBER = st.floats() | st.integers() | st.sampled_from([10**400, -(10**400), float("inf"), 1e308, 0, -1])
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | ANY_NUMBER | ANY_TEXT | st.just(date(2026, 1, 1)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(ANY_TEXT, inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers(), inner, max_size=2)
    ),
    max_leaves=12,
)
"""Values as Python has them; JSON has no word for many of them."""
