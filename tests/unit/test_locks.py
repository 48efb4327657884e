"""The lock files hold what `pyproject.toml` asks for: a clean clone installs from them alone."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.licences import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def asked(requirements: list[str]) -> set[str]:
    """Normalised package names (PEP 503); the project's own extras are left out."""
    names = (re.split(r"[\s\[<>=!;~]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names} - {PROJECT["name"]}


def locked(file: str) -> set[str]:
    text = (ROOT / "requirements" / file).read_text("utf-8")
    return {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}


@pytest.mark.parametrize(
    ("file", "requirements"),
    [
        ("run.txt", PROJECT["dependencies"] + EXTRAS["build"]),
        ("dev.txt", PROJECT["dependencies"] + EXTRAS["build"] + EXTRAS["dev"]),
    ],
)
def test_everything_asked_for_is_locked(file: str, requirements: list[str]) -> None:
    assert not asked(requirements) - locked(file), f"run `make lock`: requirements/{file} lacks these"
