"""The documents say what is: links lead somewhere, settings are those of the code, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repartee.app.cli import app
from repartee.app.cli.settings import reference

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    lost = [target for target in LINK.findall(document.read_text()) if not (document.parent / target).exists()]
    assert not lost


def test_the_settings_are_documented_as_they_are() -> None:
    """After a change: `repartee settings` into the block of docs/settings.md."""
    block = re.search(r"```toml\n(.*?)```", (ROOT / "docs" / "settings.md").read_text(), re.DOTALL)
    assert block
    assert block.group(1) == reference()


def test_the_readme_names_only_commands_that_exist() -> None:
    known = set(re.findall(r"^│ (\w[\w-]*)", CliRunner().invoke(app, ["--help"]).output, re.MULTILINE))
    named = set(re.findall(r"repartee (\w+)", (ROOT / "README.md").read_text()))
    assert named <= known, named - known
