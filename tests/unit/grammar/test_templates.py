from __future__ import annotations

from pathlib import Path

import pytest

from repartee.grammar.lexicon import phrases
from repartee.grammar.sentences import Range, load_sentences, package_sentences, read_sentences
from repartee.grammar.templates import BadTemplate, read_template
from repartee.grammar.text import words


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("turn (on|off)", {"turn on", "turn off"}),
        ("[please] go", {"please go", "go"}),
        ("(a;b;c)", {"a b c", "c b a"}),
        ("hour[s]", {"hour", "hours"}),
        ("acti(f|ve)[s]", {"actif", "actifs", "active", "actives"}),
        ("(5|6)( |-)minute", {"5 minute", "6 minute"}),
        ("what['s] up", {"what up", "what' s up"}),
        (r"a \(b\)", {"a b"}),
    ],
)
def test_what_a_template_says(template: str, texts: set[str]) -> None:
    said = {" ".join(words(text.replace("' ", "'"))) for text in phrases(read_template(template), {})}
    assert texts <= said


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("turn (on", "never closed"),
        ("turn on)", "unexpected ')'"),
        ("turn <the", "unexpected '<'"),
        ("(" * 60 + ")" * 60, "inside one another"),
        ("(a;b;c;d;e;f;g)", "any order"),
    ],
)
def test_what_is_wrong_is_said(template: str, part: str) -> None:
    with pytest.raises(BadTemplate, match=part.replace("(", r"\(").replace(")", r"\)")):
        read_template(template)


def test_an_error_names_file_intent_and_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "language: en\nintents:\n  MovieTime:\n    data:\n      - sentences: ['movie time', 'movie (night']\n"
    )
    with pytest.raises(BadTemplate) as error:
        load_sentences("en", tmp_path)
    assert all(part in str(error.value) for part in ("mine.yaml", "MovieTime", "sentence 2", "never closed"))


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("a.json", "{", "not JSON"),
        ("a.yaml", "a: [", "not YAML"),
        ("a.json", "[]", "mapping"),
        ("a.json", '{"intents": {"X": {"data": [{"sentences": "turn"}]}}}', "list of templates"),
        ("a.json", '{"lists": {"x": {"range": {"from": 3}}}}', "'from' and 'to'"),
        ("a.json", '{"lists": {"x": {"range": {"from": 3, "to": 1}}}}', "upwards"),
        ("a.json", '{"lists": {"x": {}}}', "values"),
    ],
)
def test_a_bad_file_is_told_apart(tmp_path: Path, name: str, text: str, part: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadTemplate, match=part) as error:
        load_sentences("en", tmp_path)
    assert name in str(error.value)


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(BadTemplate, match="klingon"):
        package_sentences("klingon")


def test_numbers_of_a_range() -> None:
    assert list(Range(0, 2, 1, "halves").numbers()) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert list(Range(1000, 1200, 100).numbers()) == [1000, 1100, 1200]


def test_lists_and_blocks_are_read() -> None:
    made = read_sentences(
        {
            "intents": {"A": {"data": [{"sentences": ["go {where}"], "slots": {"x": 1}, "response": "done"}]}},
            "lists": {"where": {"values": ["home", {"in": "away", "out": ["a", "b"], "context": {"k": "v"}}]}},
        },
        "en",
        "here",
    )
    assert made.blocks[0].response == "done"
    assert [value.value for value in made.lists["where"].values] == ["home", ("a", "b")]
    assert made.lists["where"].values[1].context == {"k": "v"}
