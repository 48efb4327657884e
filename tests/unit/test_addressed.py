"""A name at the beginning of a sentence is not part of it."""

from __future__ import annotations

import pytest
from hypothesis import given

from repartee.core.hearing import Hearing, Hypothesis
from repartee.core.home_file import home_from
from repartee.stages.understand.addressed import after_names, unaddressed
from tests.hostile import ANY_TEXT

NAMES = ("alexa", "hey jarvis", "okay nabu")
HOME = home_from({"entities": [{"name": "Lamp", "domain": "light"}]}).home


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Alexa, turn on the lamp", "turn on the lamp"),
        ("alexa alexa turn on the lamp", "turn on the lamp"),
        ("Hey Jarvis! Turn on the lamp", "Turn on the lamp"),
        ("OK Nabu, turn on the lamp", "turn on the lamp"),
        ("okay nabu okay nabu, set a timer for 5 minutes", "set a timer for 5 minutes"),
        ("turn on the lamp", "turn on the lamp"),
        ("tell alexa to turn on the lamp", "tell alexa to turn on the lamp"),
        ("okay turn on the lamp", "okay turn on the lamp"),
        ("Alexa", ""),
        ("", ""),
    ],
)
def test_names_at_the_beginning(text: str, rest: str) -> None:
    assert after_names(text, NAMES, HOME).strip(" !") == rest


def test_a_thing_that_is_called_so_is_meant() -> None:
    home = home_from({"entities": [{"name": "Alexa Lamp", "domain": "light"}]}).home
    assert after_names("alexa lamp on", NAMES, home) == "alexa lamp on"
    assert after_names("alexa turn on the alexa lamp", NAMES, home) == "turn on the alexa lamp"


def test_a_hearing_with_a_name_is_read_as_it_was_heard() -> None:
    said = Hearing(Hypothesis("alexa turn on the lamp", -3.0), (Hypothesis("turn on the lamp", -20.0),), final=True)
    heard = unaddressed(said, NAMES, HOME)
    assert heard.text == "turn on the lamp"
    assert heard.free.log_likelihood == -3.0
    assert heard.home == ()
    assert heard.final
    plain = Hearing(Hypothesis("turn on the lamp", -3.0), (Hypothesis("turn on the lamp", -3.0),))
    assert unaddressed(plain, NAMES, HOME) is plain


@given(ANY_TEXT)
def test_any_text_has_a_rest(text: str) -> None:
    assert isinstance(after_names(text, NAMES, HOME), str)
