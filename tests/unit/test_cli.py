"""The command line: a command is declared beside its body, and `--help` loads none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repartee.app.cli import app
from repartee.app.cli.commands import COMMANDS, load
from repartee.app.cli.options import chosen


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_what_the_list_says(name: str) -> None:
    """The list has a line of each, so that `--help` need not load it; the command has the same line."""
    command = load(name)
    assert command.help.splitlines()[0] == COMMANDS[name]


def test_the_list_loads_no_command() -> None:
    code = """
import sys
from typer.testing import CliRunner
from repartee.app.cli import app
assert "serve" in CliRunner().invoke(app, ["--help"]).output
print([name for name in sys.modules if name.startswith("repartee.") and name.split(".")[1] not in ("app", "core")])
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert loaded.strip() == "[]"


def test_a_word_that_is_no_command_gets_the_nearest_one() -> None:
    result = CliRunner().invoke(app, ["hoem"])
    assert result.exit_code == 2
    assert "home" in result.output


def test_options_win_over_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[brain]\nlanguage = "de"\nstt = "fake"\n[system]\nport = 1234\n')
    monkeypatch.setenv("REPARTEE_BRAIN__LANGUAGE", "fr")
    read = chosen(file)
    assert (read.brain.language, read.brain.stt, read.system.port) == ("fr", "fake", 1234)
    told = chosen(file, language="nl", brain={"stt": "moonshine"}, system={"port": 0})
    assert (told.brain.language, told.brain.stt, told.system.port) == ("nl", "moonshine", 0)


def test_what_was_not_given_is_left_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[brain]\nstt = "fake"\n')
    assert chosen(file, brain={"stt": None}).brain.stt == "fake"
