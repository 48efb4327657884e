from __future__ import annotations

import random

from repartee.core.home import Home
from repartee.core.ports import Cursor, Understanding
from repartee.grammar import CompiledHome, compile_home
from repartee.grammar.cursor import Place

from .conftest import HERE


def at(grammar: CompiledHome, text: str) -> Place:
    place = grammar.expect(HERE).step(text)
    assert place is not None, text
    return place


def test_it_satisfies_the_ports(grammar: CompiledHome) -> None:
    understanding: Understanding = grammar
    cursor: Cursor | None = understanding.expect(HERE)
    assert cursor is not None


def test_letters_are_those_that_may_follow(grammar: CompiledHome) -> None:
    assert at(grammar, "turn on the bed li").letters() == "g"
    assert set("bckthfl") <= set(at(grammar, "turn on the ").letters() or "")
    assert at(grammar, "turn on the bed light").letters() == " "
    assert "z" not in (grammar.expect(HERE).letters() or "z")


def test_free_text_is_any_letter(grammar: CompiledHome) -> None:
    assert at(grammar, "add ").letters() is None
    assert at(grammar, "add zucchini to the shopping list").complete
    assert grammar.expect(HERE).letters() is not None


def test_only_what_a_verb_can_do_follows(grammar: CompiledHome) -> None:
    assert grammar.expect(HERE).step("lock the b") is None
    assert at(grammar, "lock the front door").complete


def test_numbers_in_digits_or_words(grammar: CompiledHome) -> None:
    assert at(grammar, "set the bed light brightness to 50 %").complete
    assert at(grammar, "set the bed light brightness to fifty percent").complete
    assert grammar.expect(HERE).step("set the bed light brightness to 500") is None


def test_elided_words_have_no_space(home: Home) -> None:
    grammar = compile_home(home, "fr")
    assert grammar.expect(HERE).step("quelle heure est il") is not None
    assert grammar.expect(HERE).step("allume l'") is not None


def test_a_second_sentence_may_follow(grammar: CompiledHome) -> None:
    assert at(grammar, "turn on the bed light and turn off the tv").complete
    assert at(grammar, "turn on the bed light and then turn off the tv in ten minutes").complete


def test_equal_places_have_equal_keys(grammar: CompiledHome) -> None:
    assert at(grammar, "turn on").key == at(grammar, "turn on").key
    assert at(grammar, "turn on").key != at(grammar, "turn of").key


def test_walks_end_in_sentences_that_parse(grammar: CompiledHome) -> None:
    rng = random.Random(7)
    ended = 0
    for _ in range(150):
        place, text = grammar.expect(HERE), ""
        for _ in range(70):
            letters = place.letters()
            if letters is None or (place.complete and not text.endswith(" ") and rng.random() < 0.5):
                break
            assert letters, f"a dead end after {text!r}"
            letter = rng.choice(letters)
            following = place.step(letter)
            assert following is not None, f"{letter!r} was offered after {text!r}"
            place, text = following, text + letter
        if place.complete:
            ended += 1
            assert grammar.parse(text, HERE), text
    assert ended > 5


def test_words_that_may_follow(grammar: CompiledHome) -> None:
    assert "bathroom" in at(grammar, "turn on the ").words()
    assert at(grammar, "turn on the bath").words() == ["bathroom"]
