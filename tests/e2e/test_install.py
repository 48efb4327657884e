"""From nothing: the wheel is built, installed into an empty environment, and the lamp is switched there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.homes.install import NotInstalled, _uv

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.full, pytest.mark.real_time]
LIMIT = 400
"""Seconds for one step."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `repartee` of an environment of its own, installed as a person does it."""
    folder = tmp_path_factory.mktemp("install")
    try:
        uv = _uv()
    except (NotInstalled, subprocess.SubprocessError) as error:
        pytest.skip(f"no uv to install with: {error}")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, timeout=LIMIT)  # noqa: S603
    (wheel,) = folder.glob("repartee_voice-*.whl")
    env = {**os.environ, "UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    install = [uv, "tool", "install", "-q", "--python", sys.executable, str(wheel)]
    subprocess.run(install, check=True, timeout=LIMIT, env=env)  # noqa: S603
    return folder / "bin" / "repartee"


def clean(folder: Path) -> dict[str, str]:
    """Nothing of the checkout is on the path."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "REPARTEE"))}
    return {**env, "HOME": str(folder), "REPARTEE_SYSTEM__DATA": str(folder / "data")}


def test_it_switches_the_lamp(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [installed, "ask", "turn on the bed light"],
        capture_output=True, text=True, timeout=LIMIT, cwd=tmp_path, env=clean(tmp_path), check=True,
    )  # fmt: skip
    assert "acted" in done.stdout


def test_it_serves_and_is_well(installed: Path, tmp_path: Path) -> None:
    server = subprocess.Popen(  # noqa: S603
        [installed, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=clean(tmp_path)
    )
    try:
        assert server.stdout
        url = re.findall(r"http://\S+", server.stdout.readline())[0]
        with urllib.request.urlopen(f"{url}health/live", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def test_what_an_extra_brings_is_not_there_without_it(installed: Path) -> None:
    site = next((installed.resolve().parents[1] / "lib").glob("python3*/site-packages"))
    there = {path.name for path in site.iterdir()}
    assert not there & {"plotly", "mcp", "openai", "xllamacpp", "torch", "pytest"}
