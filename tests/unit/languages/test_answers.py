"""Answers to a question are understood in every language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.languages.answers import answer_words
from repartee.languages.data import languages
from repartee.stages.understand.answers import content, digits, position, says_no, says_yes


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "yes"), ("en", "Yes, please!"), ("en", "yes do it"), ("en", "okay, go ahead please"), ("en", "please"),
        ("en", "oh, of course"), ("de", "ja bitte"), ("de", "Ja, mach das!"), ("de", "auf jeden Fall"), ("de-AT", "ja"),
        ("es", "sí, por favor"), ("es", "si por favor"), ("es", "claro que sí"), ("fr", "oui, s'il te plaît"),
        ("fr", "oui s’il vous plait"), ("fr", "d'accord"), ("fr", "vas-y"), ("nl", "ja graag"), ("nl", "doe maar"),
        ("nl", "ja, alsjeblieft"), ("sw", "yes please"),
    ],
)  # fmt: skip
def test_yes_with_all_politeness(language: str, text: str) -> None:
    assert says_yes(text, language)
    assert not says_no(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "no thanks"), ("en", "No, thank you."), ("en", "please don't"), ("en", "no, never mind"),
        ("de", "nein danke"), ("de", "bitte nicht"), ("de", "nee, lieber nicht"), ("es", "no, gracias"),
        ("es", "mejor no"), ("fr", "non merci"), ("fr", "laisse tomber"), ("nl", "nee, dank je"), ("nl", "laat maar"),
        ("nl", "liever niet"),
    ],
)  # fmt: skip
def test_no_with_all_politeness(language: str, text: str) -> None:
    assert says_no(text, language)
    assert not says_yes(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "yes at seven"), ("en", "yes the kitchen one"), ("en", "no the kitchen"), ("en", "thanks"), ("en", ""),
        ("en", "yes no"), ("de", "ja die zweite"), ("de", "danke"), ("fr", "oui mais demain"), ("es", "sí mañana"),
        ("nl", "ja over tien minuten"),
    ],
)  # fmt: skip
def test_what_says_more_is_neither(language: str, text: str) -> None:
    assert not (says_yes(text, language) and not says_no(text, language))
    assert not (says_no(text, language) and not says_yes(text, language))


@pytest.mark.parametrize(
    ("language", "text", "which"),
    [
        ("en", "the second one", 1), ("en", "the last one", 2), ("en", "number three", 2), ("en", "two", 1),
        ("en", "number one", 0), ("en", "the one", None), ("en", "this one", None), ("en", "the 3rd", 2),
        ("de", "die zweite", 1), ("de", "das zweite bitte", 1), ("de", "den dritten", 2), ("de", "die letzte", 2),
        ("de", "nummer zwei", 1), ("de", "die eine", None), ("es", "la segunda", 1), ("es", "el tercero", 2),
        ("es", "la última, por favor", 2), ("es", "la número dos", 1), ("fr", "la deuxième", 1), ("fr", "le second", 1),
        ("fr", "la première", 0), ("fr", "le 2e", 1), ("fr", "la dernière", 2), ("nl", "de tweede", 1),
        ("nl", "de laatste", 2), ("nl", "nummer drie", 2), ("en", "the fourth", None), ("en", "lamp two", None),
        ("de", "", None),
    ],
)  # fmt: skip
def test_which_of_three(language: str, text: str, which: int | None) -> None:
    assert position(text, language, 3) == which


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "four seven one one", "4711"), ("en", "0471", "0471"), ("en", "oh four 7 one", "0471"),
        ("en", "it is forty-seven eleven", "4711"), ("de", "vier sieben eins eins", "4711"),
        ("de", "siebenundvierzig elf", "4711"), ("de", "zwo null zwei", "202"), ("es", "cuatro siete uno uno", "4711"),
        ("fr", "quatre sept un un", "4711"), ("fr", "quatre-vingt-dix-neuf", "99"),
        ("nl", "vier zeven een een", "4711"), ("en", "open sesame", ""),
    ],
)  # fmt: skip
def test_digits_of_a_pin(language: str, text: str, said: str) -> None:
    assert digits(text, language) == said


@given(st.text(max_size=60), st.sampled_from([*languages(), "sw", "xx-YY", ""]), st.integers(0, 5))
def test_no_answer_breaks_anything(text: str, language: str, count: int) -> None:
    assert digits(text, language) == "" or digits(text, language).isascii()
    which = position(text, language, count)
    assert which is None or 0 <= which < count
    assert isinstance(says_yes(text, language) or says_no(text, language), bool)
    content(text, language)


@pytest.mark.parametrize("language", languages())
def test_no_word_is_both_yes_and_no(language: str) -> None:
    known = answer_words(language)
    assert not [text for text in known.yes if says_no(text, language)]
    assert not [text for text in known.no if says_yes(text, language)]
    assert len(known.ordinals) == 10
