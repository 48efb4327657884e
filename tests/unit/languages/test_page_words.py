"""The page speaks five languages: each of its own words is there in each of them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from importlib.resources import files
from string import Formatter

import pytest

from repartee.app.doors.http.page_words import page_words
from repartee.languages.data import own_data

WEB = files("repartee.app") / "web"
OTHERS = ("de", "es", "fr", "nl")
NAMES = {"Repartee"}
"""Not translated."""


def scripts() -> Iterator[str]:
    return (file.read_text("utf-8") for file in WEB.iterdir() if file.name.endswith(".js"))


def shown() -> set[str]:
    """Texts of the page's file, and whatever its scripts hand to `t`."""
    page = (WEB / "index.html").read_text("utf-8").partition("<body>")[2]
    found = [*re.findall(r">([^<>]+)<", page), *re.findall(r'(?:placeholder|aria-label|title)="([^"]+)"', page)]
    found += [text for script in scripts() for text in re.findall(r'\bt\("([^"]+)"', script)]
    words = {" ".join(html.unescape(text).split()) for text in found}
    return {text for text in words if re.search(r"[A-Za-z]{2}", text)} - NAMES


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_the_page_is_there(language: str) -> None:
    assert len(shown()) > 60
    assert not shown() - own_data(language, "page").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_is_filled_in_everywhere(language: str) -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    words = own_data(language, "page")
    assert not [english for english, own in words.items() if places(english) != places(own) or not own.strip()]
    assert words.keys() == own_data("de", "page").keys()


def test_nothing_is_translated_that_the_page_has_not() -> None:
    everything = " ".join([(WEB / "index.html").read_text("utf-8"), *scripts()])
    states = {
        *("Closed", "Playing", "Paused", "Idle", "Docked", "Cleaning", "Returning", "Heat", "Cool", "Auto", "Opening"),
        *("Closing", "Sunny", "Cloudy", "Rainy"),
    }
    plain = " ".join(html.unescape(everything).split())
    assert not [text for text in own_data("de", "page") if text not in plain and text not in states]


@pytest.mark.parametrize(
    ("wanted", "otherwise", "language"),
    [
        (["de-CH", "fr"], "en", "de-CH"),
        (["ja", "fr"], "en", "fr"),
        (["en-US", "fr"], "de", "en"),
        (["ja"], "nl", "nl"),
        (["", "../../x"], "en", "en"),
    ],
)
def test_the_first_that_there_are_words_for(wanted: list[str], otherwise: str, language: str) -> None:
    assert page_words(wanted, otherwise)["language"] == language
