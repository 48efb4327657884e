from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repartee.app.cli import app
from repartee.core.errors import BadInput

from .conftest import ROOMS

RUN = CliRunner()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("homes") / "home.json"
    path.write_text(json.dumps(ROOMS))
    return str(path)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("homes") / "homes.json"
    path.write_text(json.dumps({"mine": ROOMS, "empty": {}}))
    return str(path)


def test_a_sentence(home: str) -> None:
    result = RUN.invoke(app, ["parse", "--home", home, "--json", "turn", "on", "the", "bed", "light"])
    answer = json.loads(result.stdout)
    assert answer.pop("us") > 0
    assert answer == {
        "sentence": "turn on the bed light",
        "intent": "HassTurnOn",
        "slots": {"name": "Bed Light"},
        "plan": [{"intent": "HassTurnOn", "slots": {"name": "Bed Light"}, "group": 0, "after": []}],
        "acts": True,
        "score": 1.0,
        "question": None,
    }


def test_a_sentence_for_people(home: str) -> None:
    result = RUN.invoke(app, ["parse", "--home", home, "turn on the heater"])
    assert "HassTurnOn" in result.stdout
    assert "did_you_mean" in result.stdout
    assert "nothing" in RUN.invoke(app, ["parse", "--home", home, "xyzzy plugh"]).stdout


@pytest.mark.parametrize("reference", [[], ["--reference", "hassil"]])
def test_lines_in_lines_out(homes: str, reference: list[str]) -> None:
    lines = [
        {"sentence": "turn on the bed light", "home": "mine"},
        {"sentence": "turn on the bed light", "home": "empty"},
        {"sentence": "turn off the lights", "home": "mine", "context": {"area": "Kitchen"}},
    ]
    result = RUN.invoke(app, ["parse", "--homes", homes, *reference], input="\n".join(map(json.dumps, lines)))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["intent"] for answer in answers] == ["HassTurnOn", None, "HassTurnOff"]
    assert [answer["acts"] for answer in answers] == [True, False, True]
    assert answers[2]["slots"]["area"] == "Kitchen"


@pytest.mark.parametrize(
    ("line", "part"),
    [("{", "line 1: not JSON"), ("[]", 'needs a "sentence"'), ('{"sentence": 3}', 'needs a "sentence"')],
)
def test_a_bad_line_is_told(homes: str, line: str, part: str) -> None:
    result = RUN.invoke(app, ["parse", "--homes", homes], input=line + "\n")
    assert isinstance(result.exception, BadInput)
    assert part in str(result.exception)


def test_a_home_that_is_not_there_is_told(homes: str, tmp_path: Path) -> None:
    result = RUN.invoke(app, ["parse", "--homes", homes], input='{"sentence": "x", "home": "yours"}\n')
    assert "there is no home 'yours'; there are: mine, empty" in str(result.exception)
    (tmp_path / "bad.json").write_text("[]")
    result = RUN.invoke(app, ["parse", "--homes", str(tmp_path / "bad.json"), "x"])
    assert isinstance(result.exception, BadInput)
    result = RUN.invoke(app, ["parse", "--home", str(tmp_path / "none.json"), "x"])
    assert "none.json" in str(result.exception)
    result = RUN.invoke(app, ["parse", "--reference", "crystal ball", "x"])
    assert "there is only hassil" in str(result.exception)


def test_sizes_and_a_drawing(home: str) -> None:
    figures = json.loads(RUN.invoke(app, ["grammar", "--home", home, "--json"]).stdout)
    assert figures["states"] > 1_000
    assert figures["names"] == 14
    assert "states" in RUN.invoke(app, ["grammar", "--home", home]).stdout
    drawing = RUN.invoke(app, ["grammar", "--home", home, "--say", "turn on the bed light"]).stdout
    assert drawing.startswith("digraph")
    assert "doublecircle" in drawing
    assert "nothing" in RUN.invoke(app, ["grammar", "--home", home, "--say", "xyzzy"]).stdout


def test_what_may_follow(home: str) -> None:
    run = [*["suggest", "--home", home, "--json"], "turn on the bath"]
    assert json.loads(RUN.invoke(app, run).stdout) == {"status": "open", "next": ["bathroom"]}
    answer = json.loads(RUN.invoke(app, ["suggest", "--home", home, "--json", "turn on the bed "]).stdout)
    assert answer == {"status": "open", "next": ["light"]}
    assert "(anything)" in RUN.invoke(app, ["suggest", "--home", home, "add "]).stdout
    answer = json.loads(RUN.invoke(app, ["suggest", "--home", home, "--json", "xyzzy"]).stdout)
    assert answer == {"status": "impossible", "next": []}
