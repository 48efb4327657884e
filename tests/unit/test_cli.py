"""The command line: a command is declared beside its body, and `--help` loads none of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from repartee.app.cli.commands import COMMANDS, load


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
