"""What is told and what is asked, by rules, in five languages; what is no fact, and what is never kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.languages.data import own_data
from repartee.languages.perspective import retold
from repartee.stages.converse.patterns import memory_words
from repartee.stages.converse.questions import Wish, asked
from repartee.stages.converse.statements import date_of, told

LANGUAGES = ("en", "de", "fr", "es", "nl")
SET = Path(__file__).parents[3] / "bench" / "data" / "memory_statements.jsonl"


def test_nothing_wrong_is_kept_and_most_of_what_is_told_is() -> None:
    """Precision at least 95 %, recall at least 70 %, in each language (the set is ours)."""
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    for language in LANGUAGES:
        mine = [(row, told(row["text"], language).facts) for row in rows if row["language"] == language]
        kept = [(row, facts[0]) for row, facts in mine if facts]
        right = [fact for row, fact in kept if fact.kind == row["kind"] and row["value"] in fact.value.casefold()]
        wrong = [(row["text"], fact.kind, fact.value) for row, fact in kept if fact not in right]
        assert len(right) >= 0.95 * len(kept), wrong
        assert len(right) >= 0.70 * sum(row["kind"] is not None for row, _ in mine)


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "the twenty-first of June 1990", "1990-06-21"), ("en", "May 3rd", "--05-03"),
        ("en", "on 3 May", "--05-03"),
        ("de", "am dritten Mai", "--05-03"), ("de", "am 12. August", "--08-12"), ("fr", "le premier mars", "--03-01"),
        ("es", "el 3 de mayo de 2001", "2001-05-03"), ("nl", "op drie mei", "--05-03"), ("en", "May 40", None),
        ("en", "soon", None),
    ],
)  # fmt: skip
def test_days_are_read_as_they_are_said(language: str, text: str, day: str | None) -> None:
    words = memory_words(language)
    assert words
    assert date_of(text, words, language) == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "remember my pin is 4711"), ("en", "remember that the PIN code is four seven one one"),
        ("en", "remember that 4 7 1 1 opens the door"), ("en", "my lucky numbers are four seven one one"),
        ("de", "Merk dir, dass meine Geheimzahl 4711 ist"), ("fr", "Retiens que mon code secret est 4711"),
        ("es", "Recuerda que mi pin es 4711"), ("nl", "Onthoud dat mijn pincode 4711 is"),
    ],
)  # fmt: skip
def test_a_code_is_never_kept(language: str, text: str) -> None:
    assert told(text, language, codes=["4711"]).facts == ()


@pytest.mark.parametrize(
    ("language", "text", "wish", "kind", "subject"),
    [
        ("en", "Where did I put my keys?", Wish.FACT, "place", "keys"),
        ("en", "when is my mother's birthday", Wish.FACT, "birthday", "mother"),
        ("en", "who am I", Wish.FACT, "name", "me"),
        ("en", "what is Ben allergic to", Wish.FACT, "allergy", "ben"),
        ("en", "what do you know about me?", Wish.LIST, "", ""),
        ("en", "forget everything", Wish.FORGET_ALL, "", ""),
        ("en", "forget that", Wish.FORGET_LAST, "", ""),
        ("en", "forget what I told you about the car", Wish.FORGET, "", "car"),
        ("de", "Wo habe ich meine Brille hingelegt?", Wish.FACT, "place", "brille"),
        ("de", "Vergiss alles, was du über mich weißt", Wish.FORGET_ALL, "", ""),
        ("fr", "Où sont mes clés ?", Wish.FACT, "place", "clés"),
        ("fr", "Quand est l'anniversaire de Tom ?", Wish.FACT, "birthday", "tom"),
        ("es", "¿Cómo se llama mi perro?", Wish.FACT, "attribute", "perro"),
        ("nl", "Wanneer is Tom jarig?", Wish.FACT, "birthday", "tom"),
    ],
)
def test_what_is_asked_of_the_memory(language: str, text: str, wish: Wish, kind: str, subject: str) -> None:
    found = asked(text, language)
    assert found
    assert (found.wish, found.query.kind, found.query.subject) == (wish, kind, subject)


@pytest.mark.parametrize(
    "text", ["turn on the light", "set a timer", "", "hello", "forget it, turn off the lamp and go"]
)
def test_what_asks_nothing_of_the_memory(text: str) -> None:
    found = asked(text, "en")
    assert found is None or found.wish is Wish.FORGET


def test_what_was_said_of_oneself_is_told_to_the_person() -> None:
    assert retold("I put my keys in the drawer, myself", "en") == "you put your keys in the drawer, yourself"
    assert retold("Mimi is my cat", "en") == "Mimi is your cat"


def test_every_language_says_the_same_kinds() -> None:
    english = own_data("en", "memory")
    for language in LANGUAGES:
        data = own_data(language, "memory")
        assert data.keys() == english.keys()
        assert len(data["months"]) == 12
        for key in ("facts", "questions"):
            assert {rule["kind"] for rule in data[key]} == {rule["kind"] for rule in english[key]}


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_read(text: str, language: str) -> None:
    told(text, language)
    asked(text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["my " * 150, "remember that " + "a b " * 100, "where is " + "x " * 140, "i like " + "-" * 250]
)
def test_no_text_takes_long(language: str, text: str) -> None:
    """No pattern goes back and forth over a text for ever."""
    import time

    told(text, language)
    began = time.perf_counter()
    told(text, language)
    asked(text, language)
    assert time.perf_counter() - began < 0.25
