"""What is in packaging/: complete, of this version, and closed as far as it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from repartee import __version__
from repartee.app.cli.commands import COMMANDS
from repartee.core.distribution import EXTRAS, NAME

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"))
APP = PACKAGING / "home-assistant-app" / "repartee"
CONTAINER = (PACKAGING / "container" / "Containerfile").read_text("utf-8")
CLOSED = 3.0
"""Exposure (0 to 10) that `systemd-analyze security` may find."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_closed(unit: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze here")
    done = subprocess.run([tool, "security", "--offline=true", str(unit)], capture_output=True, text=True, timeout=60)  # noqa: S603
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= CLOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    started = re.search(r"^ExecStart=\S*/repartee (\w+)", unit.read_text("utf-8"), re.MULTILINE)
    assert started
    assert started[1] in COMMANDS


def test_the_container_runs_as_nobody_and_says_how_it_is() -> None:
    assert re.search(r"^USER repartee$", CONTAINER, re.MULTILINE)
    assert "HEALTHCHECK" in CONTAINER
    assert "/health/live" in CONTAINER
    assert re.search(r'^VOLUME \["/data"', CONTAINER, re.MULTILINE)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE):
        for name in copied.split():
            assert (ROOT / name).exists(), name


def test_the_app_is_of_this_version_and_its_options_are_used() -> None:
    config = yaml.safe_load((APP / "config.yaml").read_text("utf-8"))
    assert {"name", "version", "slug", "description", "arch"} <= set(config)
    assert config["version"] == __version__
    assert f"ARG VERSION={__version__}" in (APP / "Dockerfile").read_text("utf-8")
    assert f"{NAME}==" in (APP / "Dockerfile").read_text("utf-8")
    run = (APP / "run.sh").read_text("utf-8")
    assert set(config["schema"]) == set(config["options"]) == set(re.findall(r"option \.(\w+)", run))
    assert (APP / "DOCS.md").exists()


def test_the_apps_script_is_shell_and_names_settings_that_there_are() -> None:
    from repartee.assembly.settings import Settings

    shell = shutil.which("sh")
    assert shell
    subprocess.run([shell, "-n", str(APP / "run.sh")], check=True, timeout=10)  # noqa: S603
    for key in set(re.findall(r"REPARTEE_(\w+?)=", (APP / "run.sh").read_text("utf-8"))):
        model: object = Settings
        for part in key.lower().split("__"):
            fields = getattr(model, "model_fields", {})
            assert part in fields, key
            annotation = fields[part].annotation
            model = next(
                (one for one in getattr(annotation, "__args__", ()) if hasattr(one, "model_fields")), annotation
            )


def test_every_extra_is_documented() -> None:
    told = (ROOT / "docs" / "installing.md").read_text("utf-8")
    missing = [extra for extra in EXTRAS if f"`{extra}`" not in told]
    assert not missing
