from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.grammar.text import fold, joined, originals, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Turn on the lights, please!", "turn|on|the|lights|please"),
        ("what’s the time?", "what'|s|the|time"),
        ("Éteins l'entrée", "eteins|l'|entree"),
        ("set it to 50% now", "set|it|to|50|%|now"),
        ("20,50 °C", "20.5|°"),
        ("20.0 or 07", "20|or|7"),
        ("2,700k", "2700|k"),
        ("-5 and 10-15", "-5|and|10|15"),
        ("half is 1/2", "half|is|1/2"),
        ("twenty-one T.V. sets", "twenty|one|tv|sets"),
        ("Straße", "strasse"),
        ("kids' room", "kids|room"),
        ("{{ states('x') }}; DROP TABLE", "states|x|drop|table"),
        ("電気", "電|気"),
        ("🙂 !!! \u0000", ""),
    ],
)
def test_tokens(text: str, tokens: str) -> None:
    assert "|".join(words(text)) == tokens


def test_joined_keeps_elision_together() -> None:
    assert joined(words("Éteins l'entrée")) == "eteins l'entree"


def test_originals_are_as_written() -> None:
    assert originals("Add Café crème, 2,5 kg") == ["Add", "Café", "crème", "2,5", "kg"]


@given(st.text())
def test_any_text_has_tokens_and_again_the_same(text: str) -> None:
    tokens = words(text)
    assert all(token and " " not in token for token in tokens)
    assert words(joined(tokens)) == tokens or any(not t.isalpha() for t in tokens)
    found = originals(text)
    assert found is None or len(found) == len(tokens)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_folding_ascii_keeps_its_length(text: str) -> None:
    assert len(fold(text)) == len(text)
