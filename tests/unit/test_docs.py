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
NAMED = re.compile(r"`((?:[\w*<>.-]+/)+[\w*<>.-]*|[\w-]+\.(?:py|md|toml|json|js))`")
"""A path in code marks: a file, or a folder (with a slash)."""
DOTTED = re.compile(r"\brepartee((?:\.[a-z_]+)+)")
PLACES = (
    "",
    "src/repartee",
    "docs",
    "docs/decisions",
    "src/repartee/app/web",
    "src/repartee/engines",
    "src/repartee/stages",
)
"""Where a path may begin."""
MADE = {
    "src/repartee/assembly/skills/dice.py",
    "src/repartee/languages/en/sentences/dice.json",
    "repartee.toml",
    "manifest.jsonl",
    "models.json",
    "model.json",
    "home.json",
    "requirements.txt",
}
"""Files that people or programs make."""
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


def exists(named: str) -> bool:
    """A pattern or a `<kind>` stands for any of its kind; only what is ours is looked for."""
    plain = re.sub(r"<\w+>", "*", named).strip("/")
    if "/" not in plain:
        return plain in FILES
    return any(
        next((ROOT / place).glob(plain), None) or next((ROOT / place).glob(plain + ".py"), None) for place in PLACES
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_and_modules_exist(document: Path) -> None:
    text = document.read_text()
    paths = {named for named in NAMED.findall(text) if ours(named)}
    modules = {f"src/repartee{name.replace('.', '/')}" for name in DOTTED.findall(text) if name.split(".")[1] in ROOMS}
    lost = [path for path in paths if not exists(path)]
    lost += [module for module in modules if not (exists(module) or exists(module.rpartition("/")[0]))]
    assert not lost


def ours(named: str) -> bool:
    first = named.split("/")[0]
    return named not in MADE and (named.endswith((".py", ".md")) or first in ROOMS)


ROOMS = {
    path.name for place in ("", "src/repartee") for path in (ROOT / place).iterdir() if not path.name.startswith(".")
}
FILES = {path.name for room in ("src", "tests", "bench", "docs") for path in (ROOT / room).rglob("*.*")} | ROOMS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_of_code_exist(document: Path) -> None:
    """A name in code marks that begins with a capital is one of ours, or at least one that our code uses."""
    lost = set(CLASS.findall(document.read_text())) - IDENTIFIERS
    assert not lost


CLASS = re.compile(r"`([A-Z][a-z]\w*)(?:\.\w+|\(.*?\))?`")
IDENTIFIERS = {
    word
    for room in ("src", "tests", "bench")
    for suffix in ("py", "js", "json", "toml")
    for path in (ROOT / room).rglob(f"*.{suffix}")
    for word in re.findall(r"\w+", path.read_text("utf-8"))
}
