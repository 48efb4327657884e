"""A language is a folder of data: all five have the same keys and placeholders, and a tag falls back."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from home_assistant_intents import get_languages
from hypothesis import given
from hypothesis import strategies as st

from repartee.assembly.skills.sums import UNITS
from repartee.core.breaker import CircuitOpen
from repartee.core.errors import BadHome, NothingWorks, ReparteeError, Unreachable
from repartee.core.home_file import home_from
from repartee.core.intent import Context
from repartee.engines.understanding.hassil import HassilUnderstanding
from repartee.grammar.compiled import compile_home
from repartee.languages import data as data_of
from repartee.languages.clock import clock, told_time
from repartee.languages.data import data, fallbacks, languages, own_data, sentences
from repartee.languages.package import package_data
from repartee.languages.phrases import counted, phrase, spoken_error, unit_name

COMPLETE = ("de", "es", "fr", "nl")
KINDS = ("phrases", "answers", "errors", "units", "clock", "weather", "replies")
MONDAY = datetime(2026, 3, 2, 14, 30)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}")
    else:
        yield path, value


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_five_languages_have_folders() -> None:
    assert set(languages()) == {"en", *COMPLETE}


@pytest.mark.parametrize("language", COMPLETE)
@pytest.mark.parametrize("kind", KINDS)
def test_every_language_has_every_key(language: str, kind: str) -> None:
    english, theirs = own_data("en", kind), own_data(language, kind)
    assert english
    assert theirs.keys() == english.keys()


@pytest.mark.parametrize("language", COMPLETE)
def test_a_phrase_names_the_same_facts_in_every_language(language: str) -> None:
    """Error texts of another language may leave a reason out that stands in English only."""
    for key, text in own_data(language, "phrases").items():
        wanted = placeholders(own_data("en", "phrases")[key])
        assert placeholders(text) <= wanted, key
        assert wanted - placeholders(text) <= {"why"}, key


@pytest.mark.parametrize("language", ["en", *COMPLETE])
def test_nothing_is_empty_or_twice_the_same_list_entry(language: str) -> None:
    for kind in (*KINDS, "grammar"):
        for path, value in leaves(own_data(language, kind)):
            if isinstance(value, list):
                assert len({str(item) for item in value}) == len(value), (kind, path)
            elif isinstance(value, str):
                assert value.strip() == value, (kind, path)


def subclasses(kind: type[ReparteeError]) -> Iterator[type[ReparteeError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


def test_every_error_is_spoken_in_every_language() -> None:
    assert not [kind for kind in subclasses(ReparteeError) if hasattr(kind, "spoken")], "an error has a key, not words"
    keys = {kind.key for kind in subclasses(ReparteeError) if kind.__module__.startswith("repartee.")}
    keys |= {NothingWorks(kind, "").key for kind in ("stt", "understanding")}
    assert len(keys) > 10
    assert keys <= own_data("en", "errors").keys()
    assert spoken_error("de", Unreachable("x")) == "Entschuldigung, ich erreiche das Haus nicht."
    assert spoken_error("es-MX", NothingWorks("stt", "x")) == "Lo siento, ahora mismo no puedo oír."
    assert spoken_error("nl", CircuitOpen("lamp", 3.0)).startswith("Sorry, dat deel")
    assert spoken_error("sw", BadHome("x")) == "Sorry, I can't read the description of this home."
    assert spoken_error("fr", NothingWorks("telepathy", "x")) == "Désolé, quelque chose s'est mal passé."


@pytest.mark.parametrize(
    ("language", "tags"),
    [
        ("de", ("de",)),
        ("pt-BR", ("pt-BR", "pt")),
        ("en_us", ("en-US", "en")),
        ("zh-Hans-CN", ("zh-CN", "zh")),
        ("sr-latn", ("sr-Latn", "sr")),
        ("", ()),
    ],
)
def test_a_tag_falls_back(language: str, tags: tuple[str, ...]) -> None:
    assert fallbacks(language) == tags


@pytest.mark.parametrize("language", get_languages())
def test_every_language_of_the_sentence_data_is_found_by_its_tag(language: str) -> None:
    assert package_data(language) is not None


def test_a_region_without_sentences_is_understood_in_its_language() -> None:
    home = home_from({"areas": [{"name": "Küche"}], "entities": [{"name": "Licht", "domain": "light"}]}).home
    understandings = (compile_home(home, "de-AT", sentences("de-AT")), HassilUnderstanding(home, "de-AT"))
    for understanding in understandings:
        (reading, *_) = understanding.parse("schalte das Licht aus", Context(language="de-AT"))
        assert reading.parts[0].intent.name == "HassTurnOff"
    assert package_data("tlh") is None


FILES = re.compile(r"^\| `([\w.]+)/?` \|", re.MULTILINE)


@pytest.mark.parametrize("language", ["en", *COMPLETE])
def test_the_docs_name_every_file_of_a_language(language: str) -> None:
    docs = Path(__file__).parents[3] / "docs" / "languages.md"
    there = {entry.name for entry in (Path(data_of.__file__).parent / language).iterdir()}
    assert there | {"spotting.json", "meaning.json", "page.json"} == set(FILES.findall(docs.read_text("utf-8")))


@given(st.text(max_size=20))
def test_what_is_no_tag_reads_no_file(language: str) -> None:
    assert all("/" not in tag and "." not in tag for tag in fallbacks(language))
    assert data(language, "phrases")
    assert phrase(language, "done")
    sentences(language)


@pytest.mark.parametrize("tag", ["../en", "..", "en/../de", "/etc", "en\0", "e" * 50])
def test_a_path_is_no_language(tag: str) -> None:
    assert fallbacks(tag) == ()
    assert own_data(tag, "grammar") == {}
    assert sentences(tag) is None


def test_english_grammar_reads_no_other_language() -> None:
    assert own_data("sw", "grammar") == {}
    assert own_data("fr", "spotting") == {}


@pytest.mark.parametrize(
    ("language", "number", "unit", "words"),
    [
        ("en", 1, "minute", "1 minute"), ("en", 8, "minute", "8 minutes"), ("en", 0, "minute", "0 minutes"),
        ("de", 8, "minute", "8 Minuten"), ("de", 1, "hour", "1 Stunde"), ("es", 8, "minute", "8 minutos"),
        ("nl", 8, "minute", "8 minuten"), ("nl", 2, "hour", "2 uur"), ("fr", 8, "minute", "8 minutes"),
        ("fr", "1.5", "hour", "1.5 heure"), ("en", "1.5", "hour", "1.5 hours"), ("en", 3, "parsec", "3 parsec"),
        ("de", 2, "foot", "2 Fuß"), ("en", 2, "foot", "2 feet"),
    ],
)  # fmt: skip
def test_things_are_counted(language: str, number: float, unit: str, words: str) -> None:
    assert counted(language, number, unit) == words


@pytest.mark.parametrize("language", ["en", *COMPLETE])
def test_every_unit_of_a_sum_has_a_name(language: str) -> None:
    assert all(unit in own_data(language, "units") for unit in (*UNITS, "celsius", "fahrenheit"))
    assert all(unit_name(language, 2, unit) for unit in UNITS)


@pytest.mark.parametrize(
    ("language", "hour", "minute", "words"),
    [
        ("en", 0, 5, "12:05 AM"), ("en", 12, 0, "12:00 PM"), ("de", 7, 0, "7 Uhr"), ("de", 7, 5, "7 Uhr 5"),
        ("fr", 1, 0, "1 heure"), ("fr", 19, 5, "19 heures 5"), ("es", 7, 5, "7:05"), ("nl", 18, 0, "18 uur"),
    ],
)  # fmt: skip
def test_a_clock_is_told(language: str, hour: int, minute: int, words: str) -> None:
    assert clock(language, datetime(2026, 3, 2, hour, minute)) == words


@pytest.mark.parametrize(
    ("language", "ahead", "hour", "repeat", "words"),
    [
        ("de", 1, 7, "", "morgen um 7 Uhr"), ("de", 4, 7, "", "Freitag um 7 Uhr"), ("de", 0, 18, "", "um 18 Uhr"),
        ("de", 1, 7, "daily", "jeden Tag um 7 Uhr"), ("es", 1, 1, "", "mañana a la 1:00"),
        ("es", 4, 13, "", "el viernes a las 13:00"), ("es", 1, 7, "weekends", "los fines de semana a las 7:00"),
        ("en", 4, 18, "", "Friday at 6:00 PM"), ("en", 1, 7, "weekdays", "7:00 AM on weekdays"),
    ],
)  # fmt: skip
def test_a_time_is_told(language: str, ahead: int, hour: int, repeat: str, words: str) -> None:
    at = (MONDAY + timedelta(days=ahead)).replace(hour=hour, minute=0)
    assert told_time(language, at, MONDAY, repeat) == words
