"""NOTICE tells the licence of everything that is installed, and no hint installs a stranger's program."""

from __future__ import annotations

import re
import tomllib

import pytest

from repartee.core.distribution import EXTRAS, NAME, install, remedy
from tests.licences import ROOT, licence, locked, noticed

LEAVING = {"pyopen-wakeword"}
"""In the lock until it is renewed."""
SILENT = {"espeakng-loader": "GPL-3.0-or-later"}
"""Whose metadata says nothing; read in their sources."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOT_FOR_US = re.compile(r"\bNC\b|NonCommercial|SSPL|BUSL|Commons Clause|AGPL|Proprietary|non-commercial", re.IGNORECASE)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s\[<>=!;~]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("package", sorted({*locked(), *names(PROJECT["dependencies"])} - LEAVING))
def test_every_library_stands_in_notice_with_its_licence(package: str) -> None:
    told = licence(package) or SILENT.get(package)
    assert package in noticed(), f"NOTICE lacks {package}: {told}"
    if told:
        assert noticed()[package] == told


def test_every_extra_stands_in_notice_too() -> None:
    extras = {name for extra in EXTRAS for name in names(PROJECT["optional-dependencies"][extra])}
    assert extras <= set(noticed())
    for package in extras:
        assert licence(package) in (None, noticed()[package])


def test_nothing_stands_there_that_is_no_longer_installed() -> None:
    extras = {name for group in PROJECT["optional-dependencies"].values() for name in names(group)}
    assert set(noticed()) <= {*locked(), *names(PROJECT["dependencies"]), *extras}


def test_no_licence_forbids_to_use_it_for_money() -> None:
    assert not [package for package, told in noticed().items() if NOT_FOR_US.search(told)]
    everything = [*PROJECT["dependencies"], *(r for rs in PROJECT["optional-dependencies"].values() for r in rs)]
    assert "pyopen-wakeword" not in names(everything)


def test_the_name_is_the_projects_and_the_extras_are_those_that_a_person_may_want() -> None:
    assert PROJECT["name"] == NAME
    assert set(PROJECT["optional-dependencies"]) - {"dev", "build"} == EXTRAS
    assert PROJECT["scripts"] == {"repartee": "repartee.app.cli:main"}


def test_no_hint_installs_a_strangers_program() -> None:
    """`pip install repartee` would be somebody else's."""
    files = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
    ]
    for file in files:
        text = file.read_text("utf-8")
        hints = re.findall(r"pip\s+install\s+(?:-\S+\s+)*['\"]?repartee(?!-voice)\b[^\n]{0,20}", text)
        assert not hints, f"{file}: {hints}"
        assert "'repartee[" not in text, file
    assert install("voice") == f"pip install '{NAME}[voice]'"
    assert remedy("keyring") == install("keyring")
    assert "[" not in remedy("moonshine"), "there is no such extra"
