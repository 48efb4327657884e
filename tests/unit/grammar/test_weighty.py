"""Words that change what a deed is."""

from __future__ import annotations

import pytest

from repartee.grammar.weighty import weighty


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("turn on the lamp", ()),
        ("please turn the lamp on now", ()),
        ("turn on the lamp at ten", ("time",)),
        ("turn on the lamp tomorrow", ("time",)),
        ("turn off all the lights except the kitchen", ("except",)),
        ("close the windows if it rains", ("condition",)),
        ("don't turn on the lamp", ("negation",)),
        ("he said turn on the lamp", ("report",)),
    ],
)
def test_the_kinds_of_words_that_weigh(text: str, kinds: tuple[str, ...]) -> None:
    assert weighty(text, "en") == set(kinds)


def test_a_language_without_data_has_none() -> None:
    assert weighty("käännä valo päälle jos sataa", "fi") == set()
