"""What a model's words may say aloud, and how an answer is read while it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.languages.data import languages
from repartee.stages.converse.plan_stream import PlanStream
from repartee.stages.converse.said_by_model import LONGEST, Spoken, claims, sayable

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(TEXTS, st.integers(1, 9), st.booleans())
def test_what_is_said_does_not_depend_on_where_it_was_cut(text: str, each: int, ascii_only: bool) -> None:
    whole = json.dumps({"deeds": [], "say": text}, ensure_ascii=ascii_only)
    stream = PlanStream()
    assert "".join(stream.add(whole[start : start + each]) for start in range(0, len(whole), each)) == text


@given(st.text(max_size=80), st.integers(1, 9))
def test_anything_may_come(text: str, each: int) -> None:
    stream = PlanStream()
    said = "".join(stream.add(text[start : start + each]) for start in range(0, len(text), each))
    assert not said or stream.prose or text.lstrip().startswith("{")


def test_deeds_are_never_said() -> None:
    stream = PlanStream()
    assert not any(stream.add(piece) for piece in ['{"deeds": [{"do": "turn_on', '"}], "say": "Done."', "}"])
    fenced = PlanStream()
    assert not fenced.add('```json\n{"deeds": [1], "say": ""}\n```')
    assert json.loads(fenced.plan) == {"deeds": [1], "say": ""}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I've unlocked the door.", "en"),
        ("OK, I'll unlock it.", "en"),
        ("The lights are now off.", "en"),
        ("Ich habe die Haustür aufgeschlossen.", "de"),
        ("J'ai allumé la lampe.", "fr"),
        ("He abierto la puerta.", "es"),
        ("Ik heb de deur ontgrendeld.", "nl"),
    ],
)
def test_a_claim(text: str, language: str) -> None:
    assert claims(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Whisk the eggs and add a pinch of salt.", "en"),
        ("The front door is locked.", "en"),
        ("Das Wetter wird schön.", "de"),
        ("La tour Eiffel est à Paris.", "fr"),
        ("El cielo es azul.", "es"),
        ("De lucht is blauw.", "nl"),
    ],
)
def test_no_claim(text: str, language: str) -> None:
    assert not claims(text, language)


def test_every_language_knows_claims() -> None:
    for language in languages():
        assert not claims("42", language)


async def told(*pieces: str) -> AsyncGenerator[str, None]:
    for piece in pieces:
        yield piece


async def test_what_comes_again_ends_it() -> None:
    assert [s async for s in sayable(told("It rains. ", "It snows. ", "It RAINS! ", "Never."), "en")] == [
        "It rains.",
        " It snows.",
    ]


async def test_the_first_clause_will_do_to_begin_with() -> None:
    pieces = told("When you have eggs and some milk,", " make an omelette", ", if you like. ", "Or, of course, do not.")
    said = [part async for part in sayable(pieces, "en")]
    assert said[0] == "When you have eggs and some milk,"
    assert "".join(said) == "When you have eggs and some milk, make an omelette, if you like. Or, of course, do not."


async def test_a_claim_in_two_clauses_is_one() -> None:
    said = [part async for part in sayable(told("I have, as you asked me to,", " unlocked the door."), "en")]
    assert "unlocked" not in "".join(said)


async def test_nobody_has_to_listen_to_a_book() -> None:
    pieces = [f"This is the sentence of number {n}. " for n in range(1_000)]
    said = "".join([sentence async for sentence in sayable(told(*pieces), "en")])
    assert LONGEST < len(said) < LONGEST + 60


async def test_closed_before_it_began_it_closes_what_it_comes_from() -> None:
    closed = []

    async def source() -> AsyncGenerator[str, None]:
        try:
            yield "Hello. "
            yield "Good bye."
        finally:
            closed.append(True)

    pieces = source()
    await anext(pieces)
    words = Spoken(pieces, pieces, "en")
    await words.aclose()
    assert closed
